package io.gregor.compat.oracle;

import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchRequestData.ForgottenTopic;

/**
 * One fetch of {@link FetchOracleTest}: the same for both sides, but for ids. Immutable.
 *
 * @param first whether it is the first of its history
 * @param slowness how many times longer than usual it is waited
 */
record FetchOracleStep(long seed, short version, boolean first, int slowness) {
    private static final short FIRST_WITH_IDS = 13;

    FetchRequestData request(FetchOracleSide side, Map<String, Long> ends, boolean woken) {
        Random random = new Random(seed);
        FetchRequestData request = new FetchRequestData()
                .setReplicaId(-1)
                .setIsolationLevel((byte) random.nextInt(2))
                .setMinBytes(minBytes(random))
                .setMaxBytes(limit(random))
                .setMaxWaitMs(woken ? 500 * slowness : random.nextInt(3) == 0 ? 0 : 80 * slowness);
        boolean incremental = version >= 7 && session(random, side, request);
        int topics = incremental ? random.nextInt(3) : 1 + random.nextInt(5);
        List<String> names = List.copyOf(FetchOracleTest.TOPICS.keySet());
        for (int i = 0; i < topics; i++) {
            request.topics().add(topic(random, side, names.get(random.nextInt(names.size())), ends));
        }
        for (int i = incremental ? random.nextInt(3) : 0; i > 0; i--) {
            request.forgottenTopicsData().add(forgotten(random, side, names.get(random.nextInt(names.size()))));
        }
        return request;
    }

    /** Whether the request goes on with a session, or says so. */
    private boolean session(Random random, FetchOracleSide side, FetchRequestData request) {
        int kind = random.nextInt(first ? 3 : 14);
        switch (kind) {
            case 0 -> request.setSessionId(side.sessionId()).setSessionEpoch(-1);
            case 1, 2 -> request.setSessionId(side.sessionId()).setSessionEpoch(0);
            case 3 -> request.setSessionId(side.sessionId()).setSessionEpoch(side.sessionEpoch() + 1);
            case 4 -> request.setSessionId(1_000_000_007).setSessionEpoch(1);
            default -> request.setSessionId(side.sessionId()).setSessionEpoch(side.sessionEpoch());
        }
        return kind > 2;
    }

    private FetchTopic topic(Random random, FetchOracleSide side, String name, Map<String, Long> ends) {
        FetchTopic topic = new FetchTopic();
        if (version >= FIRST_WITH_IDS) {
            topic.setTopicId(side.id(name));
        } else {
            topic.setTopic(name);
        }
        for (int i = random.nextInt(3); i >= 0; i--) {
            int partitions = FetchOracleTest.TOPICS.get(name);
            int index = random.nextInt(15) == 0 ? partitions : random.nextInt(partitions);
            long end = ends.getOrDefault(name + "-" + index, 0L);
            FetchPartition partition = new FetchPartition()
                    .setPartition(index)
                    .setFetchOffset(offset(random, end))
                    .setPartitionMaxBytes(limit(random));
            if (version >= 9 && random.nextInt(20) == 0) {
                partition.setCurrentLeaderEpoch(1_000);
            }
            if (version >= 12 && random.nextInt(20) == 0) {
                partition.setLastFetchedEpoch(1_000);
            }
            topic.partitions().add(partition);
        }
        return topic;
    }

    private ForgottenTopic forgotten(Random random, FetchOracleSide side, String name) {
        ForgottenTopic topic =
                new ForgottenTopic().setPartitions(List.of(random.nextInt(FetchOracleTest.TOPICS.get(name))));
        return version >= FIRST_WITH_IDS ? topic.setTopicId(side.id(name)) : topic.setTopic(name);
    }

    private static long offset(Random random, long end) {
        return switch (random.nextInt(12)) {
            case 0 -> end + 1;
            case 1 -> -1;
            case 2, 3, 4, 5, 6 -> end;
            case 7 -> 0;
            default -> end == 0 ? 0 : random.nextLong(end);
        };
    }

    private static int limit(Random random) {
        return switch (random.nextInt(8)) {
            case 0 -> random.nextInt(3);
            case 1 -> random.nextInt(400);
            case 2 -> random.nextInt(4_000);
            case 3, 4 -> random.nextInt(100_000);
            case 5 -> Integer.MAX_VALUE;
            default -> 1 << 20;
        };
    }

    private static int minBytes(Random random) {
        return switch (random.nextInt(6)) {
            case 0 -> 0;
            case 1, 2 -> 1;
            case 3 -> random.nextInt(2_000);
            case 4 -> random.nextInt(100_000);
            default -> 1 << 20;
        };
    }
}

package io.gregor.compat.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.compat.GregorProcess;
import io.gregor.compat.KafkaProcess;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Histories of fetches by seed, step by step the same ones to Apache Kafka and to Gregor: random limits, offsets,
 * epochs and sessions over partitions that are there, are not there, are offline, come and go, and grow while a fetch
 * waits. Sizes, errors, offsets, and whether an answer waited (not for how long) must be the same.
 *
 * <p>A history in which the two differ is tried once more with much longer times: a slow machine makes this slow.
 */
@Tag("once")
class FetchOracleTest {
    static final Uuid NEVER_KNOWN = new Uuid(7, 7);

    private static final List<Integer> SEEDS = Seeds.of("oracle.fetches", 40, 1);
    private static final int MUCH_SLOWER = 12;
    /** Topics and how many partitions they have. */
    static final Map<String, Integer> TOPICS = new TreeMap<>(Map.of(
            "small", 3, "large", 2, "rolled", 1, "stable", 1, "trimmed", 1, "again", 2, "gone", 1, "off", 1, "never",
            1));

    private final Map<String, Long> ends = new HashMap<>();

    @Test
    void fetchesAreAnsweredAsByApacheKafka(@TempDir Path folder) throws Exception {
        Path theirOther = folder.resolve("kafka-b").toAbsolutePath();
        Path ourOther = folder.resolve("b").toAbsolutePath();
        String[] dirs = {
            "log.dirs=" + folder.resolve("kafka").toAbsolutePath() + "," + theirOther, "log.segment.bytes=1048576"
        };
        String[] ours = {
            "log.dirs=" + folder.resolve("a").toAbsolutePath() + "," + ourOther,
            "log.segment.bytes=1048576",
            "auto.create.topics.enable=false",
            "log.retention.ms=-1"
        };
        try (KafkaProcess kafka = KafkaProcess.start(folder, dirs);
                GregorProcess gregor = GregorProcess.start(folder, ours);
                FetchOracleSide theirSide = new FetchOracleSide(kafka.address(), kafka.port(), theirOther);
                FetchOracleSide ourSide = new FetchOracleSide(gregor.address(), gregor.port(), ourOther)) {
            compare(List.of(theirSide, ourSide));
        }
    }

    private void compare(List<FetchOracleSide> both) throws Exception {
        Map<String, String> differences = new LinkedHashMap<>();
        setUp(both);
        for (int seed : SEEDS) {
            List<String> difference = history(seed, 1, both);
            if (!difference.isEmpty()) {
                difference = history(seed, MUCH_SLOWER, both);
            }
            if (!difference.isEmpty()) {
                differences.putIfAbsent(kind(difference), "seed " + seed + String.join("", difference));
            }
        }
        assertThat(differences.values()).as(SEEDS.size() + " histories").isEmpty();
    }

    /** Differences of one kind are shown once. */
    private static String kind(List<String> difference) {
        return difference.get(difference.size() - 1).replaceAll("\\d{2,}", "#");
    }

    private void setUp(List<FetchOracleSide> both) throws Exception {
        Random random = new Random(17);
        for (FetchOracleSide side : both) {
            for (String topic : List.of("off", "small", "large", "rolled", "stable", "trimmed", "again", "gone")) {
                side.create(topic, TOPICS.get(topic), Map.of("max.message.bytes", "3000000"));
                side.move(topic, topic.equals("off"));
            }
            side.produceInTransactions("stable");
        }
        ends.put("stable-0", 11L);
        for (int i = 0; i < 60; i++) {
            append(both, "small", i % 2, batch(random, 300));
            append(both, "large", i % 2, batch(random, 30_000));
            append(both, "rolled", 0, batch(random, 60_000));
            append(both, "trimmed", 0, batch(random, 1000));
            append(both, "off", 0, batch(random, 100));
        }
        for (FetchOracleSide side : both) {
            side.trim("trimmed", 30);
            side.delete("gone");
            side.loseOtherFolder("off");
        }
    }

    private void append(List<FetchOracleSide> both, String topic, int partition, MemoryRecords batch) throws Exception {
        for (FetchOracleSide side : both) {
            side.produce(topic, partition, batch);
        }
        noteAppended(topic, partition, batch);
    }

    private void noteAppended(String topic, int partition, MemoryRecords batch) {
        long count = batch.batches().iterator().next().lastOffset() + 1;
        ends.merge(topic + "-" + partition, count, Long::sum);
    }

    private static MemoryRecords batch(Random random, int mostBytes) {
        SimpleRecord[] records = new SimpleRecord[1 + random.nextInt(3)];
        for (int i = 0; i < records.length; i++) {
            records[i] = new SimpleRecord(
                    1_795_000_000_000L,
                    null,
                    ByteBuffer.allocate(random.nextInt(mostBytes)).array());
        }
        return MemoryRecords.withRecords(Compression.NONE, records);
    }

    /** Runs a history; the answers up to the first that differ, or nothing. */
    private List<String> history(long seed, int slowness, List<FetchOracleSide> both) throws Exception {
        Random random = new Random(seed);
        short version = (short) (random.nextInt(4) == 0 ? 4 + random.nextInt(15) : 12 + random.nextInt(7));
        for (FetchOracleSide side : both) {
            side.beginHistory();
        }
        List<String> answers = new ArrayList<>();
        boolean same = true;
        int steps = 1 + random.nextInt(7);
        for (int i = 0; i < steps && same; i++) {
            if (random.nextInt(4) == 0) {
                append(both, "small", random.nextInt(3), batch(random, 300));
            } else if (random.nextInt(12) == 0) {
                comeOrGo(both);
            }
            same = fetch(new FetchOracleStep(random.nextLong(), version, i == 0, slowness), both, answers);
        }
        return same ? List.of() : answers;
    }

    /** Deletes or creates the topic that comes and goes. */
    private void comeOrGo(List<FetchOracleSide> both) throws Exception {
        boolean there = TOPICS.containsKey("again") && ends.remove("again is gone") == null;
        for (FetchOracleSide side : both) {
            if (there) {
                side.delete("again");
            } else {
                side.create("again", TOPICS.get("again"), Map.of());
            }
        }
        if (there) {
            ends.put("again is gone", 1L);
        }
    }

    private boolean fetch(FetchOracleStep step, List<FetchOracleSide> both, List<String> answers) throws Exception {
        Random random = new Random(step.seed() ^ 1);
        String wokenBy = random.nextInt(5) == 0 ? "small-" + random.nextInt(3) : null;
        MemoryRecords batch = batch(random, 300);
        List<CompletableFuture<String>> running = new ArrayList<>();
        String shown = "";
        for (FetchOracleSide side : both) {
            FetchRequestData request = step.request(side, ends, wokenBy != null);
            shown = request.toString()
                    .replaceAll(
                            "(clusterId|replicaState|logStartOffset|replicaDirectoryId|highWatermark)"
                                    + "=(ReplicaState\\(.*?\\)|[^,)]*)(, )?|(currentLeaderEpoch|lastFetchedEpoch)=-1, ",
                            "");
            FetchOracleSide.Append append =
                    wokenBy == null ? null : appended -> appended.produce("small", wokenBy.charAt(6) - '0', batch);
            running.add(CompletableFuture.supplyAsync(() -> {
                try {
                    return side.fetch(step.version(), request, 60 * step.slowness(), append);
                } catch (Exception e) {
                    throw new CompletionException(e);
                }
            }));
        }
        if (wokenBy != null) {
            noteAppended("small", wokenBy.charAt(6) - '0', batch);
        }
        String their = running.get(0).get();
        String our = running.get(1).get();
        boolean same = their.equals(our);
        answers.add("\n  version " + step.version() + (wokenBy == null ? " " : " and appended to " + wokenBy + ": ")
                + (same ? our.lines().findFirst().orElse("") : ""));
        if (!same) {
            answers.add("\n  " + shown);
            answers.add("\n  Kafka:  " + their + "\n  Gregor: " + our + "\n");
        }
        return same;
    }
}

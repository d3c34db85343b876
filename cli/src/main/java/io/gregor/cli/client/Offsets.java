package io.gregor.cli.client;

import io.gregor.wire.message.ApiKey;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.ListOffsetsRequest;
import io.gregor.wire.message.ListOffsetsRequest.ListOffsetsPartition;
import io.gregor.wire.message.ListOffsetsRequest.ListOffsetsTopic;
import io.gregor.wire.message.ListOffsetsResponse;
import io.gregor.wire.message.ListOffsetsResponse.ListOffsetsPartitionResponse;
import io.gregor.wire.message.ListOffsetsResponse.ListOffsetsTopicResponse;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Offsets of partitions by a time, asked of their leaders. Confined to the main thread. */
public final class Offsets {
    /** In place of a time: the end, behind the last record that is visible. */
    public static final long END = -1;
    /** In place of a time: the first record that is still there. */
    public static final long BEGINNING = -2;

    private final Cluster cluster;
    private final boolean committedOnly;

    /** @param committedOnly whether the end is that for consumers that read committed records only */
    public Offsets(Cluster cluster, boolean committedOnly) {
        this.cluster = cluster;
        this.committedOnly = committedOnly;
    }

    /** The same time for several partitions: see {@link #of(Map)}. */
    public SortedMap<TopicPartition, Long> of(Collection<TopicPartition> partitions, long time) {
        Map<TopicPartition, Long> times = new TreeMap<>();
        partitions.forEach(partition -> times.put(partition, time));
        return of(times);
    }

    /** The same for those partitions that have a leader; the others are left out. */
    public SortedMap<TopicPartition, Long> ofThoseWithLeader(Collection<TopicPartition> partitions, long time) {
        Map<TopicPartition, Integer> leaders = cluster.retrying(() -> Leaders.of(cluster, partitions));
        return of(
                leaders.keySet().stream()
                        .filter(partition -> leaders.getOrDefault(partition, -1) >= 0)
                        .toList(),
                time);
    }

    /**
     * The offset of the first record at or after a time in ms, -1 where there is none; or {@link #BEGINNING}, {@link
     * #END}.
     *
     * @throws ClientException if a partition does not exist, or has no leader
     */
    public SortedMap<TopicPartition, Long> of(Map<TopicPartition, Long> times) {
        return cluster.retrying(() -> {
            SortedMap<TopicPartition, Long> offsets = new TreeMap<>();
            Map<TopicPartition, Integer> leaders = Leaders.of(cluster, times.keySet());
            Map<Integer, List<TopicPartition>> byLeader = new TreeMap<>();
            leaders.forEach((partition, leader) -> {
                if (leader < 0) {
                    throw Leaders.none(partition);
                }
                byLeader.computeIfAbsent(leader, key -> new ArrayList<>()).add(partition);
            });
            byLeader.forEach((leader, partitions) -> offsets.putAll(ask(leader, partitions, times)));
            return offsets;
        });
    }

    private Map<TopicPartition, Long> ask(
            int leader, List<TopicPartition> partitions, Map<TopicPartition, Long> times) {
        Map<String, List<ListOffsetsPartition>> byTopic = new TreeMap<>();
        for (TopicPartition partition : partitions) {
            byTopic.computeIfAbsent(partition.topic(), key -> new ArrayList<>())
                    .add(new ListOffsetsPartition()
                            .partitionIndex(partition.partition())
                            .timestamp(times.getOrDefault(partition, END)));
        }
        List<ListOffsetsTopic> topics = new ArrayList<>();
        byTopic.forEach(
                (name, asked) -> topics.add(new ListOffsetsTopic().name(name).partitions(asked)));
        ListOffsetsRequest request = new ListOffsetsRequest()
                .replicaId(-1)
                .isolationLevel((byte) (committedOnly ? 1 : 0))
                .timeoutMs(cluster.settings().requestTimeoutMs())
                .topics(topics);
        Map<TopicPartition, Long> offsets = new HashMap<>();
        for (ListOffsetsTopicResponse topic : cluster.broker(
                        leader, ApiKey.LIST_OFFSETS, request, 0, ListOffsetsResponse.class)
                .topics()) {
            for (ListOffsetsPartitionResponse one : topic.partitions()) {
                TopicPartition partition = new TopicPartition(topic.name(), one.partitionIndex());
                throwIfError(one.errorCode(), partition);
                offsets.put(partition, one.offset());
            }
        }
        for (TopicPartition partition : partitions) {
            if (!offsets.containsKey(partition)) {
                throw new ClientException("broker " + leader + " did not say the offset of " + partition);
            }
        }
        return offsets;
    }

    private static void throwIfError(short code, TopicPartition partition) {
        // The metadata knew it a moment ago.
        boolean notYet = code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION.code();
        short shown = notYet ? ErrorCode.NOT_LEADER_OR_FOLLOWER.code() : code;
        BrokerException.throwIfError(shown, null, "partition " + partition);
    }
}

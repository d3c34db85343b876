package io.gregor.cli.client;

import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** How far a group is, in each partition that it has committed or that a member has. Confined to the main thread. */
public final class Lag {
    private final SortedMap<TopicPartition, Long> committed;
    private final SortedMap<TopicPartition, Long> begin = new TreeMap<>();
    private final SortedMap<TopicPartition, Long> end = new TreeMap<>();
    private final SortedSet<TopicPartition> partitions = new TreeSet<>();

    private Lag(SortedMap<TopicPartition, Long> committed) {
        this.committed = committed;
    }

    /** Of partitions whose topic is gone only what was committed is known. */
    public static Lag of(Cluster cluster, Group group) {
        Lag lag = new Lag(new GroupOffsets(new GroupCoordinator(cluster, group.id())).all());
        lag.partitions.addAll(lag.committed.keySet());
        group.members().forEach(member -> lag.partitions.addAll(member.assigned()));
        TreeSet<TopicPartition> there = new TreeSet<>();
        for (Topic topic : lag.partitions.isEmpty() ? List.<Topic>of() : Topic.all(cluster)) {
            topic.partitions().forEach(one -> there.add(new TopicPartition(topic.name(), one.index())));
        }
        there.retainAll(lag.partitions);
        Offsets offsets = new Offsets(cluster, false);
        lag.begin.putAll(offsets.ofThoseWithLeader(there, Offsets.BEGINNING));
        lag.end.putAll(offsets.ofThoseWithLeader(there, Offsets.END));
        return lag;
    }

    public SortedMap<TopicPartition, Long> committed() {
        return committed;
    }

    public SortedMap<TopicPartition, Long> begin() {
        return begin;
    }

    public SortedMap<TopicPartition, Long> end() {
        return end;
    }

    public SortedSet<TopicPartition> partitions() {
        return partitions;
    }

    /** How many offsets are before the group in one partition; -1 where that is not known. */
    public long of(TopicPartition partition) {
        Long to = end.get(partition);
        Long from = committed.get(partition);
        return to == null || from == null ? -1 : Math.max(0, to - from);
    }

    /** Of all partitions of which it is known. */
    public long total() {
        return partitions.stream().mapToLong(this::of).filter(lag -> lag > 0).sum();
    }

    /** Those of which it is not known: the group has committed nothing, or nobody says where they end. */
    public SortedSet<TopicPartition> unknown() {
        SortedSet<TopicPartition> unknown = new TreeSet<>(partitions);
        unknown.removeIf(partition -> of(partition) >= 0);
        return unknown;
    }

    /** The sum, with what is not known in it. */
    @Override
    public String toString() {
        int unknown = unknown().size();
        if (unknown == partitions.size()) {
            return "unknown";
        }
        return total() + (unknown == 0 ? "" : " and unknown in " + unknown);
    }
}

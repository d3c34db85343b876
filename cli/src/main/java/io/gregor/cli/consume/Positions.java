package io.gregor.cli.consume;

import io.gregor.cli.client.ClientException;
import io.gregor.cli.client.Cluster;
import io.gregor.cli.client.Leaders;
import io.gregor.cli.client.Offsets;
import io.gregor.cli.client.TopicPartition;
import java.util.Collection;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Where a reader is in its partitions, and where they end. Confined to the main thread. Those without a leader have no
 * position until they have one.
 */
final class Positions {
    private final Cluster cluster;
    private final Offsets offsets;
    private final Troubles troubles;
    private final boolean follow;
    private final Function<Collection<TopicPartition>, SortedMap<TopicPartition, Long>> begin;
    private final SortedMap<TopicPartition, Long> next = new TreeMap<>();
    private final SortedMap<TopicPartition, Long> end = new TreeMap<>();
    private final SortedSet<TopicPartition> waiting = new TreeSet<>();

    /**
     * @param follow whether there is no end
     * @param begin where to begin in partitions that have a leader
     */
    Positions(
            Cluster cluster,
            Offsets offsets,
            Troubles troubles,
            boolean follow,
            Function<Collection<TopicPartition>, SortedMap<TopicPartition, Long>> begin) {
        this.cluster = cluster;
        this.offsets = offsets;
        this.troubles = troubles;
        this.follow = follow;
        this.begin = begin;
    }

    /** Where to go on; not to be changed. */
    SortedMap<TopicPartition, Long> next() {
        return next;
    }

    /** These are to be read, too. */
    void add(Collection<TopicPartition> partitions) {
        waiting.addAll(partitions);
        waiting.removeAll(next.keySet());
        findBegin();
    }

    /** Finds out where to begin in partitions that had no leader, if they have one by now. */
    void findBegin() {
        if (waiting.isEmpty()) {
            return;
        }
        Map<TopicPartition, Integer> leaders = cluster.retrying(() -> Leaders.of(cluster, waiting));
        Map<TopicPartition, ClientException> without = new TreeMap<>();
        leaders.forEach((partition, leader) -> {
            if (leader < 0) {
                without.put(partition, Leaders.none(partition));
            }
        });
        troubles.settle(waiting, without);
        TreeSet<TopicPartition> found = new TreeSet<>(waiting);
        found.removeAll(without.keySet());
        if (!found.isEmpty()) {
            SortedMap<TopicPartition, Long> begins = begin.apply(found);
            if (!follow) {
                end.putAll(offsets.of(found, Offsets.END));
            }
            next.putAll(begins);
            waiting.removeAll(found);
        }
    }

    /** Goes on behind what was printed. */
    void advance(Map<TopicPartition, Long> printed) {
        next.putAll(printed);
    }

    /** Forgets all others. */
    void retain(Collection<TopicPartition> partitions) {
        next.keySet().retainAll(partitions);
        end.keySet().retainAll(partitions);
        waiting.retainAll(partitions);
        troubles.forget();
    }

    /** Whether each partition was read to its end; not while there is none. */
    boolean isAtEnd() {
        return !follow
                && waiting.isEmpty()
                && !next.isEmpty()
                && next.entrySet().stream().allMatch(one -> one.getValue() >= end.getOrDefault(one.getKey(), 0L));
    }
}

package io.gregor.coordinator;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The offsets that the groups of a shard committed: those that count, and pending ones of open transactions. Confined
 * to the shard's lane. Every look-up and change of one partition takes constant time.
 */
final class CommittedOffsets {
    private final Map<String, Map<TopicPartition, CommittedOffset>> committed = new HashMap<>();
    /** By producer and group. */
    private final Map<Long, Map<String, Map<TopicPartition, CommittedOffset>>> pending = new HashMap<>();
    /** The producers that have a pending offset, by group and partition. */
    private final Map<String, Map<TopicPartition, Set<Long>>> producers = new HashMap<>();

    /** The offsets of the group that count; empty if it never committed any. */
    Map<TopicPartition, CommittedOffset> of(String groupId) {
        return committed.getOrDefault(groupId, Map.of());
    }

    /** Whether an open transaction has committed an offset of that partition. */
    boolean isPending(String groupId, TopicPartition partition) {
        return producers.getOrDefault(groupId, Map.of()).containsKey(partition);
    }

    /** Whether the group has committed an offset of that partition, pending ones included. */
    boolean contains(String groupId, TopicPartition partition) {
        return of(groupId).containsKey(partition) || isPending(groupId, partition);
    }

    /** The partitions of which the group has committed offsets, pending ones included. */
    List<TopicPartition> partitionsOf(String groupId) {
        Set<TopicPartition> partitions = new LinkedHashSet<>(of(groupId).keySet());
        partitions.addAll(producers.getOrDefault(groupId, Map.of()).keySet());
        return List.copyOf(partitions);
    }

    /** How many partitions {@link #partitionsOf} has. */
    int count(String groupId) {
        Map<TopicPartition, CommittedOffset> counting = of(groupId);
        Set<TopicPartition> open = producers.getOrDefault(groupId, Map.of()).keySet();
        return counting.size()
                + (int) open.stream()
                        .filter(partition -> !counting.containsKey(partition))
                        .count();
    }

    /** @param producerId of the open transaction in which the offset is committed, or -1 */
    void put(String groupId, TopicPartition partition, CommittedOffset offset, long producerId) {
        if (producerId < 0) {
            committed.computeIfAbsent(groupId, id -> new LinkedHashMap<>()).put(partition, offset);
            return;
        }
        pending.computeIfAbsent(producerId, id -> new HashMap<>())
                .computeIfAbsent(groupId, id -> new LinkedHashMap<>())
                .put(partition, offset);
        producers
                .computeIfAbsent(groupId, id -> new HashMap<>())
                .computeIfAbsent(partition, key -> new HashSet<>(2))
                .add(producerId);
    }

    /**
     * Takes the pending offsets of a transaction that has ended, by group. Those of them that are newer than what is
     * committed are to be {@link #put} if the transaction was committed.
     */
    Map<String, Map<TopicPartition, CommittedOffset>> endTransaction(long producerId) {
        Map<String, Map<TopicPartition, CommittedOffset>> ended =
                Objects.requireNonNullElse(pending.remove(producerId), Map.of());
        ended.forEach((groupId, offsets) ->
                offsets.keySet().forEach(partition -> forgetProducer(groupId, partition, producerId)));
        return ended;
    }

    private void forgetProducer(String groupId, TopicPartition partition, long producerId) {
        Map<TopicPartition, Set<Long>> ofGroup = producers.get(groupId);
        Set<Long> ofPartition = ofGroup == null ? null : ofGroup.get(partition);
        if (ofGroup == null || ofPartition == null) {
            return;
        }
        ofPartition.remove(producerId);
        if (ofPartition.isEmpty()) {
            removeFrom(producers, groupId, ofGroup, partition);
        }
    }

    /** Whether the offset was stored behind the one that counts now, so that it takes its place. */
    boolean isNewest(String groupId, TopicPartition partition, CommittedOffset offset) {
        CommittedOffset known = of(groupId).get(partition);
        return known == null || known.recordOffset() < offset.recordOffset();
    }

    /** Forgets what the group committed for the partition, pending offsets included. */
    void forget(String groupId, TopicPartition partition) {
        Map<TopicPartition, Set<Long>> open = producers.get(groupId);
        Set<Long> ofPartition = open == null ? null : open.remove(partition);
        if (ofPartition != null) {
            ofPartition.forEach(producerId -> forgetPending(producerId, groupId, partition));
        }
        if (open != null && open.isEmpty()) {
            producers.remove(groupId);
        }
        removeFrom(committed, groupId, committed.get(groupId), partition);
    }

    private void forgetPending(long producerId, String groupId, TopicPartition partition) {
        Map<String, Map<TopicPartition, CommittedOffset>> ofProducer = pending.get(producerId);
        if (ofProducer != null) {
            removeFrom(ofProducer, groupId, ofProducer.get(groupId), partition);
            if (ofProducer.isEmpty()) {
                pending.remove(producerId);
            }
        }
    }

    /** Removes one partition, and the whole group with its last one. */
    private static <V> void removeFrom(
            Map<String, Map<TopicPartition, V>> all,
            String groupId,
            @Nullable Map<TopicPartition, V> ofGroup,
            TopicPartition partition) {
        if (ofGroup != null) {
            ofGroup.remove(partition);
            if (ofGroup.isEmpty()) {
                all.remove(groupId);
            }
        }
    }
}

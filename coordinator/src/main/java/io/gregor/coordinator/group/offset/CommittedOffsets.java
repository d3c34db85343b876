package io.gregor.coordinator.group.offset;

import io.gregor.coordinator.runtime.Footprint;
import io.gregor.coordinator.runtime.StateMemory;
import io.gregor.coordinator.runtime.TopicPartition;
import io.gregor.wire.Uuid;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The offsets that the groups of a shard committed: those that count, and pending ones of open transactions. Confined
 * to the shard's lane. Every look-up and change of one partition takes constant time; what they take is counted in the
 * shard's memory.
 */
public final class CommittedOffsets {
    private static final long NO_PRODUCER = -1;

    private final StateMemory memory;
    private final ByGroup committed = new ByGroup(0);
    private final Map<Long, ByGroup> pending = new HashMap<>();
    /** The producers that have a pending offset, by group and partition. */
    private final Map<String, Map<TopicPartition, Set<Long>>> producers = new HashMap<>();

    CommittedOffsets(StateMemory memory) {
        this.memory = memory;
    }

    /** Offsets by group and partition, counted in the shard's memory. */
    private final class ByGroup {
        private final Map<String, Map<TopicPartition, CommittedOffset>> all = new HashMap<>();
        private final int moreBytesEach;

        /** @param moreBytesEach what an offset takes besides */
        ByGroup(int moreBytesEach) {
            this.moreBytesEach = moreBytesEach;
        }

        Map<TopicPartition, CommittedOffset> of(String groupId) {
            return all.getOrDefault(groupId, Map.of());
        }

        private static long bytes(String groupId) {
            return Footprint.of(groupId) + Footprint.ENTRY + Footprint.MAP;
        }

        long bytes(TopicPartition partition, @Nullable CommittedOffset offset) {
            return offset == null ? 0 : offset.bytes(partition) + moreBytesEach;
        }

        long growth(String groupId, List<OffsetChange> changes) {
            Map<TopicPartition, CommittedOffset> before = of(groupId);
            long growth = before.isEmpty() ? bytes(groupId) : 0;
            for (OffsetChange change : changes) {
                TopicPartition partition = change.partition();
                growth += bytes(partition, change.committed()) - bytes(partition, before.get(partition));
            }
            return growth;
        }

        void put(String groupId, TopicPartition partition, CommittedOffset offset) {
            Map<TopicPartition, CommittedOffset> ofGroup = all.get(groupId);
            if (ofGroup == null) {
                ofGroup = new LinkedHashMap<>();
                all.put(groupId, ofGroup);
                memory.change(bytes(groupId));
            }
            CommittedOffset before = ofGroup.put(partition, offset);
            memory.change(bytes(partition, offset) - bytes(partition, before));
        }

        void remove(String groupId, TopicPartition partition) {
            Map<TopicPartition, CommittedOffset> ofGroup = all.get(groupId);
            if (ofGroup == null) {
                return;
            }
            memory.change(-bytes(partition, ofGroup.remove(partition)));
            if (ofGroup.isEmpty()) {
                all.remove(groupId);
                memory.change(-bytes(groupId));
            }
        }

        /** None of them counts any more. */
        void countNoMore() {
            all.forEach((groupId, offsets) -> {
                offsets.forEach((partition, offset) -> memory.change(-bytes(partition, offset)));
                memory.change(-bytes(groupId));
            });
        }
    }

    /** The offsets of the group that count; empty if it never committed any. */
    public Map<TopicPartition, CommittedOffset> of(String groupId) {
        return committed.of(groupId);
    }

    /** Whether an open transaction has committed an offset of that partition. */
    boolean isPending(String groupId, TopicPartition partition) {
        return pendingOf(groupId).containsKey(partition);
    }

    private Map<TopicPartition, Set<Long>> pendingOf(String groupId) {
        return producers.getOrDefault(groupId, Map.of());
    }

    /** Whether the group has committed an offset of that partition, pending ones included. */
    boolean contains(String groupId, TopicPartition partition) {
        return of(groupId).containsKey(partition) || isPending(groupId, partition);
    }

    /** The partitions of which the group has committed offsets, pending ones included. */
    List<TopicPartition> partitionsOf(String groupId) {
        Set<TopicPartition> partitions = new LinkedHashSet<>(of(groupId).keySet());
        partitions.addAll(pendingOf(groupId).keySet());
        return List.copyOf(partitions);
    }

    /** As {@link #partitionsOf}, with less memory: those of which some are pending may come twice. */
    List<TopicPartition> partitionsAsOfNow(String groupId) {
        List<TopicPartition> partitions = new ArrayList<>(of(groupId).keySet());
        partitions.addAll(pendingOf(groupId).keySet());
        return partitions;
    }

    /**
     * Forgets those offsets of a partition, committed and pending, that were committed for a topic that is gone, unless
     * all of them were: a record that deletes them would delete the others as well. Whether all were.
     *
     * @param isGone given the id that an offset was committed for, zero if none is known
     */
    boolean allAreGone(String groupId, TopicPartition partition, Predicate<Uuid> isGone) {
        CommittedOffset counting = of(groupId).get(partition);
        List<Long> gone = new ArrayList<>();
        int open = 0;
        for (long producerId : pendingOf(groupId).getOrDefault(partition, Set.of())) {
            CommittedOffset offset = pendingOf(producerId).of(groupId).get(partition);
            open++;
            if (offset != null && isGone.test(offset.topicId())) {
                gone.add(producerId);
            }
        }
        boolean countingIsGone = counting != null && isGone.test(counting.topicId());
        boolean all = gone.size() == open && (counting == null || countingIsGone);
        if (all) {
            return countingIsGone || !gone.isEmpty();
        }
        gone.forEach(producerId -> forgetPending(groupId, partition, producerId));
        if (countingIsGone) {
            committed.remove(groupId, partition);
        }
        return false;
    }

    /** How many partitions {@link #partitionsOf} has. */
    public int count(String groupId) {
        Map<TopicPartition, CommittedOffset> counting = of(groupId);
        long pendingOnly = pendingOf(groupId).keySet().stream()
                .filter(partition -> !counting.containsKey(partition))
                .count();
        return counting.size() + (int) pendingOnly;
    }

    /**
     * How many bytes more are taken once these offsets are {@link #put}.
     *
     * @param producerId of the open transaction in which they are committed, or -1
     */
    long growth(String groupId, List<OffsetChange> changes, long producerId) {
        return (producerId == NO_PRODUCER ? committed : pendingOf(producerId)).growth(groupId, changes);
    }

    private ByGroup pendingOf(long producerId) {
        ByGroup known = pending.get(producerId);
        return known == null ? new ByGroup(Footprint.MAP + 2 * Footprint.ENTRY) : known;
    }

    /** @param producerId of the open transaction in which the offset is committed, or -1 */
    void put(String groupId, TopicPartition partition, CommittedOffset offset, long producerId) {
        if (producerId == NO_PRODUCER) {
            committed.put(groupId, partition, offset);
            return;
        }
        ByGroup ofProducer = pendingOf(producerId);
        pending.put(producerId, ofProducer);
        ofProducer.put(groupId, partition, offset);
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
        ByGroup ended = pending.remove(producerId);
        if (ended == null) {
            return Map.of();
        }
        ended.countNoMore();
        ended.all.forEach((groupId, offsets) ->
                offsets.keySet().forEach(partition -> forgetProducer(groupId, partition, producerId)));
        return ended.all;
    }

    private void forgetProducer(String groupId, TopicPartition partition, long producerId) {
        Map<TopicPartition, Set<Long>> ofGroup = producers.get(groupId);
        Set<Long> ofPartition = ofGroup == null ? null : ofGroup.get(partition);
        if (ofGroup == null || ofPartition == null) {
            return;
        }
        ofPartition.remove(producerId);
        if (ofPartition.isEmpty()) {
            ofGroup.remove(partition);
        }
        if (ofGroup.isEmpty()) {
            producers.remove(groupId);
        }
    }

    /** Whether the offset was stored behind the one that counts now, so that it takes its place. */
    boolean isNewest(String groupId, TopicPartition partition, CommittedOffset offset) {
        CommittedOffset known = of(groupId).get(partition);
        return known == null || known.recordOffset() < offset.recordOffset();
    }

    /** Forgets what the group committed for the partition, pending offsets included. */
    void forget(String groupId, TopicPartition partition) {
        for (long producerId : List.copyOf(pendingOf(groupId).getOrDefault(partition, Set.of()))) {
            forgetPending(groupId, partition, producerId);
        }
        committed.remove(groupId, partition);
    }

    private void forgetPending(String groupId, TopicPartition partition, long producerId) {
        ByGroup ofProducer = pendingOf(producerId);
        ofProducer.remove(groupId, partition);
        if (ofProducer.all.isEmpty()) {
            pending.remove(producerId);
        }
        forgetProducer(groupId, partition, producerId);
    }
}

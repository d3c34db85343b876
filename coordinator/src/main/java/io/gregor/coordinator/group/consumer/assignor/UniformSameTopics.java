package io.gregor.coordinator.group.consumer.assignor;

import io.gregor.coordinator.group.consumer.assignor.Assignor.Subscriber;
import io.gregor.wire.Uuid;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToIntFunction;

/**
 * The uniform assignment where all members subscribe to the same topics: everybody keeps what he has up to his share,
 * and what is free then goes to those who have less. Used once.
 */
final class UniformSameTopics {
    private record Free(Uuid topic, int partition) {}

    /** A member's partitions, and how many more it is to get. */
    private record Wanting(Map<Uuid, Set<Integer>> own, int more) {}

    private final Map<String, Subscriber> members;
    private final Set<Uuid> topics;
    private final List<Free> free = new ArrayList<>();
    private final Map<String, Map<Uuid, Set<Integer>>> assignment = new HashMap<>();
    private final List<Wanting> wanting = new ArrayList<>();

    private final int share;
    private int oneMore;

    UniformSameTopics(Map<String, Subscriber> members, ToIntFunction<Uuid> partitions) {
        this.members = members;
        topics = new HashSet<>(members.values().iterator().next().topics());
        Map<Uuid, Set<Integer>> taken = new HashMap<>();
        members.values()
                .forEach(member -> member.current()
                        .forEach((topic, own) -> taken.computeIfAbsent(topic, id -> new HashSet<>())
                                .addAll(own)));
        int all = 0;
        for (Uuid topic : topics) {
            int count = partitions.applyAsInt(topic);
            Set<Integer> takenOfTopic = taken.getOrDefault(topic, Set.of());
            for (int i = 0; i < count; i++) {
                if (!takenOfTopic.contains(i)) {
                    free.add(new Free(topic, i));
                }
            }
            all += count;
        }
        share = all / members.size();
        oneMore = all % members.size();
    }

    Map<String, Map<Uuid, Set<Integer>>> assign() {
        int left = members.size();
        for (Map.Entry<String, Subscriber> member : members.entrySet()) {
            keep(member.getKey(), member.getValue().current(), left--);
        }
        int next = 0;
        for (Wanting member : wanting) {
            int end = Math.min(free.size(), next + member.more());
            for (Free partition : free.subList(next, end)) {
                member.own()
                        .computeIfAbsent(partition.topic(), id -> new HashSet<>())
                        .add(partition.partition());
            }
            next = end;
        }
        return assignment;
    }

    /**
     * Lets a member keep what it has, up to its share; the rest is free then.
     *
     * @param left how many members have not had their turn, this one included
     */
    private void keep(String memberId, Map<Uuid, Set<Integer>> current, int left) {
        boolean getsOneMore = oneMore > 0;
        int room = share + (getsOneMore ? 1 : 0);
        Map<Uuid, Set<Integer>> kept = new HashMap<>();
        for (Map.Entry<Uuid, Set<Integer>> topic : current.entrySet()) {
            if (!topics.contains(topic.getKey())) {
                continue;
            }
            Set<Integer> keptOfTopic = new HashSet<>();
            for (int partition : topic.getValue()) {
                if (room > 0) {
                    keptOfTopic.add(partition);
                    room--;
                } else {
                    free.add(new Free(topic.getKey(), partition));
                }
            }
            if (!keptOfTopic.isEmpty()) {
                kept.put(topic.getKey(), keptOfTopic);
            }
        }
        // One who is not full leaves the larger share to the others, as long as there are enough of them.
        if (room > 0 && getsOneMore && left > oneMore) {
            room--;
            getsOneMore = false;
        }
        if (room > 0) {
            wanting.add(new Wanting(kept, room));
        }
        if (getsOneMore) {
            oneMore--;
        }
        assignment.put(memberId, kept);
    }
}

package io.gregor.coordinator.group.consumer.assignor;

import io.gregor.wire.Uuid;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToIntFunction;

/**
 * Gives each subscriber of a topic one run of neighbouring partitions, the same one of every topic with as many
 * partitions and subscribers. Static members come first, by their instance ids, so that they keep their runs.
 */
public final class RangeAssignor implements Assignor {
    @Override
    public String name() {
        return "range";
    }

    @Override
    public Map<String, Map<Uuid, Set<Integer>>> assign(
            Map<String, Subscriber> members, boolean homogeneous, ToIntFunction<Uuid> partitions) {
        Map<String, Map<Uuid, Set<Integer>>> assignment = new HashMap<>();
        Map<Uuid, List<Map<Uuid, Set<Integer>>>> subscribers = new HashMap<>();
        for (Map.Entry<String, Subscriber> member : inOrder(members)) {
            Map<Uuid, Set<Integer>> own = new HashMap<>();
            assignment.put(member.getKey(), own);
            for (Uuid topic : member.getValue().topics()) {
                subscribers.computeIfAbsent(topic, id -> new ArrayList<>()).add(own);
            }
        }
        subscribers.forEach((topic, assignments) -> {
            int count = partitions.applyAsInt(topic);
            int next = 0;
            for (int i = 0; i < assignments.size() && next < count; i++) {
                int size = count / assignments.size() + (i < count % assignments.size() ? 1 : 0);
                Set<Integer> run = new HashSet<>();
                for (int end = next + size; next < end; next++) {
                    run.add(next);
                }
                assignments.get(i).put(topic, run);
            }
        });
        return assignment;
    }

    private static List<Map.Entry<String, Subscriber>> inOrder(Map<String, Subscriber> members) {
        Comparator<Map.Entry<String, Subscriber>> byInstance = Comparator.comparing(
                member -> member.getValue().instanceId(), Comparator.nullsLast(Comparator.naturalOrder()));
        List<Map.Entry<String, Subscriber>> sorted = new ArrayList<>(members.entrySet());
        sorted.sort(byInstance.thenComparing(Map.Entry.comparingByKey()));
        return sorted;
    }
}

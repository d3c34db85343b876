package io.gregor.coordinator.group.consumer.assignor;

import io.gregor.wire.Uuid;
import java.util.Map;
import java.util.Set;
import java.util.function.ToIntFunction;

/** Gives all members as equal a number of partitions as can be, and moves no more partitions than that takes. */
public final class UniformAssignor implements Assignor {
    @Override
    public String name() {
        return "uniform";
    }

    @Override
    public Map<String, Map<Uuid, Set<Integer>>> assign(
            Map<String, Subscriber> members, boolean homogeneous, ToIntFunction<Uuid> partitions) {
        if (members.values().stream().allMatch(member -> member.topics().isEmpty())) {
            return Map.of();
        }
        return homogeneous
                ? new UniformSameTopics(members, partitions).assign()
                : new UniformMixedTopics(members, partitions).assign();
    }
}

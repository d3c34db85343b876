package io.gregor.coordinator.group.consumer.assignor;

import io.gregor.wire.Uuid;
import java.util.Map;
import java.util.Set;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Decides who of a group's members reads which partitions. The results are those of Apache Kafka's assignors, given
 * maps that iterate in the same order. Stateless.
 */
public interface Assignor {
    /**
     * A member as an assignor sees it.
     *
     * @param topics what it subscribes to; topics that do not exist are not among them
     * @param current its partitions up to now, by topic
     */
    record Subscriber(@Nullable String instanceId, Set<Uuid> topics, Map<Uuid, Set<Integer>> current) {}

    /** What members name it by. */
    String name();

    /**
     * The partitions of every member, by topic.
     *
     * @param homogeneous whether all members subscribe to the same topics
     * @param partitions how many partitions a topic has
     */
    Map<String, Map<Uuid, Set<Integer>>> assign(
            Map<String, Subscriber> members, boolean homogeneous, ToIntFunction<Uuid> partitions);
}

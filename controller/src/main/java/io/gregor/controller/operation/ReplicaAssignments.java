package io.gregor.controller.operation;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Why a partition cannot have the replicas that a client wants, in Kafka's words. */
final class ReplicaAssignments {
    static final String ALL_CORDONED = "All brokers are currently fenced, or have all their log directories cordoned.";

    private ReplicaAssignments() {}

    static String tooMany(int replicas) {
        return "The target replication factor of " + replicas
                + " cannot be reached because only 1 broker(s) are registered"
                + " or some brokers have all their log directories cordoned.";
    }

    /** Why a partition cannot have these replicas on a cluster of that one broker, or null if it can. */
    static @Nullable String objection(List<Integer> replicas, int brokerId) {
        if (replicas.isEmpty()) {
            return "The manual partition assignment includes an empty replica list.";
        }
        List<Integer> sorted = replicas.stream().sorted().toList();
        for (int i = 0; i < sorted.size(); i++) {
            int replica = sorted.get(i);
            if (replica != brokerId) {
                return "The manual partition assignment includes broker " + replica
                        + ", but no such broker is registered.";
            }
            if (i > 0) {
                return "The manual partition assignment includes the broker " + replica + " more than once.";
            }
        }
        return null;
    }
}

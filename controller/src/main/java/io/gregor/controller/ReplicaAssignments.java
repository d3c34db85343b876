package io.gregor.controller;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Checks the replicas that a client chose for a partition. */
final class ReplicaAssignments {
    record Objection(String message) {}

    private ReplicaAssignments() {}

    /** Why a partition cannot have these replicas on a cluster of that one broker, or null if it can. */
    static @Nullable Objection objection(List<Integer> replicas, int brokerId) {
        if (replicas.isEmpty()) {
            return new Objection("The manual partition assignment includes an empty replica list.");
        }
        List<Integer> sorted = replicas.stream().sorted().toList();
        for (int i = 0; i < sorted.size(); i++) {
            int replica = sorted.get(i);
            if (replica != brokerId) {
                return new Objection("The manual partition assignment includes broker " + replica
                        + ", but no such broker is registered.");
            }
            if (i > 0) {
                return new Objection(
                        "The manual partition assignment includes the broker " + replica + " more than once.");
            }
        }
        return null;
    }
}

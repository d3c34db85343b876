package io.gregor.coordinator.group.consumer;

import io.gregor.coordinator.group.consumer.ConsumerMember.CurrentAssignment;
import io.gregor.coordinator.group.consumer.ConsumerMember.State;
import io.gregor.coordinator.runtime.ApiException;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.ErrorCode;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Brings a member nearer to its target assignment (KIP-848). It first has to give up what is no longer its own, and to
 * say so; then it gets what nobody else has; what others still have comes later, piece by piece.
 *
 * @param targetEpoch of the target assignment
 * @param subscriptionChanged whether the member reads other topics than before
 * @param isSubscribed whether the member reads that topic
 * @param owners who has which partition
 * @param owned what the member says it has, by topic; null if it says nothing
 */
record Reconciliation(
        int targetEpoch,
        Map<Uuid, Set<Integer>> target,
        boolean subscriptionChanged,
        Predicate<Uuid> isSubscribed,
        Owners owners,
        @Nullable Map<Uuid, Set<Integer>> owned) {
    /** Whether some member has a partition, or has not said yet that it gave it up. */
    interface Owners {
        boolean isOwned(Uuid topic, int partition);
    }

    /** @throws ApiException FENCED_MEMBER_EPOCH if nobody knows where the member stands */
    CurrentAssignment next(CurrentAssignment standing) throws ApiException {
        return switch (standing.state()) {
            case STABLE -> standing.epoch() != targetEpoch ? advance(standing, standing.epoch()) : dropTopics(standing);
            case UNREVOKED_PARTITIONS ->
                stillOwns(standing.revoking()) ? dropTopics(standing) : advance(standing, standing.epoch());
            case UNRELEASED_PARTITIONS -> advance(standing, standing.epoch());
            case UNKNOWN -> {
                if (owned == null || !owned.isEmpty()) {
                    throw new ApiException(
                            ErrorCode.FENCED_MEMBER_EPOCH,
                            "The consumer group member is in a unknown state."
                                    + " The member must abandon all its partitions and rejoin.");
                }
                yield advance(standing, targetEpoch);
            }
        };
    }

    private boolean stillOwns(Map<Uuid, Map<Integer, Integer>> partitions) {
        if (owned == null) {
            return true;
        }
        return owned.entrySet().stream().anyMatch(topic -> {
            Set<Integer> asked =
                    partitions.getOrDefault(topic.getKey(), Map.of()).keySet();
            return topic.getValue().stream().anyMatch(asked::contains);
        });
    }

    /** Takes the topics away that the member has just stopped to read; the target assignment takes care of the rest. */
    private CurrentAssignment dropTopics(CurrentAssignment standing) {
        Map<Uuid, Map<Integer, Integer>> assigned = new HashMap<>(standing.assigned());
        if (!subscriptionChanged || !assigned.keySet().removeIf(isSubscribed.negate())) {
            return standing;
        }
        Map<Uuid, Map<Integer, Integer>> revoking = new HashMap<>(standing.revoking());
        standing.assigned().forEach((topic, partitions) -> {
            if (!assigned.containsKey(topic)) {
                revoking.merge(topic, partitions, Reconciliation::union);
            }
        });
        return stillOwns(revoking)
                ? standing.advance(standing.epoch(), State.UNREVOKED_PARTITIONS, assigned, revoking)
                : standing.advance(standing.epoch(), standing.state(), assigned, standing.revoking());
    }

    private static Map<Integer, Integer> union(Map<Integer, Integer> some, Map<Integer, Integer> others) {
        Map<Integer, Integer> all = new HashMap<>(some);
        all.putAll(others);
        return all;
    }

    private CurrentAssignment advance(CurrentAssignment standing, int epoch) {
        Map<Uuid, Map<Integer, Integer>> kept = new HashMap<>();
        Map<Uuid, Map<Integer, Integer>> revoking = new HashMap<>();
        Map<Uuid, Set<Integer>> gained = new HashMap<>();
        boolean waits = false;
        Set<Uuid> topics = new HashSet<>(target.keySet());
        topics.addAll(standing.assigned().keySet());
        for (Uuid topic : topics) {
            Set<Integer> wanted = isSubscribed.test(topic) ? target.getOrDefault(topic, Set.of()) : Set.of();
            Map<Integer, Integer> had = standing.assigned().getOrDefault(topic, Map.of());
            had.forEach((partition, since) -> (wanted.contains(partition) ? kept : revoking)
                    .computeIfAbsent(topic, id -> new HashMap<>())
                    .put(partition, since));
            Set<Integer> ownRevoked =
                    standing.revoking().getOrDefault(topic, Map.of()).keySet();
            for (int partition : wanted) {
                if (had.containsKey(partition)) {
                    continue;
                }
                if (owners.isOwned(topic, partition) && !ownRevoked.contains(partition)) {
                    waits = true;
                } else {
                    gained.computeIfAbsent(topic, id -> new HashSet<>()).add(partition);
                }
            }
        }
        if (!revoking.isEmpty() && stillOwns(revoking)) {
            return standing.advance(epoch, State.UNREVOKED_PARTITIONS, kept, revoking);
        }
        gained.forEach((topic, partitions) -> {
            Map<Integer, Integer> ofTopic = kept.computeIfAbsent(topic, id -> new HashMap<>());
            partitions.forEach(partition -> ofTopic.put(partition, targetEpoch));
        });
        return standing.advance(targetEpoch, waits ? State.UNRELEASED_PARTITIONS : State.STABLE, kept, Map.of());
    }
}

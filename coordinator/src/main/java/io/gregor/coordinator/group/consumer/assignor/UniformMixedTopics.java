package io.gregor.coordinator.group.consumer.assignor;

import io.gregor.coordinator.group.consumer.assignor.Assignor.Subscriber;
import io.gregor.wire.Uuid;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The uniform assignment where members subscribe to different topics. Everybody keeps what he has; what is free goes to
 * the subscriber with the least; then topic by topic partitions move from those with the most to those with the least,
 * until nothing is left to gain. Used once. Members go by their index here.
 */
final class UniformMixedTopics {
    private static final int NOBODY = -1;
    /** Balancing one topic may unbalance another; in the end it converges, but rounds are limited all the same. */
    private static final int MOST_ROUNDS = 16;

    private final List<String> memberIds;
    private final List<Subscriber> members;
    private final Map<Uuid, List<Integer>> subscribers = new HashMap<>();
    private final Map<Uuid, int[]> owners = new HashMap<>();
    private final int[] loads;

    UniformMixedTopics(Map<String, Subscriber> members, ToIntFunction<Uuid> partitions) {
        memberIds = new ArrayList<>(members.keySet());
        this.members = new ArrayList<>(members.values());
        loads = new int[memberIds.size()];
        for (int member = 0; member < memberIds.size(); member++) {
            for (Uuid topic : this.members.get(member).topics()) {
                subscribers.computeIfAbsent(topic, id -> new ArrayList<>()).add(member);
            }
        }
        for (Uuid topic : subscribers.keySet()) {
            int[] unowned = new int[partitions.applyAsInt(topic)];
            Arrays.fill(unowned, NOBODY);
            owners.put(topic, unowned);
        }
    }

    Map<String, Map<Uuid, Set<Integer>>> assign() {
        keep();
        List<Uuid> topics = new ArrayList<>(owners.keySet());
        topics.sort(byDemand());
        topics.forEach(this::giveAwayFree);
        balance(topics.stream().filter(topic -> subscribersOf(topic).size() > 1).toList());
        return result();
    }

    private List<Integer> subscribersOf(Uuid topic) {
        return subscribers.getOrDefault(topic, List.of());
    }

    private int[] ownersOf(Uuid topic) {
        return owners.getOrDefault(topic, new int[0]);
    }

    /** Topics with many partitions for each subscriber come first: they leave the least choice. */
    private Comparator<Uuid> byDemand() {
        Comparator<Uuid> byPartitions = Comparator.comparingDouble(
                topic -> (double) ownersOf(topic).length / subscribersOf(topic).size());
        return byPartitions
                .reversed()
                .thenComparingInt(topic -> subscribersOf(topic).size())
                .thenComparing(Comparator.naturalOrder());
    }

    private void keep() {
        for (int i = 0; i < members.size(); i++) {
            int member = i;
            Subscriber subscriber = members.get(member);
            subscriber.current().forEach((topic, partitions) -> {
                int[] ownersOfTopic = ownersOf(topic);
                if (subscriber.topics().contains(topic)) {
                    partitions.stream()
                            .filter(partition -> partition < ownersOfTopic.length)
                            .forEach(partition -> {
                                ownersOfTopic[partition] = member;
                                loads[member]++;
                            });
                }
            });
        }
    }

    private void giveAwayFree(Uuid topic) {
        int[] ownersOfTopic = ownersOf(topic);
        Ranking ranking = new Ranking(loads, subscribersOf(topic));
        for (int partition = 0; partition < ownersOfTopic.length; partition++) {
            if (ownersOfTopic[partition] == NOBODY) {
                ownersOfTopic[partition] = ranking.nextLeastLoaded();
                loads[ownersOfTopic[partition]]++;
            }
        }
    }

    /** Goes round the topics until one round has moved nothing. */
    private void balance(List<Uuid> topics) {
        int lastMoved = NOBODY;
        for (int round = 0; round < MOST_ROUNDS; round++) {
            for (int i = 0; i < topics.size(); i++) {
                if (i == lastMoved) {
                    return;
                }
                if (balance(topics.get(i)) || lastMoved == NOBODY) {
                    lastMoved = i;
                }
            }
        }
    }

    /** Whether a partition has moved. */
    private boolean balance(Uuid topic) {
        Ranking ranking = new Ranking(loads, subscribersOf(topic));
        if (ranking.spread() <= 1) {
            return false;
        }
        int[] ownersOfTopic = ownersOf(topic);
        Map<Integer, Deque<Integer>> partitionsOf = new HashMap<>();
        for (int partition = 0; partition < ownersOfTopic.length; partition++) {
            partitionsOf
                    .computeIfAbsent(ownersOfTopic[partition], owner -> new ArrayDeque<>())
                    .addLast(partition);
        }
        boolean moved = false;
        while (!ranking.isBalanced()) {
            int giver = ranking.nextMostLoaded();
            Integer partition = lastOf(partitionsOf.get(giver));
            while (giver != NOBODY && partition == null) {
                ranking.excludeMostLoaded();
                giver = ranking.nextMostLoaded();
                partition = lastOf(partitionsOf.get(giver));
            }
            if (partition == null) {
                break;
            }
            int taker = ranking.nextLeastLoaded();
            if (ranking.isBalanced()) {
                break;
            }
            ownersOfTopic[partition] = taker;
            loads[giver]--;
            loads[taker]++;
            moved = true;
        }
        return moved;
    }

    private static @Nullable Integer lastOf(@Nullable Deque<Integer> partitions) {
        return partitions == null ? null : partitions.pollLast();
    }

    private Map<String, Map<Uuid, Set<Integer>>> result() {
        List<Map<Uuid, Set<Integer>>> assignments = new ArrayList<>();
        memberIds.forEach(memberId -> assignments.add(new HashMap<>()));
        owners.forEach((topic, ownersOfTopic) -> {
            for (int partition = 0; partition < ownersOfTopic.length; partition++) {
                assignments
                        .get(ownersOfTopic[partition])
                        .computeIfAbsent(topic, id -> new HashSet<>())
                        .add(partition);
            }
        });
        Map<String, Map<Uuid, Set<Integer>>> byId = new HashMap<>();
        for (int member = 0; member < memberIds.size(); member++) {
            byId.put(memberIds.get(member), assignments.get(member));
        }
        return byId;
    }

    /**
     * The subscribers of a topic by their loads. From below it hands out those with the least, level by level: whoever
     * was handed out is taken to have one more now. From above those with the most, who are taken to have one less.
     */
    private static final class Ranking {
        private final int[] loads;
        private final List<Integer> sorted;
        private int lowEnd;
        private int lowLevel;
        private int lowNext;
        private int highStart;
        private int highEnd;
        private int highLevel;
        private int highNext;

        Ranking(int[] loads, List<Integer> subscribers) {
            this.loads = loads;
            sorted = new ArrayList<>(subscribers);
            sorted.sort(
                    Comparator.<Integer>comparingInt(member -> loads[member]).thenComparing(Comparator.naturalOrder()));
            lowLevel = load(0) - 1;
            highStart = sorted.size();
            highEnd = sorted.size();
            highLevel = load(sorted.size() - 1) + 1;
            highNext = sorted.size() - 1;
        }

        private int load(int place) {
            return loads[sorted.get(place)];
        }

        /** By how much the most loaded has more than the least loaded, before anything was handed out. */
        int spread() {
            return load(sorted.size() - 1) - load(0);
        }

        boolean isBalanced() {
            return highLevel - lowLevel <= 1;
        }

        int nextLeastLoaded() {
            if (lowNext >= lowEnd) {
                lowLevel++;
                while (lowEnd < sorted.size() && load(lowEnd) == lowLevel) {
                    lowEnd++;
                }
                lowNext = 0;
            }
            return sorted.get(lowNext++);
        }

        /** Or {@link #NOBODY}, if all have been excluded. */
        int nextMostLoaded() {
            if (highNext < highStart) {
                boolean none = highEnd <= highStart && highStart > 0;
                highLevel = none ? load(highStart - 1) : highLevel - 1;
                while (highStart > 0 && load(highStart - 1) == highLevel) {
                    highStart--;
                }
                highNext = highEnd - 1;
            }
            return highNext < 0 ? NOBODY : sorted.get(highNext--);
        }

        /** The one that was handed out last from above has nothing to give. */
        void excludeMostLoaded() {
            int place = highNext + 1;
            int member = sorted.get(place);
            sorted.set(place, sorted.get(highEnd - 1));
            sorted.set(highEnd - 1, member);
            highEnd--;
        }
    }
}

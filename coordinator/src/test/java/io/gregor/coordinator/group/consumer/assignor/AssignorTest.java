package io.gregor.coordinator.group.consumer.assignor;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.coordinator.group.consumer.assignor.Assignor.Subscriber;
import io.gregor.wire.Uuid;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.coordinator.group.api.assignor.ConsumerGroupPartitionAssignor;
import org.apache.kafka.coordinator.group.api.assignor.MemberAssignment;
import org.apache.kafka.coordinator.group.api.assignor.SubscribedTopicDescriber;
import org.apache.kafka.coordinator.group.api.assignor.SubscriptionType;
import org.apache.kafka.coordinator.group.modern.Assignment;
import org.apache.kafka.coordinator.group.modern.GroupSpecImpl;
import org.apache.kafka.coordinator.group.modern.MemberSubscriptionAndAssignmentImpl;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Groups whose members come, go and change their subscriptions, and topics that grow, by seed: Apache Kafka's own
 * assignors say the same, step by step.
 */
class AssignorTest {
    private static final int HISTORIES = 2000;
    private static final int STEPS = 15;

    private final Map<Uuid, Integer> partitions = new HashMap<>();
    private final Map<String, Set<Uuid>> subscriptions = new HashMap<>();
    private final Map<String, String> instances = new HashMap<>();
    private Map<String, Map<Uuid, Set<Integer>>> current = new HashMap<>();

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void assignsAsKafkaDoes(boolean sameTopics) {
        for (int seed = 0; seed < HISTORIES; seed++) {
            for (Assignor own : List.of(new UniformAssignor(), new RangeAssignor())) {
                replay(own, new Random(seed), sameTopics, "seed " + seed);
            }
        }
    }

    private void replay(Assignor own, Random random, boolean sameTopics, String name) {
        partitions.clear();
        subscriptions.clear();
        instances.clear();
        current = new HashMap<>();
        int topics = 1 + random.nextInt(6);
        for (int i = 0; i < topics; i++) {
            partitions.put(Uuid.random(random), random.nextInt(12));
        }
        for (int step = 0; step < STEPS; step++) {
            change(random, sameTopics);
            if (subscriptions.isEmpty()) {
                continue;
            }
            Map<String, Map<Uuid, Set<Integer>>> assigned = own(own, sameTopics);
            assertThat(assigned)
                    .as("%s of %s at step %d", own.name(), name, step)
                    .isEqualTo(kafkas(own.name(), sameTopics));
            current = assigned;
        }
    }

    private void change(Random random, boolean sameTopics) {
        Set<Uuid> common = someTopics(random);
        int changes = 1 + random.nextInt(4);
        for (int i = 0; i < changes; i++) {
            String memberId = "member" + random.nextInt(10);
            if (random.nextInt(3) == 0) {
                subscriptions.remove(memberId);
                current.remove(memberId);
            } else {
                subscriptions.put(memberId, someTopics(random));
                instances.put(memberId, random.nextInt(4) == 0 ? "instance" + memberId : null);
            }
        }
        if (sameTopics) {
            subscriptions.replaceAll((memberId, topics) -> common);
        }
        if (random.nextInt(4) == 0) {
            partitions.replaceAll((topic, count) -> count + random.nextInt(3));
        }
    }

    private Set<Uuid> someTopics(Random random) {
        List<Uuid> all = new ArrayList<>(partitions.keySet());
        Collections.shuffle(all, random);
        return new HashSet<>(all.subList(0, random.nextInt(all.size() + 1)));
    }

    private Map<String, Map<Uuid, Set<Integer>>> own(Assignor assignor, boolean sameTopics) {
        Map<String, Subscriber> members = new HashMap<>();
        subscriptions.forEach((memberId, topics) -> members.put(
                memberId, new Subscriber(instances.get(memberId), topics, current.getOrDefault(memberId, Map.of()))));
        return withoutEmpty(assignor.assign(members, sameTopics, partitions::get));
    }

    private static Map<String, Map<Uuid, Set<Integer>>> withoutEmpty(Map<String, Map<Uuid, Set<Integer>>> assignment) {
        Map<String, Map<Uuid, Set<Integer>>> shown = new HashMap<>(assignment);
        shown.values().removeIf(Map::isEmpty);
        return shown;
    }

    private Map<String, Map<Uuid, Set<Integer>>> kafkas(String name, boolean sameTopics) {
        Map<org.apache.kafka.common.Uuid, Map<Integer, String>> inverted = new HashMap<>();
        Map<String, MemberSubscriptionAndAssignmentImpl> members = new HashMap<>();
        current.forEach((memberId, topics) -> topics.forEach((topic, own) -> own.forEach(partition ->
                inverted.computeIfAbsent(kafkas(topic), id -> new HashMap<>()).put(partition, memberId))));
        subscriptions.forEach((memberId, topics) -> {
            Map<org.apache.kafka.common.Uuid, Set<Integer>> own = new HashMap<>();
            current.getOrDefault(memberId, Map.of()).forEach((topic, parts) -> own.put(kafkas(topic), parts));
            members.put(
                    memberId,
                    new MemberSubscriptionAndAssignmentImpl(
                            Optional.empty(),
                            Optional.ofNullable(instances.get(memberId)),
                            topics.stream().map(AssignorTest::kafkas).collect(Collectors.toSet()),
                            new Assignment(Collections.unmodifiableMap(own))));
        });
        ConsumerGroupPartitionAssignor assignor = name.equals("range")
                ? new org.apache.kafka.coordinator.group.assignor.RangeAssignor()
                : new org.apache.kafka.coordinator.group.assignor.UniformAssignor();
        SubscriptionType type = sameTopics ? SubscriptionType.HOMOGENEOUS : SubscriptionType.HETEROGENEOUS;
        Map<String, MemberAssignment> assigned = assignor.assign(
                        new GroupSpecImpl(members, type, inverted, Optional.empty()), describer())
                .members();
        Map<String, Map<Uuid, Set<Integer>>> result = new HashMap<>();
        assigned.forEach((memberId, assignment) -> {
            Map<Uuid, Set<Integer>> own = new HashMap<>();
            assignment
                    .partitions()
                    .forEach((topic, parts) -> own.put(
                            new Uuid(topic.getMostSignificantBits(), topic.getLeastSignificantBits()),
                            new HashSet<>(parts)));
            result.put(memberId, own);
        });
        return withoutEmpty(result);
    }

    private static org.apache.kafka.common.Uuid kafkas(Uuid id) {
        return new org.apache.kafka.common.Uuid(id.mostSignificantBits(), id.leastSignificantBits());
    }

    private SubscribedTopicDescriber describer() {
        return new SubscribedTopicDescriber() {
            @Override
            public int numPartitions(org.apache.kafka.common.Uuid topic) {
                return partitions.getOrDefault(
                        new Uuid(topic.getMostSignificantBits(), topic.getLeastSignificantBits()), -1);
            }

            @Override
            public Set<String> racksForPartition(org.apache.kafka.common.Uuid topic, int partition) {
                return Set.of();
            }
        };
    }
}

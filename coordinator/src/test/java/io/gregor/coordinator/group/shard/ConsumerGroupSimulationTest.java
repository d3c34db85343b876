package io.gregor.coordinator.group.shard;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.coordinator.group.GroupTopics;
import io.gregor.coordinator.group.classic.EmbeddedProtocol;
import io.gregor.coordinator.group.consumer.ConsumerGroup;
import io.gregor.coordinator.group.offset.CommittedOffset;
import io.gregor.coordinator.runtime.Client;
import io.gregor.coordinator.runtime.TopicPartition;
import io.gregor.wire.MessageSink;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.ConsumerGroupHeartbeatRequest;
import io.gregor.wire.message.ConsumerGroupHeartbeatRequest.TopicPartitions;
import io.gregor.wire.message.ConsumerGroupHeartbeatResponse;
import io.gregor.wire.message.ConsumerProtocolAssignment;
import io.gregor.wire.message.ConsumerProtocolSubscription;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.HeartbeatRequest;
import io.gregor.wire.message.JoinGroupRequest;
import io.gregor.wire.message.JoinGroupResponse;
import io.gregor.wire.message.OffsetCommitRequest;
import io.gregor.wire.message.OffsetCommitRequest.OffsetCommitRequestPartition;
import io.gregor.wire.message.OffsetCommitRequest.OffsetCommitRequestTopic;
import io.gregor.wire.message.SyncGroupRequest;
import io.gregor.wire.message.SyncGroupResponse;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Hundreds of members of a consumer group, from a seed: they join, leave, crash, dawdle, read other topics, lose
 * answers, are static or speak the classic protocol; topics come, grow and go, and the coordinator is restarted. After
 * every step: no two members use the same partition, and epochs only grow. In the end, once all is quiet, every live
 * member has come to the group's epoch, and every partition of a topic that somebody reads has one owner.
 */
class ConsumerGroupSimulationTest {
    private static final String GROUP = "g";
    private static final List<String> TOPICS = List.of("t0", "t1", "t2", "t3");
    private static final int STEPS = 400;

    private final SimulatedShard simulated = new SimulatedShard();
    private final Map<String, Map<Integer, Long>> committed = new HashMap<>();
    private int names;
    private int highestEpoch;

    /** A consumer as clients implement it. */
    private final class Client {
        private final @Nullable String instanceId;
        private final boolean classic;
        private String id = "member-" + names++;
        private int epoch;
        private boolean joined;
        private boolean waiting;
        private boolean alive = true;
        private boolean slow;
        private boolean losesAnswers;
        private Set<String> topics;
        private @Nullable String regex;
        private Map<Uuid, Set<Integer>> owned = Map.of();

        Client(Random random, boolean classic) {
            this.classic = classic;
            instanceId = !classic && random.nextInt(4) == 0 ? "instance-" + names : null;
            topics = someTopics(random);
            regex = !classic && random.nextInt(4) == 0 ? "t[0-" + random.nextInt(4) + "]" : null;
        }

        void step() {
            if (!alive || slow || waiting) {
                return;
            }
            if (classic) {
                stepClassic();
            } else {
                beat(joined ? epoch : 0);
            }
            commit();
        }

        private void beat(int withEpoch) {
            List<TopicPartitions> partitions = owned.entrySet().stream()
                    .map(topic ->
                            new TopicPartitions().topicId(topic.getKey()).partitions(List.copyOf(topic.getValue())))
                    .toList();
            ConsumerGroupHeartbeatRequest request = new ConsumerGroupHeartbeatRequest()
                    .groupId(GROUP)
                    .memberId(id)
                    .memberEpoch(withEpoch)
                    .instanceId(instanceId)
                    .rebalanceTimeoutMs(30_000)
                    .subscribedTopicNames(List.copyOf(topics))
                    .subscribedTopicRegex(regex == null ? "" : regex)
                    .topicPartitions(withEpoch == 0 ? List.of() : partitions);
            if (withEpoch == 0) {
                owned = Map.of();
            }
            boolean lost = losesAnswers;
            int life = simulated.life();
            waiting = true;
            simulated
                    .shard()
                    .consumerGroupHeartbeat()
                    .handle(new io.gregor.coordinator.runtime.Client("c", "/h", (short) 1), request, response -> {
                        if (life == simulated.life()) {
                            waiting = false;
                            if (!lost && alive) {
                                told(response);
                            }
                        }
                    });
        }

        private void told(ConsumerGroupHeartbeatResponse response) {
            if (response.errorCode() != 0) {
                assertThat(ErrorCode.of(response.errorCode()))
                        .as(String.valueOf(response.errorMessage()))
                        .isIn(
                                ErrorCode.FENCED_MEMBER_EPOCH,
                                ErrorCode.UNKNOWN_MEMBER_ID,
                                ErrorCode.GROUP_ID_NOT_FOUND,
                                ErrorCode.UNRELEASED_INSTANCE_ID);
                joined = false;
                owned = Map.of();
                return;
            }
            assertThat(response.memberEpoch()).isGreaterThanOrEqualTo(joined ? epoch : 0);
            joined = true;
            epoch = response.memberEpoch();
            highestEpoch = Math.max(highestEpoch, epoch);
            ConsumerGroupHeartbeatResponse.Assignment assignment = response.assignment();
            if (assignment != null) {
                Map<Uuid, Set<Integer>> now = new HashMap<>();
                assignment
                        .topicPartitions()
                        .forEach(topic -> now.put(topic.topicId(), new HashSet<>(topic.partitions())));
                owned = now;
            }
        }

        private void stepClassic() {
            if (!joined) {
                join();
                return;
            }
            short error = simulated
                    .shard()
                    .classicRequests()
                    .heartbeat(
                            new HeartbeatRequest().groupId(GROUP).memberId(id).generationId(epoch))
                    .errorCode();
            if (error == ErrorCode.REBALANCE_IN_PROGRESS.code()) {
                join();
            } else if (error != 0) {
                begin();
            }
        }

        private void begin() {
            joined = false;
            owned = Map.of();
            id = "member-" + names++;
        }

        private void join() {
            ConsumerProtocolSubscription subscription = new ConsumerProtocolSubscription().topics(List.copyOf(topics));
            List<ConsumerProtocolSubscription.TopicPartition> had = new ArrayList<>();
            owned.forEach((topic, partitions) -> {
                GroupTopics.Topic known = simulated.topics().find(topic);
                if (known != null) {
                    had.add(new ConsumerProtocolSubscription.TopicPartition()
                            .topic(known.name())
                            .partitions(List.copyOf(partitions)));
                }
            });
            MessageSink sink = new MessageSink(64);
            sink.int16((short) 1);
            subscription.ownedPartitions(had).write(sink, (short) 1);
            JoinGroupRequest request = new JoinGroupRequest()
                    .groupId(GROUP)
                    .memberId(id)
                    .sessionTimeoutMs(30_000)
                    .rebalanceTimeoutMs(30_000)
                    .protocolType("consumer")
                    .protocols(List.of(new JoinGroupRequest.JoinGroupRequestProtocol()
                            .name("range")
                            .metadata(bytes(sink.toBuffer()))));
            int life = simulated.life();
            waiting = true;
            simulated
                    .shard()
                    .classicRequests()
                    .join(new io.gregor.coordinator.runtime.Client("c", "/h", (short) 9), request, response -> {
                        if (life == simulated.life()) {
                            waiting = false;
                            if (alive) {
                                joined(response);
                            }
                        }
                    });
        }

        private void joined(JoinGroupResponse response) {
            if (response.errorCode() != 0) {
                begin();
                return;
            }
            joined = true;
            epoch = response.generationId();
            simulated
                    .shard()
                    .classicRequests()
                    .sync(new SyncGroupRequest().groupId(GROUP).memberId(id).generationId(epoch), this::synced);
        }

        private void synced(SyncGroupResponse response) {
            if (response.errorCode() != 0) {
                return;
            }
            Map<Uuid, Set<Integer>> now = new HashMap<>();
            ConsumerProtocolAssignment assignment = EmbeddedProtocol.assignment(response.assignment());
            assignment.assignedPartitions().forEach(topic -> {
                GroupTopics.Topic known = simulated.topics().find(topic.topic());
                if (known != null) {
                    now.put(known.id(), new HashSet<>(topic.partitions()));
                }
            });
            owned = now;
        }

        /** Whatever it has: an offset that only grows. */
        private void commit() {
            if (!joined || waiting || owned.isEmpty()) {
                return;
            }
            Uuid id = owned.keySet().iterator().next();
            GroupTopics.Topic topic = simulated.topics().find(id);
            if (topic == null) {
                return;
            }
            int partition = owned.getOrDefault(id, Set.of(0)).iterator().next();
            Map<Integer, Long> ofTopic = committed.computeIfAbsent(topic.name(), name -> new HashMap<>());
            long offset = ofTopic.getOrDefault(partition, 0L) + 1;
            OffsetCommitRequest request = new OffsetCommitRequest()
                    .groupId(GROUP)
                    .memberId(this.id)
                    .groupInstanceId(instanceId)
                    .generationIdOrMemberEpoch(epoch)
                    .topics(List.of(new OffsetCommitRequestTopic()
                            .name(topic.name())
                            .topicId(id)
                            .partitions(List.of(new OffsetCommitRequestPartition()
                                    .partitionIndex(partition)
                                    .committedOffset(offset)))));
            simulated.shard().commitOffsets().handle(request, (short) 10, response -> {
                if (response.topics().get(0).partitions().get(0).errorCode() == 0) {
                    ofTopic.merge(partition, offset, Math::max);
                }
            });
        }

        @Override
        public String toString() {
            return id
                    + (classic ? ", classic" : "")
                    + (joined ? ", joined in " + epoch : "")
                    + (waiting ? ", waiting" : "");
        }

        void leave() {
            alive = false;
            if (joined && !classic) {
                simulated
                        .shard()
                        .consumerGroupHeartbeat()
                        .handle(
                                new io.gregor.coordinator.runtime.Client("c", "/h", (short) 1),
                                new ConsumerGroupHeartbeatRequest()
                                        .groupId(GROUP)
                                        .memberId(id)
                                        .instanceId(instanceId)
                                        .memberEpoch(-1),
                                response -> {});
            }
        }
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    private static Set<String> someTopics(Random random) {
        Set<String> topics = new HashSet<>();
        TOPICS.stream().filter(topic -> random.nextBoolean()).forEach(topics::add);
        topics.add(TOPICS.get(random.nextInt(TOPICS.size())));
        return topics;
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19})
    void everybodyEndsWithItsPart(long seed) {
        Random random = new Random(seed);
        int most = seed % 4 == 3 ? 200 : 8;
        TOPICS.forEach(topic -> simulated.topics().create(topic, 1 + random.nextInt(12)));
        simulated.appendsTake(seed % 2 * 200);
        List<Client> clients = new ArrayList<>();
        // One that stays: then the group is never turned back to a classic one.
        clients.add(new Client(random, false));
        clients.get(0).step();
        simulated.time().advance(1000);
        for (int step = 0; step < STEPS; step++) {
            act(random, clients, most);
            clients.forEach(Client::step);
            check(clients, "seed " + seed + ", step " + step);
            simulated.time().advance(random.nextInt(3000));
        }
        clients.forEach(client -> {
            client.slow = false;
            client.losesAnswers = false;
        });
        for (int i = 0; i < 300; i++) {
            clients.forEach(Client::step);
            check(clients, "seed " + seed + " at rest");
            simulated.time().advance(1000);
        }
        checkEnd(clients, "seed " + seed);
    }

    private void act(Random random, List<Client> clients, int most) {
        List<Client> others =
                clients.stream().skip(1).filter(client -> client.alive).toList();
        Client any = others.isEmpty() ? clients.get(0) : others.get(random.nextInt(others.size()));
        switch (random.nextInt(40)) {
            case 0, 1, 2, 3, 4, 5 -> {
                for (int i = 0; i < most / 8 && others.size() < most; i++) {
                    clients.add(new Client(random, random.nextInt(4) == 0));
                }
            }
            case 6 ->
                others.stream()
                        .skip(random.nextInt(1 + others.size()))
                        .findFirst()
                        .ifPresent(Client::leave);
            case 7 -> any.alive = others.isEmpty();
            case 8, 9 -> any.slow = !any.slow && !others.isEmpty();
            case 10, 11 -> any.losesAnswers = !any.losesAnswers;
            case 12, 13 -> any.topics = someTopics(random);
            case 14 -> simulated.topics().grow(TOPICS.get(random.nextInt(4)), 1 + random.nextInt(3));
            case 15 -> {
                String topic = TOPICS.get(random.nextInt(4));
                GroupTopics.Topic found = simulated.topics().find(topic);
                if (found != null) {
                    simulated.topics().delete(topic);
                    committed.remove(topic);
                    simulated.shard().expireOffsets().forgetTopics(Map.of(topic, found.id()));
                }
            }
            case 16 ->
                TOPICS.stream()
                        .filter(topic -> simulated.topics().find(topic) == null)
                        .forEach(topic -> simulated.topics().create(topic, 1 + random.nextInt(12)));
            case 17 -> {
                simulated.restart();
                clients.forEach(client -> client.waiting = false);
            }
            default -> {
                // All goes its way.
            }
        }
    }

    /** Who is not known as a member any more has been silent for long, and learns of it as soon as he asks. */
    private boolean isMember(Client client) {
        ConsumerGroup group = simulated.shard().consumerGroups().find(GROUP);
        return client.alive && client.joined && group != null && group.member(client.id) != null;
    }

    private void check(List<Client> clients, String when) {
        ConsumerGroup group = simulated.shard().consumerGroups().find(GROUP);
        assertThat(group).as(when).isNotNull();
        assertThat(group.epoch()).as(when).isGreaterThanOrEqualTo(highestEpoch);
        Map<String, Client> owners = new HashMap<>();
        for (Client client : clients) {
            if (isMember(client)) {
                client.owned.forEach((topic, partitions) -> partitions.forEach(partition -> {
                    Client other = owners.put(topic + "-" + partition, client);
                    assertThat(other)
                            .as("%s: owner of %s-%d", when, topic, partition)
                            .isNull();
                }));
            }
        }
        committed.forEach((topic, offsets) -> offsets.forEach((partition, offset) -> {
            CommittedOffset stored =
                    simulated.shard().offsets().committed().of(GROUP).get(new TopicPartition(topic, partition));
            assertThat(stored == null ? -1 : stored.offset())
                    .as("%s: committed of %s-%d", when, topic, partition)
                    .isGreaterThanOrEqualTo(offset);
        }));
    }

    private void checkEnd(List<Client> clients, String when) {
        ConsumerGroup group = simulated.shard().consumerGroups().find(GROUP);
        assertThat(group).isNotNull();
        List<Client> alive = clients.stream().filter(client -> client.alive).toList();
        for (Client client : alive) {
            assertThat(group.member(client.id)).as("%s: %s", when, client).isNotNull();
        }
        assertThat(group.members()).as(when).hasSize(alive.size());
        assertThat(group.state()).as(when).isEqualTo(ConsumerGroup.State.STABLE);
        Map<String, Set<Integer>> owned = new TreeMap<>();
        Set<String> read = new HashSet<>();
        for (Client client : alive) {
            assertThat(client.epoch).as(when).isEqualTo(group.epoch());
            read.addAll(group.topicsOf(Objects.requireNonNull(group.member(client.id))));
            client.owned.forEach((topic, partitions) -> {
                GroupTopics.Topic known = simulated.topics().find(topic);
                assertThat(known).as(when).isNotNull();
                owned.computeIfAbsent(known.name(), name -> new HashSet<>()).addAll(partitions);
            });
        }
        Map<String, Set<Integer>> all = new TreeMap<>();
        for (String name : read) {
            GroupTopics.Topic topic = simulated.topics().find(name);
            for (int i = 0; topic != null && i < topic.partitions(); i++) {
                all.computeIfAbsent(name, key -> new HashSet<>()).add(i);
            }
        }
        assertThat(owned).as(when).isEqualTo(all);
    }
}

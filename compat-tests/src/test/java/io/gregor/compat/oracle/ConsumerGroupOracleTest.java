package io.gregor.compat.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.compat.Canonical;
import io.gregor.compat.GregorProcess;
import io.gregor.compat.KafkaProcess;
import io.gregor.compat.RawClient;
import io.gregor.compat.SameFolder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Assignment;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.DeleteGroupsRequestData;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.types.SchemaException;
import org.apache.kafka.common.utils.Utils;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Histories of consumer groups by seed, step by step the same ones on Apache Kafka and on Gregor: members of both
 * protocols, dynamic and static, that come, go, read other topics, say what they have or keep quiet, and get things
 * wrong. Every answer must be the same, down to who gets which partition: both brokers begin with the same folder, so
 * that topics have the same ids.
 */
@Tag("once")
class ConsumerGroupOracleTest {
    private static final List<Integer> HISTORIES = Seeds.of("oracle.groups", 30, 1);
    private static final int STEPS = 60;
    private static final int SLOTS = 5;
    private static final List<String> TOPICS = List.of("t0", "t1", "t2", "no-such-topic");
    private static final int LONG_MS = 300_000;

    /** What a member knows of itself; the same on both sides, unless they differ. */
    private static final class Client {
        private String id;
        private final String instanceId;
        private boolean classic;
        private int epoch;
        private List<ConsumerGroupHeartbeatRequestData.TopicPartitions> owned = List.of();

        Client(String id, String instanceId) {
            this.id = id;
            this.instanceId = instanceId;
        }
    }

    private static final class Side {
        private final RawClient raw;
        private final Map<String, Uuid> topicIds = new HashMap<>();
        private List<Client> clients = List.of();
        private String group = "";
        private String assignor = "";

        Side(String address, int port) throws Exception {
            raw = new RawClient(port);
            raw.awaitCoordinator((byte) 0);
            try (Admin admin = Admin.create(Map.of("bootstrap.servers", address))) {
                admin.describeTopics(TOPICS.subList(0, 3))
                        .allTopicNames()
                        .get()
                        .forEach((name, topic) -> topicIds.put(name, topic.topicId()));
            }
        }

        void begin(int history) {
            group = "group-" + history;
            // One in each: where members ask for both as often, Apache Kafka's choice depends on what was before.
            assignor = history % 2 == 0 ? "range" : "uniform";
            clients = new ArrayList<>();
            for (int i = 0; i < SLOTS; i++) {
                clients.add(new Client("member-" + i, i < 2 ? "instance-" + i : null));
            }
        }

        ApiMessage call(ApiKeys key, int version, ApiMessage request) {
            return raw.callUntilThere(key, (short) version, request);
        }

        /** Whether ids that the broker has made decide who gets what. */
        boolean assignsAsItLikes() {
            long made = clients.stream()
                    .filter(client -> !client.id.startsWith("member-"))
                    .count();
            long others = clients.stream()
                    .filter(client -> client.id.startsWith("member-") && client.epoch > 0)
                    .count();
            return made > 0 && made + others > 1;
        }

        /** Type and state of the group, empty if there is none. */
        String state() throws IOException {
            ListGroupsResponseData all =
                    (ListGroupsResponseData) call(ApiKeys.LIST_GROUPS, 5, new ListGroupsRequestData());
            return all.groups().stream()
                    .filter(listed -> listed.groupId().equals(group))
                    .map(listed -> listed.groupType() + " " + listed.groupState())
                    .findFirst()
                    .orElse("");
        }

        boolean isClassicWithMembers() throws IOException {
            return state().startsWith("classic") && !state().equals("classic Empty");
        }
    }

    private interface Step {
        String run(Side side) throws Exception;
    }

    private static Step step(Random random) {
        int slot = random.nextInt(SLOTS);
        int kind = random.nextInt(20);
        int wrong = random.nextInt(25);
        int topics = 1 + random.nextInt((1 << TOPICS.size()) - 1);
        int more = random.nextInt(8);
        return side -> {
            Client self = side.clients.get(slot);
            return switch (kind) {
                case 0, 1, 2 -> self.classic ? syncing(side, self, wrong) : join(side, self, topics, wrong, more);
                case 3, 4, 5, 6, 7, 8, 9, 10 ->
                    self.classic ? heartbeat(side, self, wrong) : beat(side, self, topics, wrong, more);
                case 11 -> self.classic ? leaveClassic(side, self, wrong) : leave(side, self, wrong);
                case 12, 13 -> classicJoin(side, self, topics, wrong);
                case 14, 15 -> commit(side, self, wrong, more);
                case 16 -> fetch(side, self, wrong);
                case 17 -> describe(side);
                case 18 -> look(side);
                default -> delete(side, wrong);
            };
        };
    }

    /** Without the ids that the broker made for members. */
    private static String masked(String text) {
        return text.replaceAll("(instance-\\d-)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "made")
                .replaceAll("(?<=\\b(of|member) |memberId='|^)[A-Za-z0-9_-]{22}(?=[ .:']|$)", "made");
    }

    private static List<String> names(int topics) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < TOPICS.size(); i++) {
            if ((topics & 1 << i) != 0) {
                names.add(TOPICS.get(i));
            }
        }
        return names;
    }

    private static String join(Side side, Client self, int topics, int wrong, int more) throws Exception {
        return send(
                side,
                self,
                new ConsumerGroupHeartbeatRequestData()
                        .setGroupId(wrong == 0 ? "" : side.group)
                        .setMemberId(wrong == 1 ? "" : self.id)
                        .setMemberEpoch(wrong == 2 ? -3 : 0)
                        .setInstanceId(wrong == 3 ? "" : self.instanceId)
                        .setRackId(wrong == 4 ? " " : more == 0 ? "rack" : null)
                        .setRebalanceTimeoutMs(wrong == 5 ? -1 : LONG_MS)
                        .setSubscribedTopicNames(wrong == 6 ? null : names(topics))
                        .setSubscribedTopicRegex(wrong == 7 ? "(" : null)
                        .setServerAssignor(wrong == 8 ? "strange" : more == 1 ? side.assignor : null)
                        .setTopicPartitions(wrong == 9 ? null : List.of()),
                1);
    }

    private static String beat(Side side, Client self, int topics, int wrong, int more) throws Exception {
        boolean all = more == 3;
        List<ConsumerGroupHeartbeatRequestData.TopicPartitions> owned = all || more > 4
                ? more == 7 && !self.owned.isEmpty() ? self.owned.subList(1, self.owned.size()) : self.owned
                : null;
        return send(
                side,
                self,
                new ConsumerGroupHeartbeatRequestData()
                        .setGroupId(side.group)
                        .setMemberId(wrong == 0 ? "nobody" : self.id)
                        .setMemberEpoch(
                                wrong == 1
                                        ? self.epoch + 1
                                        : wrong == 2 ? Math.max(1, self.epoch - 1) : self.epoch == 0 ? 7 : self.epoch)
                        .setInstanceId(wrong == 3 ? "instance-9" : wrong == 4 ? "instance-1" : self.instanceId)
                        .setRebalanceTimeoutMs(all ? LONG_MS : -1)
                        .setSubscribedTopicNames(all || more == 4 ? names(topics) : null)
                        .setServerAssignor(wrong == 5 ? side.assignor : null)
                        .setTopicPartitions(wrong == 6 ? someones(side) : owned),
                1);
    }

    private static List<ConsumerGroupHeartbeatRequestData.TopicPartitions> someones(Side side) {
        return List.of(new ConsumerGroupHeartbeatRequestData.TopicPartitions()
                .setTopicId(side.topicIds.get("t0"))
                .setPartitions(List.of(0, 1, 77)));
    }

    private static String leave(Side side, Client self, int wrong) throws Exception {
        boolean away = self.instanceId != null && wrong % 2 == 0;
        return send(
                side,
                self,
                new ConsumerGroupHeartbeatRequestData()
                        .setGroupId(wrong == 0 ? "no-such-group" : side.group)
                        .setMemberId(wrong == 1 ? "nobody" : self.id)
                        .setMemberEpoch(away ? -2 : -1)
                        .setInstanceId(wrong == 3 ? null : self.instanceId),
                1);
    }

    private static String send(Side side, Client self, ConsumerGroupHeartbeatRequestData request, int version)
            throws Exception {
        ConsumerGroupHeartbeatResponseData response =
                (ConsumerGroupHeartbeatResponseData) side.call(ApiKeys.CONSUMER_GROUP_HEARTBEAT, version, request);
        if (response.errorCode() == 0) {
            self.epoch = Math.max(0, response.memberEpoch());
        }
        TreeMap<Uuid, TreeSet<Integer>> assigned = null;
        if (response.assignment() != null) {
            assigned = new TreeMap<>();
            self.owned = new ArrayList<>();
            for (ConsumerGroupHeartbeatResponseData.TopicPartitions topic :
                    response.assignment().topicPartitions()) {
                assigned.put(topic.topicId(), new TreeSet<>(topic.partitions()));
            }
            assigned.forEach(
                    (topic, partitions) -> self.owned.add(new ConsumerGroupHeartbeatRequestData.TopicPartitions()
                            .setTopicId(topic)
                            .setPartitions(List.copyOf(partitions))));
        }
        return "heartbeat of " + request.memberId() + " in " + request.memberEpoch() + ": " + response.errorCode() + " "
                + response.errorMessage() + " member " + response.memberId() + " in " + response.memberEpoch() + " "
                + response.heartbeatIntervalMs() + " " + assigned;
    }

    private static String classicJoin(Side side, Client self, int topics, int wrong) throws Exception {
        String memberId = self.classic || wrong == 2 || self.instanceId == null ? self.id : "";
        // With other classic members around it would wait for them; and Apache Kafka forgets an empty consumer group
        // when somebody with an id joins it, but only until it is started again.
        if (side.isClassicWithMembers() || side.state().equals("consumer Empty") && !memberId.isEmpty()) {
            return "";
        }
        List<TopicPartition> owned = List.of();
        byte[] subscription =
                Utils.toArray(ConsumerProtocol.serializeSubscription(new Subscription(names(topics), null, owned)));
        JoinGroupRequestData.JoinGroupRequestProtocolCollection protocols =
                new JoinGroupRequestData.JoinGroupRequestProtocolCollection();
        for (String name :
                wrong == 0 ? List.of("strange") : wrong == 1 ? List.of("sticky", "range") : List.of("range")) {
            protocols.add(new JoinGroupRequestData.JoinGroupRequestProtocol()
                    .setName(name)
                    .setMetadata(wrong == 4 ? new byte[] {0, 1, 127} : wrong == 5 ? new byte[1] : subscription));
        }
        JoinGroupRequestData request = new JoinGroupRequestData()
                .setGroupId(side.group)
                .setMemberId(memberId)
                .setGroupInstanceId(self.instanceId)
                .setProtocolType(wrong == 3 ? "connect" : "consumer")
                .setSessionTimeoutMs(30_000)
                .setRebalanceTimeoutMs(LONG_MS)
                .setProtocols(protocols);
        JoinGroupResponseData response = (JoinGroupResponseData) side.call(ApiKeys.JOIN_GROUP, 9, request);
        if (response.errorCode() == 0) {
            self.classic = true;
            self.id = response.memberId();
            self.epoch = response.generationId();
        }
        return "join of " + request.memberId() + ": " + response.errorCode() + " member " + response.memberId() + " "
                + response.generationId() + " " + response.protocolType() + " " + response.protocolName() + " member "
                + response.leader() + " " + response.skipAssignment();
    }

    private static String syncing(Side side, Client self, int wrong) throws Exception {
        List<SyncGroupRequestData.SyncGroupRequestAssignment> assignments = new ArrayList<>();
        if (side.isClassicWithMembers()) {
            ByteBuffer assignment =
                    ConsumerProtocol.serializeAssignment(new Assignment(List.of(new TopicPartition("t0", 0))));
            assignments.add(new SyncGroupRequestData.SyncGroupRequestAssignment()
                    .setMemberId(self.id)
                    .setAssignment(wrong == 4 ? new byte[] {0, 1, 127} : Utils.toArray(assignment)));
        }
        SyncGroupResponseData response = (SyncGroupResponseData) side.call(
                ApiKeys.SYNC_GROUP,
                5,
                new SyncGroupRequestData()
                        .setGroupId(side.group)
                        .setMemberId(wrong == 0 ? "nobody" : self.id)
                        .setGroupInstanceId(self.instanceId)
                        .setGenerationId(wrong == 1 ? self.epoch + 1 : self.epoch)
                        .setProtocolType(wrong == 2 ? "connect" : "consumer")
                        .setProtocolName(wrong == 3 ? "strange" : "range")
                        .setAssignments(assignments));
        TreeSet<String> assigned = new TreeSet<>();
        if (response.assignment().length > 0) {
            try {
                ConsumerProtocol.deserializeAssignment(ByteBuffer.wrap(response.assignment()))
                        .partitions()
                        .forEach(partition -> assigned.add(partition.toString()));
            } catch (SchemaException e) {
                assigned.add(Arrays.toString(response.assignment()));
            }
        }
        return "sync of " + self.id + ": " + response.errorCode() + " " + response.protocolType() + " "
                + response.protocolName() + " " + assigned;
    }

    private static String heartbeat(Side side, Client self, int wrong) throws Exception {
        return "classic heartbeat of " + self.id + ": "
                + side.call(
                        ApiKeys.HEARTBEAT,
                        4,
                        new HeartbeatRequestData()
                                .setGroupId(side.group)
                                .setMemberId(wrong == 0 ? "nobody" : self.id)
                                .setGroupInstanceId(wrong == 1 ? "instance-9" : self.instanceId)
                                .setGenerationId(wrong == 2 ? self.epoch + 1 : self.epoch));
    }

    private static String leaveClassic(Side side, Client self, int wrong) throws Exception {
        self.classic = false;
        return "classic leave of " + self.id + ": "
                + side.call(
                        ApiKeys.LEAVE_GROUP,
                        5,
                        new LeaveGroupRequestData()
                                .setGroupId(side.group)
                                .setMembers(List.of(
                                        new LeaveGroupRequestData.MemberIdentity()
                                                .setMemberId(self.instanceId != null && wrong == 0 ? "" : self.id)
                                                .setGroupInstanceId(self.instanceId),
                                        new LeaveGroupRequestData.MemberIdentity().setMemberId("nobody"))));
    }

    private static String commit(Side side, Client self, int wrong, int more) throws Exception {
        int version = wrong == 0 ? 8 : wrong == 1 ? 10 : 9;
        OffsetCommitRequestData request = new OffsetCommitRequestData()
                .setGroupId(wrong == 2 ? "no-such-group" : side.group)
                .setMemberId(wrong == 3 ? "nobody" : wrong == 4 ? "" : self.id)
                .setGroupInstanceId(self.instanceId)
                .setGenerationIdOrMemberEpoch(
                        wrong == 4 ? -1 : wrong == 5 ? self.epoch + 1 : wrong < 10 ? self.epoch - 1 : self.epoch)
                .setTopics(List.of(new OffsetCommitRequestData.OffsetCommitRequestTopic()
                        .setName(version < 10 ? "t0" : "")
                        .setTopicId(version < 10 ? Uuid.ZERO_UUID : side.topicIds.get("t0"))
                        .setPartitions(List.of(new OffsetCommitRequestData.OffsetCommitRequestPartition()
                                .setPartitionIndex(more % 3)
                                .setCommittedOffset(more)))));
        return "commit of " + self.id + ": " + Canonical.text(side.call(ApiKeys.OFFSET_COMMIT, version, request));
    }

    private static String fetch(Side side, Client self, int wrong) throws Exception {
        OffsetFetchRequestData request = new OffsetFetchRequestData()
                .setRequireStable(true)
                .setGroups(List.of(new OffsetFetchRequestData.OffsetFetchRequestGroup()
                        .setGroupId(side.group)
                        .setMemberId(wrong < 5 ? null : wrong == 5 ? "nobody" : self.id)
                        .setMemberEpoch(wrong < 5 ? -1 : wrong == 6 ? self.epoch + 1 : self.epoch)
                        .setTopics(null)));
        return "fetch of " + self.id + ": " + Canonical.text(side.call(ApiKeys.OFFSET_FETCH, 9, request));
    }

    private static String describe(Side side) throws Exception {
        ConsumerGroupDescribeResponseData response = (ConsumerGroupDescribeResponseData) side.call(
                ApiKeys.CONSUMER_GROUP_DESCRIBE,
                1,
                new ConsumerGroupDescribeRequestData()
                        .setGroupIds(List.of(side.group, "", "no-such-group"))
                        .setIncludeAuthorizedOperations(true));
        StringBuilder text = new StringBuilder("described:");
        for (ConsumerGroupDescribeResponseData.DescribedGroup group : response.groups().stream()
                .sorted((one, other) -> one.groupId().compareTo(other.groupId()))
                .toList()) {
            List<String> members = group.members().stream()
                    .map(member -> masked(member.memberId()) + " in " + text(member))
                    .sorted()
                    .toList();
            text.append('\n')
                    .append(List.of(
                            group.groupId(),
                            group.errorCode(),
                            String.valueOf(group.errorMessage()),
                            group.groupState(),
                            group.groupEpoch(),
                            group.assignmentEpoch(),
                            group.assignorName(),
                            group.authorizedOperations(),
                            members));
        }
        return text.toString();
    }

    private static String text(ConsumerGroupDescribeResponseData.Member member) {
        return member.memberEpoch() + " " + member.instanceId() + " " + member.rackId() + " " + member.clientId() + " "
                + member.clientHost() + " " + new TreeSet<>(member.subscribedTopicNames()) + " "
                + member.subscribedTopicRegex() + " " + member.memberType() + " has " + text(member.assignment())
                + " gets " + text(member.targetAssignment());
    }

    private static Map<String, Set<Integer>> text(ConsumerGroupDescribeResponseData.Assignment assignment) {
        Map<String, Set<Integer>> topics = new TreeMap<>();
        assignment.topicPartitions().forEach(topic -> topics.put(topic.topicName(), new TreeSet<>(topic.partitions())));
        return topics;
    }

    private static String look(Side side) throws Exception {
        ListGroupsResponseData all = (ListGroupsResponseData) side.call(
                ApiKeys.LIST_GROUPS, 5, new ListGroupsRequestData().setTypesFilter(List.of("Consumer", "classic")));
        List<ListGroupsResponseData.ListedGroup> own = all.groups().stream()
                .filter(listed -> listed.groupId().equals(side.group))
                .toList();
        return "listed: " + own + " as classic: "
                + Canonical.text(side.call(
                        ApiKeys.DESCRIBE_GROUPS, 6, new DescribeGroupsRequestData().setGroups(List.of(side.group))));
    }

    private static String delete(Side side, int wrong) throws Exception {
        DeleteGroupsRequestData request = new DeleteGroupsRequestData().setGroupsNames(List.of(side.group));
        return wrong > 8 ? "" : "deleted: " + side.call(ApiKeys.DELETE_GROUPS, 2, request);
    }

    @Test
    void groupsGoOnAsOnApacheKafka(@TempDir Path folder) throws Exception {
        SameFolder.prepare(
                folder,
                List.of(
                        new NewTopic("t0", 4, (short) 1),
                        new NewTopic("t1", 3, (short) 1),
                        new NewTopic("t2", 7, (short) 1)));
        String atOnce = "group.consumer.assignment.interval.ms=0";
        try (KafkaProcess kafka = KafkaProcess.startOn(folder, folder.resolve("kafka"), atOnce);
                GregorProcess gregor = GregorProcess.start(
                        folder, "log.dirs=" + folder.resolve("gregor"), "auto.create.topics.enable=false", atOnce)) {
            Side theirs = new Side(kafka.address(), kafka.port());
            Side ours = new Side(gregor.address(), gregor.port());
            assertThat(ours.topicIds).isEqualTo(theirs.topicIds);
            for (int history : HISTORIES) {
                replay(history, theirs, ours);
            }
        }
    }

    private static void replay(int history, Side theirs, Side ours) throws Exception {
        theirs.begin(history);
        ours.begin(history);
        Random random = new Random(history);
        List<String> before = new ArrayList<>();
        for (int i = 0; i < STEPS; i++) {
            Step step = step(random);
            String expected = masked(step.run(theirs));
            if (theirs.assignsAsItLikes()) {
                return;
            }
            assertThat(masked(step.run(ours)))
                    .as("history %d, step %d, after:%n%s%n", history, i, String.join("\n", before))
                    .isEqualTo(expected);
            before.add(expected);
        }
    }
}

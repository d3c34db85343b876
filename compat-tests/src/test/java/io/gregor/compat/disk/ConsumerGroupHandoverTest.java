package io.gregor.compat.disk;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.compat.GregorProcess;
import io.gregor.compat.KafkaProcess;
import io.gregor.compat.RawClient;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData.TopicPartitions;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A consumer group with members goes from Gregor to Apache Kafka and back with its folder: it looks the same, down to
 * epochs and assignments, and its members go on where they were.
 */
@Tag("once")
class ConsumerGroupHandoverTest {
    private static final String GROUP = "handed-over";

    private final Map<String, Integer> epochs = new TreeMap<>();

    private final Map<String, List<TopicPartitions>> owned = new TreeMap<>();

    private ConsumerGroupHeartbeatResponseData send(int port, ConsumerGroupHeartbeatRequestData request)
            throws Exception {
        try (RawClient raw = new RawClient(port)) {
            ConsumerGroupHeartbeatResponseData response = (ConsumerGroupHeartbeatResponseData)
                    raw.call(ApiKeys.CONSUMER_GROUP_HEARTBEAT, (short) 1, request.setGroupId(GROUP));
            if (response.assignment() != null) {
                owned.put(
                        request.memberId(),
                        response.assignment().topicPartitions().stream()
                                .map(topic -> new TopicPartitions()
                                        .setTopicId(topic.topicId())
                                        .setPartitions(topic.partitions()))
                                .toList());
            }
            return response;
        }
    }

    private void join(int port, String member, ConsumerGroupHeartbeatRequestData request) throws Exception {
        Awaitility.await().until(() -> {
            ConsumerGroupHeartbeatResponseData response = send(
                    port,
                    request.setMemberId(member)
                            .setMemberEpoch(0)
                            .setRebalanceTimeoutMs(300_000)
                            .setTopicPartitions(List.of()));
            epochs.put(member, response.memberEpoch());
            return response.errorCode() == 0;
        });
    }

    private void goOn(int port) throws Exception {
        for (Map.Entry<String, Integer> member : epochs.entrySet()) {
            ConsumerGroupHeartbeatResponseData response = send(
                    port,
                    new ConsumerGroupHeartbeatRequestData()
                            .setMemberId(member.getKey())
                            .setMemberEpoch(member.getValue())
                            .setTopicPartitions(owned.get(member.getKey())));
            assertThat(response.errorCode()).as(response.errorMessage()).isZero();
            member.setValue(response.memberEpoch());
        }
    }

    private static String describe(int port) throws Exception {
        ConsumerGroupDescribeResponseData.DescribedGroup group =
                Awaitility.await().until(() -> described(port), found -> found.errorCode() == 0);
        TreeMap<String, String> members = new TreeMap<>();
        for (ConsumerGroupDescribeResponseData.Member member : group.members()) {
            members.put(
                    member.memberId(),
                    List.of(
                                    member.memberEpoch(),
                                    String.valueOf(member.instanceId()),
                                    String.valueOf(member.rackId()),
                                    member.subscribedTopicNames(),
                                    member.subscribedTopicRegex(),
                                    text(member.assignment()),
                                    text(member.targetAssignment()))
                            .toString());
        }
        return List.of(group.groupState(), group.groupEpoch(), group.assignmentEpoch(), group.assignorName(), members)
                .toString();
    }

    private static ConsumerGroupDescribeResponseData.DescribedGroup described(int port) throws Exception {
        try (RawClient raw = new RawClient(port)) {
            return ((ConsumerGroupDescribeResponseData) raw.call(
                            ApiKeys.CONSUMER_GROUP_DESCRIBE,
                            (short) 1,
                            new ConsumerGroupDescribeRequestData().setGroupIds(List.of(GROUP))))
                    .groups()
                    .get(0);
        }
    }

    private static String text(ConsumerGroupDescribeResponseData.Assignment assignment) {
        TreeMap<String, Object> topics = new TreeMap<>();
        assignment.topicPartitions().forEach(topic -> topics.put(topic.topicName(), new TreeSet<>(topic.partitions())));
        return topics.toString();
    }

    private static ConsumerGroupHeartbeatRequestData reads(String... topics) {
        return new ConsumerGroupHeartbeatRequestData().setSubscribedTopicNames(List.of(topics));
    }

    @Test
    void membersGoOnAtTheOtherBroker(@TempDir Path folder) throws Exception {
        try (GregorProcess gregor = GregorProcess.start(folder)) {
            try (Admin admin = Admin.create(Map.of("bootstrap.servers", gregor.address()))) {
                admin.createTopics(List.of(new NewTopic("a", 5, (short) 1), new NewTopic("b", 3, (short) 1)))
                        .all()
                        .get();
            }
            try (RawClient raw = new RawClient(gregor.port())) {
                raw.awaitCoordinator((byte) 0);
            }
            join(gregor.port(), "one", reads("a", "b").setRackId("rack").setServerAssignor("range"));
            join(gregor.port(), "two", reads("a"));
            join(gregor.port(), "three", reads().setSubscribedTopicRegex("[ab]"));
            goOn(gregor.port());
            Awaitility.await().until(() -> {
                goOn(gregor.port());
                return describe(gregor.port()).matches(".*\\[ab], \\{[ab]=.*");
            });
            String before = describe(gregor.port());
            assertThat(gregor.stop()).isZero();
            String between;
            try (KafkaProcess kafka = KafkaProcess.startOn(folder, gregor.data())) {
                assertThat(describe(kafka.port())).isEqualTo(before);
                goOn(kafka.port());
                // The hash of the topics is the same here: otherwise there would be another epoch.
                assertThat(describe(kafka.port())).isEqualTo(before);
                join(kafka.port(), "four", reads("b"));
                Awaitility.await().until(() -> {
                    goOn(kafka.port());
                    return describe(kafka.port()).startsWith("[Stable");
                });
                between = describe(kafka.port());
                kafka.stop();
            }
            gregor.startAgain();
            assertThat(describe(gregor.port())).isEqualTo(between);
            goOn(gregor.port());
            assertThat(describe(gregor.port())).isEqualTo(between);
            gregor.kill();
            gregor.startAgain();
            assertThat(describe(gregor.port())).isEqualTo(between);
            goOn(gregor.port());
            assertThat(epochs).hasSize(4);
        }
    }
}

package io.gregor.compat.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.compat.RawClient;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.DeleteGroupsRequestData;
import org.apache.kafka.common.message.DeleteGroupsResponseData;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.DescribeGroupsResponseData;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocol;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocolCollection;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData.TxnOffsetCommitRequestPartition;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData.TxnOffsetCommitRequestTopic;
import org.apache.kafka.common.message.TxnOffsetCommitResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * What coordinators would keep for clients, more of it than the heap has room for, and requests that name many groups:
 * what does not fit is refused, and what was taken is there after a restart.
 */
@Tag("once")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class GroupAttacksTest extends AttackTest {
    private static final String TOPIC = "committed";
    private static final int PARTITIONS = 50;
    /** With as many long names of as many bytes there is more than the heap. */
    private static final int NAMES = 2_200;

    private static final int LARGE_MEMBERS = 14;
    private static final int LARGE_BYTES = 5 << 20;
    private static final int GROUPS_WITH_OFFSETS = 330;
    private static final int METADATA_BYTES = 4096;
    private static final int SUBSCRIPTIONS = 80;
    private static final int GROUPS_AT_ONCE = 10_000;
    private static final int COMMITS = 60_000;
    private static final int SESSION_MS = 1_800_000;

    GroupAttacksTest(@TempDir Path folder) throws Exception {
        super(folder, "offsets.topic.num.partitions=4", "transaction.state.log.num.partitions=4");
    }

    @BeforeAll
    void prepare() throws Exception {
        broker.create(new NewTopic(TOPIC, PARTITIONS, (short) 1));
        try (RawClient client = new RawClient(broker.port())) {
            client.awaitCoordinator((byte) 0);
            client.awaitCoordinator((byte) 1);
        }
    }

    /** One request after the other, and their errors. */
    private List<Errors> errors(
            String clientId, ApiKeys api, int version, int count, IntFunction<ApiMessage> request, ErrorOf errorOf)
            throws Exception {
        return broker.whileOthersAreServed(() -> {
            List<Errors> errors = new ArrayList<>();
            try (RawClient client = new RawClient(broker.port(), clientId)) {
                for (int i = 0; i < count; i++) {
                    ApiMessage answer = client.callUntilThere(api, (short) version, request.apply(i));
                    errors.add(Errors.forCode(errorOf.applyAsShort(answer)));
                }
            }
            return errors;
        });
    }

    private interface ErrorOf {
        short applyAsShort(ApiMessage answer);
    }

    private static JoinGroupRequestData join(String group, byte[] metadata) {
        JoinGroupRequestProtocol range =
                new JoinGroupRequestProtocol().setName("range").setMetadata(metadata);
        return new JoinGroupRequestData()
                .setGroupId(group)
                .setSessionTimeoutMs(SESSION_MS)
                .setRebalanceTimeoutMs(60_000)
                .setProtocolType("consumer")
                .setProtocols(
                        new JoinGroupRequestProtocolCollection(List.of(range).iterator()));
    }

    private static short ofJoin(ApiMessage answer) {
        return ((JoinGroupResponseData) answer).errorCode();
    }

    @Test
    @Order(1)
    void membersWithLargeMetadata() throws Exception {
        List<Errors> errors = errors(
                "large",
                ApiKeys.JOIN_GROUP,
                2,
                LARGE_MEMBERS,
                i -> join("large-" + i, new byte[LARGE_BYTES]),
                GroupAttacksTest::ofJoin);
        assertThat(errors).isSubsetOf(Errors.NONE, Errors.GROUP_MAX_SIZE_REACHED);
    }

    @Test
    @Order(1)
    void membersToBeWithLongClientIds() throws Exception {
        List<Errors> errors = new ArrayList<>();
        for (int i = 0; i < NAMES; i++) {
            try (RawClient client = new RawClient(broker.port(), longName(i))) {
                errors.add(Errors.forCode(
                        ofJoin(client.callUntilThere(ApiKeys.JOIN_GROUP, (short) 4, join("pending", new byte[1])))));
            }
        }
        assertThat(errors).isSubsetOf(Errors.MEMBER_ID_REQUIRED, Errors.GROUP_MAX_SIZE_REACHED);
    }

    @Test
    @Order(1)
    void subscriptionsToManyTopics() throws Exception {
        List<Errors> errors = errors(
                "many",
                ApiKeys.CONSUMER_GROUP_HEARTBEAT,
                1,
                SUBSCRIPTIONS,
                i -> subscription("many-" + i)
                        .setSubscribedTopicNames(IntStream.range(0, 5_000)
                                .mapToObj(topic -> i + "-" + topic + "-" + "t".repeat(168))
                                .toList()),
                answer -> ((ConsumerGroupHeartbeatResponseData) answer).errorCode());
        assertThat(errors).isSubsetOf(Errors.NONE, Errors.GROUP_MAX_SIZE_REACHED);
    }

    /** Sets that do not order what they hold take quadratic time for names of one hash value. */
    @Test
    @Order(1)
    void subscriptionsToTopicsOfOneHashValue() throws Exception {
        List<String> names = IntStream.range(0, 1 << 14)
                .mapToObj(i -> {
                    StringBuilder name = new StringBuilder();
                    for (int bit = 0; bit < 14; bit++) {
                        name.append((i >> bit & 1) == 0 ? "Aa" : "BB");
                    }
                    return name.toString();
                })
                .toList();
        List<Errors> errors = errors(
                "same",
                ApiKeys.CONSUMER_GROUP_HEARTBEAT,
                1,
                1,
                i -> subscription("same").setSubscribedTopicNames(names),
                answer -> ((ConsumerGroupHeartbeatResponseData) answer).errorCode());
        assertThat(errors).isSubsetOf(Errors.NONE, Errors.GROUP_MAX_SIZE_REACHED);
    }

    @Test
    @Order(1)
    void aPatternThatIsNestedTooDeep() throws Exception {
        List<Errors> errors = errors(
                "deep",
                ApiKeys.CONSUMER_GROUP_HEARTBEAT,
                1,
                1,
                i -> subscription("deep").setSubscribedTopicRegex("(".repeat(15_000) + ")".repeat(15_000)),
                answer -> ((ConsumerGroupHeartbeatResponseData) answer).errorCode());
        assertThat(errors).containsOnly(Errors.INVALID_REGULAR_EXPRESSION);
    }

    private static ConsumerGroupHeartbeatRequestData subscription(String group) {
        return new ConsumerGroupHeartbeatRequestData()
                .setGroupId(group)
                .setMemberId("member")
                .setMemberEpoch(0)
                .setRebalanceTimeoutMs(60_000)
                .setTopicPartitions(List.of());
    }

    private static OffsetCommitRequestData commit(String group, int partitions, String metadata) {
        return commit(group, partitions, i -> i, metadata);
    }

    private static OffsetCommitRequestData commit(
            String group, int partitions, IntFunction<Integer> index, String metadata) {
        return new OffsetCommitRequestData()
                .setGroupId(group)
                .setTopics(List.of(new OffsetCommitRequestTopic()
                        .setName(TOPIC)
                        .setPartitions(IntStream.range(0, partitions)
                                .mapToObj(i -> new OffsetCommitRequestPartition()
                                        .setPartitionIndex(index.apply(i))
                                        .setCommittedOffset(1)
                                        .setCommittedMetadata(metadata))
                                .toList())));
    }

    private static short ofCommit(ApiMessage answer) {
        return ((OffsetCommitResponseData) answer)
                .topics()
                .get(0)
                .partitions()
                .get(0)
                .errorCode();
    }

    @Test
    @Order(2)
    void offsetsWithMetadata() throws Exception {
        List<Errors> errors = errors(
                "offsets",
                ApiKeys.OFFSET_COMMIT,
                6,
                GROUPS_WITH_OFFSETS,
                i -> commit("offsets-" + i, PARTITIONS, "m".repeat(METADATA_BYTES)),
                GroupAttacksTest::ofCommit);
        assertThat(errors).contains(Errors.INVALID_COMMIT_OFFSET_SIZE).doesNotContain(Errors.UNKNOWN_SERVER_ERROR);
    }

    @Test
    @Order(2)
    void longGroupIds() throws Exception {
        List<Errors> errors = errors(
                "ids", ApiKeys.OFFSET_COMMIT, 6, NAMES, i -> commit(longName(i), 1, ""), GroupAttacksTest::ofCommit);
        assertThat(errors).isSubsetOf(Errors.NONE, Errors.INVALID_COMMIT_OFFSET_SIZE);
    }

    @Test
    @Order(2)
    void longTransactionalIds() throws Exception {
        List<Errors> errors = errors(
                "transactional",
                ApiKeys.INIT_PRODUCER_ID,
                1,
                NAMES,
                i -> new InitProducerIdRequestData()
                        .setTransactionalId(longName(i))
                        .setTransactionTimeoutMs(60_000),
                answer -> ((InitProducerIdResponseData) answer).errorCode());
        assertThat(errors).doesNotContain(Errors.UNKNOWN_SERVER_ERROR);
    }

    @Test
    @Order(3)
    void manyPartitionsInOneCommit() throws Exception {
        // Every second one does not exist.
        ApiMessage answer = broker.attack(
                ApiKeys.OFFSET_COMMIT,
                (short) 6,
                commit("quadratic", COMMITS, i -> i % 2 == 0 ? 0 : PARTITIONS + i, ""));
        assertThat(((OffsetCommitResponseData) answer).topics().get(0).partitions())
                .hasSize(COMMITS);
        TxnOffsetCommitRequestData request = new TxnOffsetCommitRequestData()
                .setGroupId("quadratic")
                .setTransactionalId("tx")
                .setProducerId(1)
                .setTopics(List.of(new TxnOffsetCommitRequestTopic()
                        .setName(TOPIC)
                        .setPartitions(IntStream.range(0, COMMITS)
                                .mapToObj(i -> new TxnOffsetCommitRequestPartition()
                                        .setPartitionIndex(i % 2 == 0 ? 0 : PARTITIONS + i)
                                        .setCommittedMetadata(""))
                                .toList())));
        answer = broker.attack(ApiKeys.TXN_OFFSET_COMMIT, (short) 0, request);
        assertThat(((TxnOffsetCommitResponseData) answer).topics().get(0).partitions())
                .hasSize(COMMITS);
    }

    @Test
    @Order(3)
    void manyGroupsInOneRequest() throws Exception {
        List<String> ids =
                IntStream.range(0, GROUPS_AT_ONCE).mapToObj(i -> "g" + i).toList();
        assertThat(answered(
                        ApiKeys.DESCRIBE_GROUPS,
                        0,
                        new DescribeGroupsRequestData().setGroups(ids),
                        answer -> ((DescribeGroupsResponseData) answer).groups()))
                .hasSize(GROUPS_AT_ONCE);
        assertThat(answered(
                        ApiKeys.CONSUMER_GROUP_DESCRIBE,
                        0,
                        new ConsumerGroupDescribeRequestData().setGroupIds(ids),
                        answer -> ((ConsumerGroupDescribeResponseData) answer).groups()))
                .hasSize(GROUPS_AT_ONCE);
        assertThat(answered(
                        ApiKeys.DELETE_GROUPS,
                        0,
                        new DeleteGroupsRequestData().setGroupsNames(ids),
                        answer -> List.copyOf(((DeleteGroupsResponseData) answer).results())))
                .hasSize(GROUPS_AT_ONCE);
        OffsetFetchRequestData fetch = new OffsetFetchRequestData()
                .setGroups(ids.stream()
                        .map(id -> new OffsetFetchRequestGroup().setGroupId(id).setTopics(null))
                        .toList());
        assertThat(answered(ApiKeys.OFFSET_FETCH, 8, fetch, answer -> ((OffsetFetchResponseData) answer).groups()))
                .hasSize(GROUPS_AT_ONCE);
    }

    private List<?> answered(ApiKeys api, int version, ApiMessage request, Function<ApiMessage, List<?>> elements)
            throws Exception {
        ApiMessage answer = broker.attack(api, (short) version, request);
        return answer == null ? Collections.emptyList() : elements.apply(answer);
    }

    @Test
    @Order(4)
    void whatWasTakenIsThereAfterARestart() throws Exception {
        int before = groups();
        assertThat(before).isPositive();
        for (int i = 0; i < 2; i++) {
            broker.restart();
            // Members, and groups that have nothing else, were in memory only.
            assertThat(groups()).isBetween(1, before);
        }
    }

    private int groups() throws Exception {
        try (RawClient client = new RawClient(broker.port())) {
            ListGroupsResponseData answer = (ListGroupsResponseData)
                    client.callUntilThere(ApiKeys.LIST_GROUPS, (short) 1, new ListGroupsRequestData());
            assertThat(Errors.forCode(answer.errorCode())).isEqualTo(Errors.NONE);
            return answer.groups().size();
        }
    }
}

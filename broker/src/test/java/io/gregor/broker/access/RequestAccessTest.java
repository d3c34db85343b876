package io.gregor.broker.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.wire.Message;
import io.gregor.wire.message.AddOffsetsToTxnRequest;
import io.gregor.wire.message.AddPartitionsToTxnRequest;
import io.gregor.wire.message.ApiKey;
import io.gregor.wire.message.ConsumerGroupHeartbeatRequest;
import io.gregor.wire.message.EndTxnRequest;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.HeartbeatRequest;
import io.gregor.wire.message.InitProducerIdRequest;
import io.gregor.wire.message.JoinGroupRequest;
import io.gregor.wire.message.LeaveGroupRequest;
import io.gregor.wire.message.OffsetCommitRequest;
import io.gregor.wire.message.OffsetDeleteRequest;
import io.gregor.wire.message.TxnOffsetCommitRequest;
import io.gregor.wire.message.WriteTxnMarkersRequest;
import java.net.InetSocketAddress;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What each API asks for, as Apache Kafka's KafkaApis and ControllerApis do. */
class RequestAccessTest {
    private static final Caller CALLER =
            new Caller(Principal.ANONYMOUS, new InetSocketAddress("127.0.0.1", 40_000), "PLAINTEXT");

    private static final Set<ApiKey> ALTER = EnumSet.of(
            ApiKey.ALTER_PARTITION_REASSIGNMENTS,
            ApiKey.ALTER_REPLICA_LOG_DIRS,
            ApiKey.ALTER_USER_SCRAM_CREDENTIALS,
            ApiKey.ADD_RAFT_VOTER,
            ApiKey.ELECT_LEADERS,
            ApiKey.REMOVE_RAFT_VOTER,
            ApiKey.UNREGISTER_BROKER,
            ApiKey.UPDATE_FEATURES);
    private static final Set<ApiKey> DESCRIBE = EnumSet.of(
            ApiKey.DESCRIBE_LOG_DIRS,
            ApiKey.DESCRIBE_QUORUM,
            ApiKey.DESCRIBE_USER_SCRAM_CREDENTIALS,
            ApiKey.LIST_PARTITION_REASSIGNMENTS);
    private static final Set<ApiKey> DESCRIBE_CONFIGS =
            EnumSet.of(ApiKey.DESCRIBE_CLIENT_QUOTAS, ApiKey.LIST_CONFIG_RESOURCES);

    private static ErrorCode check(ApiKey api, Message request, String... denied) {
        return new RequestAccess(new DeniedAccess(denied), CALLER).check(api, api.highestVersion(), request);
    }

    private static ErrorCode check(ApiKey api, AclOperation denied) {
        return check(api, api.newRequest(), denied + " CLUSTER kafka-cluster");
    }

    @Test
    void whatChangesTheClusterIsAskedOfIt() {
        assertThat(ALTER)
                .allSatisfy(api ->
                        assertThat(check(api, AclOperation.ALTER)).isEqualTo(ErrorCode.CLUSTER_AUTHORIZATION_FAILED));
        assertThat(DESCRIBE)
                .allSatisfy(api -> assertThat(check(api, AclOperation.DESCRIBE))
                        .isEqualTo(ErrorCode.CLUSTER_AUTHORIZATION_FAILED));
        assertThat(check(ApiKey.ALTER_CLIENT_QUOTAS, AclOperation.ALTER_CONFIGS))
                .isEqualTo(ErrorCode.CLUSTER_AUTHORIZATION_FAILED);
        assertThat(DESCRIBE_CONFIGS)
                .allSatisfy(api -> assertThat(check(api, AclOperation.DESCRIBE_CONFIGS))
                        .isEqualTo(ErrorCode.CLUSTER_AUTHORIZATION_FAILED));
    }

    @Test
    void markersNeedEitherOfTwoOperations() {
        String alter = "ALTER CLUSTER kafka-cluster";
        String act = "CLUSTER_ACTION CLUSTER kafka-cluster";
        Message request = new WriteTxnMarkersRequest();
        assertThat(check(ApiKey.WRITE_TXN_MARKERS, request, alter)).isEqualTo(ErrorCode.NONE);
        assertThat(check(ApiKey.WRITE_TXN_MARKERS, request, act)).isEqualTo(ErrorCode.NONE);
        assertThat(check(ApiKey.WRITE_TXN_MARKERS, request, alter, act))
                .isEqualTo(ErrorCode.CLUSTER_AUTHORIZATION_FAILED);
    }

    @Test
    void brokersAddPartitionsToTransactionsOfOthers() {
        RequestAccess access = new RequestAccess(new DeniedAccess("CLUSTER_ACTION CLUSTER kafka-cluster"), CALLER);
        Message request = new AddPartitionsToTxnRequest();
        assertThat(access.check(ApiKey.ADD_PARTITIONS_TO_TXN, (short) 3, request))
                .isEqualTo(ErrorCode.NONE);
        assertThat(access.check(ApiKey.ADD_PARTITIONS_TO_TXN, (short) 4, request))
                .isEqualTo(ErrorCode.CLUSTER_AUTHORIZATION_FAILED);
    }

    @Test
    void membersOfAGroupNeedToReadIt() {
        Map<ApiKey, Message> requests = Map.of(
                ApiKey.JOIN_GROUP, new JoinGroupRequest().groupId("g"),
                ApiKey.HEARTBEAT, new HeartbeatRequest().groupId("g"),
                ApiKey.LEAVE_GROUP, new LeaveGroupRequest().groupId("g"),
                ApiKey.CONSUMER_GROUP_HEARTBEAT, new ConsumerGroupHeartbeatRequest().groupId("g"),
                ApiKey.OFFSET_COMMIT, new OffsetCommitRequest().groupId("g"),
                ApiKey.ADD_OFFSETS_TO_TXN,
                        new AddOffsetsToTxnRequest().groupId("g").transactionalId("x"),
                ApiKey.TXN_OFFSET_COMMIT,
                        new TxnOffsetCommitRequest().groupId("g").transactionalId("x"));
        requests.forEach((api, request) -> {
            assertThat(check(api, request, "READ GROUP other")).isEqualTo(ErrorCode.NONE);
            assertThat(check(api, request, "READ GROUP g")).isEqualTo(ErrorCode.GROUP_AUTHORIZATION_FAILED);
        });
        assertThat(check(ApiKey.OFFSET_DELETE, new OffsetDeleteRequest().groupId("g"), "DELETE GROUP g"))
                .isEqualTo(ErrorCode.GROUP_AUTHORIZATION_FAILED);
    }

    @Test
    void producersInTransactionsNeedToWriteToTheirId() {
        Map<ApiKey, Message> requests = Map.of(
                ApiKey.INIT_PRODUCER_ID, new InitProducerIdRequest().transactionalId("x"),
                ApiKey.END_TXN, new EndTxnRequest().transactionalId("x"),
                ApiKey.ADD_OFFSETS_TO_TXN, new AddOffsetsToTxnRequest().transactionalId("x"),
                ApiKey.TXN_OFFSET_COMMIT, new TxnOffsetCommitRequest().transactionalId("x"));
        requests.forEach((api, request) -> {
            assertThat(check(api, request)).isEqualTo(ErrorCode.NONE);
            assertThat(check(api, request, "WRITE TRANSACTIONAL_ID x"))
                    .isEqualTo(ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
        });
        InitProducerIdRequest twoPhases =
                new InitProducerIdRequest().transactionalId("x").enable2Pc(true);
        assertThat(check(ApiKey.INIT_PRODUCER_ID, twoPhases, "TWO_PHASE_COMMIT TRANSACTIONAL_ID x"))
                .isEqualTo(ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
    }

    @Test
    void whoeverMayWriteToSomeTopicMayBeAnIdempotentProducer() {
        String idempotent = "IDEMPOTENT_WRITE CLUSTER kafka-cluster";
        Message request = new InitProducerIdRequest().transactionalId(null);
        assertThat(check(ApiKey.INIT_PRODUCER_ID, request, "WRITE TOPIC *")).isEqualTo(ErrorCode.NONE);
        assertThat(check(ApiKey.INIT_PRODUCER_ID, request, idempotent)).isEqualTo(ErrorCode.NONE);
        assertThat(check(ApiKey.INIT_PRODUCER_ID, request, idempotent, "WRITE TOPIC *"))
                .isEqualTo(ErrorCode.CLUSTER_AUTHORIZATION_FAILED);
    }

    /** The bits are those that Apache Kafka shows where everything is allowed. */
    @Test
    void allowedOperationsAreShownAsBits() {
        assertThat(Access.UNRESTRICTED.allowedOperations(CALLER, ResourceType.TOPIC, "t"))
                .isEqualTo(3576);
        assertThat(Access.UNRESTRICTED.allowedOperations(CALLER, ResourceType.GROUP, "g"))
                .isEqualTo(3400);
        assertThat(Access.UNRESTRICTED.allowedOperations(CALLER, ResourceType.CLUSTER, ResourceType.CLUSTER_NAME))
                .isEqualTo(8096);
        DeniedAccess access = new DeniedAccess("READ TOPIC t");
        assertThat(access.allowedOperations(CALLER, ResourceType.TOPIC, "t")).isEqualTo(3576 - 8);
    }
}

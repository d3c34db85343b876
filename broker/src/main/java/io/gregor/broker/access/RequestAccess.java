package io.gregor.broker.access;

import static io.gregor.broker.access.ResourceType.CLUSTER;
import static io.gregor.broker.access.ResourceType.CLUSTER_NAME;
import static io.gregor.broker.access.ResourceType.GROUP;
import static io.gregor.broker.access.ResourceType.TOPIC;
import static io.gregor.broker.access.ResourceType.TRANSACTIONAL_ID;

import io.gregor.wire.Message;
import io.gregor.wire.message.AddOffsetsToTxnRequest;
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
import org.jspecify.annotations.Nullable;

/**
 * What a caller must be allowed so that a request is handled at all, of each API as Kafka has it. What depends on each
 * of many names in a request is asked by its handler. Immutable.
 */
public record RequestAccess(Access access, Caller caller) {
    private static final short FIRST_VERSION_BETWEEN_BROKERS = 4;

    /** NONE, or the error that the whole of the request gets. */
    public ErrorCode check(ApiKey api, short version, Message request) {
        if (api == ApiKey.WRITE_TXN_MARKERS && isOnCluster(AclOperation.ALTER)) {
            return ErrorCode.NONE;
        }
        AclOperation onCluster = onCluster(api, version);
        if (onCluster == null) {
            return checkNames(api, request);
        }
        return isOnCluster(onCluster) ? ErrorCode.NONE : ErrorCode.CLUSTER_AUTHORIZATION_FAILED;
    }

    private static @Nullable AclOperation onCluster(ApiKey api, short version) {
        return switch (api) {
            case ALTER_PARTITION_REASSIGNMENTS,
                    ALTER_REPLICA_LOG_DIRS,
                    ALTER_USER_SCRAM_CREDENTIALS,
                    ADD_RAFT_VOTER,
                    CREATE_ACLS,
                    DELETE_ACLS,
                    ELECT_LEADERS,
                    REMOVE_RAFT_VOTER,
                    UNREGISTER_BROKER,
                    UPDATE_FEATURES -> AclOperation.ALTER;
            case ALTER_CLIENT_QUOTAS -> AclOperation.ALTER_CONFIGS;
            case DESCRIBE_ACLS,
                    DESCRIBE_LOG_DIRS,
                    DESCRIBE_QUORUM,
                    DESCRIBE_USER_SCRAM_CREDENTIALS,
                    LIST_PARTITION_REASSIGNMENTS -> AclOperation.DESCRIBE;
            case DESCRIBE_CLIENT_QUOTAS, LIST_CONFIG_RESOURCES -> AclOperation.DESCRIBE_CONFIGS;
            case WRITE_TXN_MARKERS -> AclOperation.CLUSTER_ACTION;
            case ADD_PARTITIONS_TO_TXN -> version < FIRST_VERSION_BETWEEN_BROKERS ? null : AclOperation.CLUSTER_ACTION;
            default -> null;
        };
    }

    private ErrorCode checkNames(ApiKey api, Message request) {
        return switch (api) {
            case JOIN_GROUP -> group(AclOperation.READ, ((JoinGroupRequest) request).groupId());
            case HEARTBEAT -> group(AclOperation.READ, ((HeartbeatRequest) request).groupId());
            case LEAVE_GROUP -> group(AclOperation.READ, ((LeaveGroupRequest) request).groupId());
            case OFFSET_COMMIT -> group(AclOperation.READ, ((OffsetCommitRequest) request).groupId());
            case OFFSET_DELETE -> group(AclOperation.DELETE, ((OffsetDeleteRequest) request).groupId());
            case CONSUMER_GROUP_HEARTBEAT ->
                group(AclOperation.READ, ((ConsumerGroupHeartbeatRequest) request).groupId());
            case INIT_PRODUCER_ID -> producer((InitProducerIdRequest) request);
            case END_TXN -> transactionalId(AclOperation.WRITE, ((EndTxnRequest) request).transactionalId());
            case ADD_OFFSETS_TO_TXN -> {
                AddOffsetsToTxnRequest offsets = (AddOffsetsToTxnRequest) request;
                yield offsetsInTransaction(offsets.transactionalId(), offsets.groupId());
            }
            case TXN_OFFSET_COMMIT -> {
                TxnOffsetCommitRequest offsets = (TxnOffsetCommitRequest) request;
                yield offsetsInTransaction(offsets.transactionalId(), offsets.groupId());
            }
            default -> ErrorCode.NONE;
        };
    }

    private ErrorCode producer(InitProducerIdRequest request) {
        String id = request.transactionalId();
        if (id == null) {
            boolean mayWrite =
                    isOnCluster(AclOperation.IDEMPOTENT_WRITE) || access.allowsOnAny(caller, AclOperation.WRITE, TOPIC);
            return mayWrite ? ErrorCode.NONE : ErrorCode.CLUSTER_AUTHORIZATION_FAILED;
        }
        ErrorCode error = transactionalId(AclOperation.WRITE, id);
        return error == ErrorCode.NONE && request.enable2Pc()
                ? transactionalId(AclOperation.TWO_PHASE_COMMIT, id)
                : error;
    }

    private ErrorCode offsetsInTransaction(String transactionalId, String groupId) {
        ErrorCode error = transactionalId(AclOperation.WRITE, transactionalId);
        return error == ErrorCode.NONE ? group(AclOperation.READ, groupId) : error;
    }

    private boolean isOnCluster(AclOperation operation) {
        return access.allows(caller, operation, CLUSTER, CLUSTER_NAME);
    }

    private ErrorCode group(AclOperation operation, String id) {
        return access.allows(caller, operation, GROUP, id) ? ErrorCode.NONE : ErrorCode.GROUP_AUTHORIZATION_FAILED;
    }

    private ErrorCode transactionalId(AclOperation operation, String id) {
        return access.allows(caller, operation, TRANSACTIONAL_ID, id)
                ? ErrorCode.NONE
                : ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED;
    }
}

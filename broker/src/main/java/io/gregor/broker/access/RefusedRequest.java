package io.gregor.broker.access;

import io.gregor.controller.operation.Operation;
import io.gregor.wire.ByteReader;
import io.gregor.wire.Failing;
import io.gregor.wire.Message;
import io.gregor.wire.MessageSink;
import io.gregor.wire.OnDemandList;
import io.gregor.wire.message.AddRaftVoterResponse;
import io.gregor.wire.message.AlterClientQuotasRequest;
import io.gregor.wire.message.AlterClientQuotasResponse;
import io.gregor.wire.message.AlterConfigsRequest;
import io.gregor.wire.message.AlterPartitionReassignmentsRequest;
import io.gregor.wire.message.AlterPartitionReassignmentsResponse;
import io.gregor.wire.message.AlterPartitionReassignmentsResponse.ReassignablePartitionResponse;
import io.gregor.wire.message.AlterPartitionReassignmentsResponse.ReassignableTopicResponse;
import io.gregor.wire.message.AlterReplicaLogDirsRequest;
import io.gregor.wire.message.AlterReplicaLogDirsResponse;
import io.gregor.wire.message.AlterReplicaLogDirsResponse.AlterReplicaLogDirPartitionResult;
import io.gregor.wire.message.AlterReplicaLogDirsResponse.AlterReplicaLogDirTopicResult;
import io.gregor.wire.message.AlterUserScramCredentialsRequest;
import io.gregor.wire.message.AlterUserScramCredentialsResponse;
import io.gregor.wire.message.AlterUserScramCredentialsResponse.AlterUserScramCredentialsResult;
import io.gregor.wire.message.ApiKey;
import io.gregor.wire.message.CreateAclsRequest;
import io.gregor.wire.message.CreateAclsResponse;
import io.gregor.wire.message.CreateAclsResponse.AclCreationResult;
import io.gregor.wire.message.DeleteAclsRequest;
import io.gregor.wire.message.DeleteAclsResponse;
import io.gregor.wire.message.DeleteAclsResponse.DeleteAclsFilterResult;
import io.gregor.wire.message.DescribeAclsResponse;
import io.gregor.wire.message.DescribeClientQuotasResponse;
import io.gregor.wire.message.DescribeQuorumResponse;
import io.gregor.wire.message.DescribeUserScramCredentialsRequest;
import io.gregor.wire.message.DescribeUserScramCredentialsRequest.UserName;
import io.gregor.wire.message.DescribeUserScramCredentialsResponse;
import io.gregor.wire.message.DescribeUserScramCredentialsResponse.DescribeUserScramCredentialsResult;
import io.gregor.wire.message.ElectLeadersRequest;
import io.gregor.wire.message.ElectLeadersResponse;
import io.gregor.wire.message.ElectLeadersResponse.PartitionResult;
import io.gregor.wire.message.ElectLeadersResponse.ReplicaElectionResult;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.IncrementalAlterConfigsRequest;
import io.gregor.wire.message.InitProducerIdResponse;
import io.gregor.wire.message.JoinGroupResponse;
import io.gregor.wire.message.ListPartitionReassignmentsRequest;
import io.gregor.wire.message.ListPartitionReassignmentsRequest.ListPartitionReassignmentsTopics;
import io.gregor.wire.message.ListPartitionReassignmentsResponse;
import io.gregor.wire.message.ListPartitionReassignmentsResponse.OngoingPartitionReassignment;
import io.gregor.wire.message.ListPartitionReassignmentsResponse.OngoingTopicReassignment;
import io.gregor.wire.message.OffsetCommitRequest;
import io.gregor.wire.message.OffsetCommitResponse;
import io.gregor.wire.message.OffsetCommitResponse.OffsetCommitResponsePartition;
import io.gregor.wire.message.OffsetCommitResponse.OffsetCommitResponseTopic;
import io.gregor.wire.message.ProduceRequest;
import io.gregor.wire.message.RemoveRaftVoterResponse;
import io.gregor.wire.message.RequestHeader;
import io.gregor.wire.message.TxnOffsetCommitRequest;
import io.gregor.wire.message.TxnOffsetCommitResponse;
import io.gregor.wire.message.TxnOffsetCommitResponse.TxnOffsetCommitResponsePartition;
import io.gregor.wire.message.TxnOffsetCommitResponse.TxnOffsetCommitResponseTopic;
import io.gregor.wire.message.UnregisterBrokerResponse;
import io.gregor.wire.message.UpdateFeaturesResponse;
import io.gregor.wire.message.WriteTxnMarkersRequest;
import io.gregor.wire.message.WriteTxnMarkersResponse;
import io.gregor.wire.message.WriteTxnMarkersResponse.WritableTxnMarkerPartitionResult;
import io.gregor.wire.message.WriteTxnMarkersResponse.WritableTxnMarkerResult;
import io.gregor.wire.message.WriteTxnMarkersResponse.WritableTxnMarkerTopicResult;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a request that is refused as a whole, with its error wherever the response has a place for one.
 * Immutable. Its elements are made of the request's when they are asked for, where nothing is said to the contrary.
 */
public record RefusedRequest(ApiKey api, short version, ErrorCode error) {
    private static final short FIRST_VERSION_WITH_QUORUM_MESSAGE = 2;
    private static final short FIRST_VERSION_WITHOUT_PROTOCOL = 7;

    /** The error of the whole request alone; null if the version has no place for it: it would say that all is well. */
    public @Nullable Message ofAll() {
        if (!(api.newResponse() instanceof Failing failed)) {
            return null;
        }
        failed.errorCode(error.code());
        try {
            return saysAllIsWell(failed) ? null : failed;
        } catch (IllegalStateException e) {
            return null;
        }
    }

    /** Whether the answer has no place for the error, and nothing else either. */
    private boolean saysAllIsWell(Message answer) {
        ByteBuffer allWell = MessageSink.toBuffer(api.newResponse(), version);
        MessageSink sink = MessageSink.ofAnswer(allWell.remaining(), allWell.remaining());
        return sink.writeSome(answer, version) && sink.toBuffer().equals(allWell);
    }

    /** The answer to a request that has failed; null if it would say that all is well, or nobody waits for one. */
    public @Nullable Message ofFailed(Message request) {
        Message answer = ofEach(request);
        return answer == null || saysAllIsWell(answer) ? null : answer;
    }

    /**
     * The error in each element, made of the request's bytes when it is asked for; null if there is no such answer, or
     * nobody waits for one. What the controller would refuse for its length gets POLICY_VIOLATION.
     *
     * @param frame header and body, which must not change
     */
    public @Nullable Message ofEach(ByteBuffer frame) {
        if (api == ApiKey.DESCRIBE_LOG_DIRS) {
            return null;
        }
        ByteReader in = ByteReader.encoded(frame);
        new RequestHeader().read(in, api.requestHeaderVersion(version));
        Message request = api.newRequest();
        request.read(in, version);
        if (request instanceof AlterUserScramCredentialsRequest users) {
            return eachUser(users);
        }
        boolean tooManyChanges = changes(request) > Operation.RECORDS_MAX;
        return (tooManyChanges ? new RefusedRequest(api, version, ErrorCode.POLICY_VIOLATION) : this).ofEach(request);
    }

    /** How many records of metadata a request wants to write, where the controller limits that. */
    private static long changes(Message request) {
        if (request instanceof IncrementalAlterConfigsRequest configs) {
            return count(configs.resources(), resource -> resource.configs());
        }
        if (request instanceof AlterConfigsRequest configs) {
            return count(configs.resources(), resource -> resource.configs());
        }
        return request instanceof AlterClientQuotasRequest quotas ? count(quotas.entries(), entry -> entry.ops()) : 0;
    }

    private static <T> long count(List<T> all, Function<T, List<?>> changes) {
        long count = 0;
        for (T one : all) {
            count += changes.apply(one).size();
        }
        return count;
    }

    /** The error in each element; null if nobody waits for an answer. */
    public @Nullable Message ofEach(Message request) {
        return request instanceof ProduceRequest produce && produce.acks() == 0 ? null : answer(request);
    }

    public Message answer(Message request) {
        return switch (api) {
            case ADD_RAFT_VOTER ->
                new AddRaftVoterResponse().errorCode(error.code()).errorMessage(error.message());
            case ALTER_CLIENT_QUOTAS -> quotas((AlterClientQuotasRequest) request);
            case ALTER_PARTITION_REASSIGNMENTS -> reassignments((AlterPartitionReassignmentsRequest) request);
            case ALTER_REPLICA_LOG_DIRS -> logDirs((AlterReplicaLogDirsRequest) request);
            case ALTER_USER_SCRAM_CREDENTIALS -> users((AlterUserScramCredentialsRequest) request);
            case CREATE_ACLS ->
                new CreateAclsResponse()
                        .results(OnDemandList.of(
                                ((CreateAclsRequest) request).creations(),
                                creation -> new AclCreationResult()
                                        .errorCode(error.code())
                                        .errorMessage(refusal())));
            case DELETE_ACLS ->
                new DeleteAclsResponse()
                        .filterResults(OnDemandList.of(
                                ((DeleteAclsRequest) request).filters(),
                                filter -> new DeleteAclsFilterResult()
                                        .errorCode(error.code())
                                        .errorMessage(refusal())));
            case DESCRIBE_ACLS ->
                new DescribeAclsResponse().errorCode(error.code()).errorMessage(refusal());
            case DESCRIBE_CLIENT_QUOTAS ->
                new DescribeClientQuotasResponse()
                        .errorCode(error.code())
                        .errorMessage(null)
                        .entries(null);
            case DESCRIBE_QUORUM ->
                new DescribeQuorumResponse()
                        .errorCode(error.code())
                        .errorMessage(version < FIRST_VERSION_WITH_QUORUM_MESSAGE ? "" : error.message());
            case DESCRIBE_USER_SCRAM_CREDENTIALS -> users((DescribeUserScramCredentialsRequest) request);
            case ELECT_LEADERS -> elections((ElectLeadersRequest) request);
            case INIT_PRODUCER_ID ->
                new InitProducerIdResponse()
                        .errorCode(error.code())
                        .producerId(-1)
                        .producerEpoch((short) -1);
            case JOIN_GROUP ->
                new JoinGroupResponse()
                        .errorCode(error.code())
                        .protocolName(version < FIRST_VERSION_WITHOUT_PROTOCOL ? "" : null);
            case LIST_PARTITION_REASSIGNMENTS -> reassignments((ListPartitionReassignmentsRequest) request);
            case OFFSET_COMMIT -> offsets((OffsetCommitRequest) request);
            case REMOVE_RAFT_VOTER ->
                new RemoveRaftVoterResponse().errorCode(error.code()).errorMessage(error.message());
            case TXN_OFFSET_COMMIT -> offsets((TxnOffsetCommitRequest) request);
            case UNREGISTER_BROKER ->
                new UnregisterBrokerResponse().errorCode(error.code()).errorMessage(error.message());
            case UPDATE_FEATURES ->
                new UpdateFeaturesResponse().errorCode(error.code()).errorMessage(refusal());
            case WRITE_TXN_MARKERS -> markers((WriteTxnMarkersRequest) request);
            default -> new ElementErrors(api, version, error).answer(request);
        };
    }

    /** Where Apache Kafka's controller says what would have to be allowed; of other errors it has nothing to add. */
    private @Nullable String refusal() {
        return error == ErrorCode.CLUSTER_AUTHORIZATION_FAILED ? error.message() : null;
    }

    private Message quotas(AlterClientQuotasRequest request) {
        return new AlterClientQuotasResponse()
                .entries(OnDemandList.of(
                        request.entries(),
                        entry -> new AlterClientQuotasResponse.EntryData()
                                .errorCode(error.code())
                                .errorMessage(error.message())
                                .entity(OnDemandList.of(
                                        entry.entity(),
                                        entity -> new AlterClientQuotasResponse.EntityData()
                                                .entityType(entity.entityType())
                                                .entityName(entity.entityName())))));
    }

    private Message logDirs(AlterReplicaLogDirsRequest request) {
        return new AlterReplicaLogDirsResponse()
                .results(OnDemandList.of(
                        OnDemandList.ofAll(OnDemandList.of(request.dirs(), dir -> dir.topics())),
                        topic -> new AlterReplicaLogDirTopicResult()
                                .topicName(topic.name())
                                .partitions(OnDemandList.of(
                                        topic.partitions(),
                                        index -> new AlterReplicaLogDirPartitionResult()
                                                .partitionIndex(index)
                                                .errorCode(error.code())))));
    }

    private Message reassignments(AlterPartitionReassignmentsRequest request) {
        return new AlterPartitionReassignmentsResponse()
                .errorCode(error.code())
                .errorMessage(refusal())
                .responses(OnDemandList.of(
                        request.topics(),
                        topic -> new ReassignableTopicResponse()
                                .name(topic.name())
                                .partitions(OnDemandList.of(
                                        topic.partitions(),
                                        partition -> new ReassignablePartitionResponse()
                                                .partitionIndex(partition.partitionIndex())
                                                .errorCode(error.code())
                                                .errorMessage(refusal())))));
    }

    private Message reassignments(ListPartitionReassignmentsRequest request) {
        List<ListPartitionReassignmentsTopics> topics = Objects.requireNonNullElse(request.topics(), List.of());
        return new ListPartitionReassignmentsResponse()
                .errorCode(error.code())
                .errorMessage(refusal())
                .topics(OnDemandList.of(
                        topics,
                        topic -> new OngoingTopicReassignment()
                                .name(topic.name())
                                .partitions(OnDemandList.of(
                                        topic.partitionIndexes(),
                                        index -> new OngoingPartitionReassignment().partitionIndex(index)))));
    }

    private Message users(DescribeUserScramCredentialsRequest request) {
        List<UserName> users = Objects.requireNonNullElse(request.users(), List.of());
        return new DescribeUserScramCredentialsResponse()
                .errorCode(error.code())
                .errorMessage(null)
                .results(OnDemandList.of(
                        users,
                        user -> new DescribeUserScramCredentialsResult()
                                .errorCode(error.code())
                                .errorMessage(null)));
    }

    private Message users(AlterUserScramCredentialsRequest request) {
        return ofUsers(names(request).stream().distinct().sorted().toList());
    }

    /** In the order of the request, and as often as they are there: sorted they would all be in memory. */
    private Message eachUser(AlterUserScramCredentialsRequest request) {
        return ofUsers(names(request));
    }

    private static List<String> names(AlterUserScramCredentialsRequest request) {
        return OnDemandList.ofAll(List.of(
                OnDemandList.of(request.deletions(), deletion -> deletion.name()),
                OnDemandList.of(request.upsertions(), upsertion -> upsertion.name())));
    }

    private Message ofUsers(List<String> names) {
        return new AlterUserScramCredentialsResponse()
                .results(OnDemandList.of(
                        names,
                        name -> new AlterUserScramCredentialsResult()
                                .user(name)
                                .errorCode(error.code())
                                .errorMessage(refusal())));
    }

    private Message elections(ElectLeadersRequest request) {
        List<ElectLeadersRequest.TopicPartitions> topics =
                Objects.requireNonNullElse(request.topicPartitions(), List.of());
        return new ElectLeadersResponse()
                .errorCode(version == 0 ? ErrorCode.NONE.code() : error.code())
                .replicaElectionResults(OnDemandList.of(
                        topics,
                        topic -> new ReplicaElectionResult()
                                .topic(topic.topic())
                                .partitionResult(OnDemandList.of(
                                        topic.partitions(),
                                        index -> new PartitionResult()
                                                .partitionId(index)
                                                .errorCode(error.code())
                                                .errorMessage(refusal())))));
    }

    private Message offsets(OffsetCommitRequest request) {
        return new OffsetCommitResponse()
                .topics(OnDemandList.of(
                        request.topics(),
                        topic -> new OffsetCommitResponseTopic()
                                .name(topic.name())
                                .topicId(topic.topicId())
                                .partitions(OnDemandList.of(
                                        topic.partitions(),
                                        partition -> new OffsetCommitResponsePartition()
                                                .partitionIndex(partition.partitionIndex())
                                                .errorCode(error.code())))));
    }

    private Message offsets(TxnOffsetCommitRequest request) {
        return new TxnOffsetCommitResponse()
                .topics(OnDemandList.of(
                        request.topics(),
                        topic -> new TxnOffsetCommitResponseTopic()
                                .name(topic.name())
                                .partitions(OnDemandList.of(
                                        topic.partitions(),
                                        partition -> new TxnOffsetCommitResponsePartition()
                                                .partitionIndex(partition.partitionIndex())
                                                .errorCode(error.code())))));
    }

    private Message markers(WriteTxnMarkersRequest request) {
        return new WriteTxnMarkersResponse()
                .markers(OnDemandList.of(
                        request.markers(),
                        marker -> new WritableTxnMarkerResult()
                                .producerId(marker.producerId())
                                .topics(OnDemandList.of(
                                        marker.topics(),
                                        topic -> new WritableTxnMarkerTopicResult()
                                                .name(topic.name())
                                                .partitions(OnDemandList.of(
                                                        topic.partitionIndexes(),
                                                        index -> new WritableTxnMarkerPartitionResult()
                                                                .partitionIndex(index)
                                                                .errorCode(error.code())))))));
    }
}

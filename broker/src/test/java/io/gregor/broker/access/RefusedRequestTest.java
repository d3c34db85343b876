package io.gregor.broker.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.wire.ByteReader;
import io.gregor.wire.Message;
import io.gregor.wire.MessageSink;
import io.gregor.wire.Part;
import io.gregor.wire.message.AddOffsetsToTxnRequest;
import io.gregor.wire.message.AddPartitionsToTxnRequest;
import io.gregor.wire.message.AddPartitionsToTxnRequest.AddPartitionsToTxnTopic;
import io.gregor.wire.message.AddPartitionsToTxnRequest.AddPartitionsToTxnTransaction;
import io.gregor.wire.message.AddRaftVoterRequest;
import io.gregor.wire.message.AlterClientQuotasRequest;
import io.gregor.wire.message.AlterClientQuotasRequest.EntityData;
import io.gregor.wire.message.AlterClientQuotasRequest.EntryData;
import io.gregor.wire.message.AlterConfigsRequest;
import io.gregor.wire.message.AlterConfigsRequest.AlterConfigsResource;
import io.gregor.wire.message.AlterPartitionReassignmentsRequest;
import io.gregor.wire.message.AlterPartitionReassignmentsRequest.ReassignablePartition;
import io.gregor.wire.message.AlterPartitionReassignmentsRequest.ReassignableTopic;
import io.gregor.wire.message.AlterReplicaLogDirsRequest;
import io.gregor.wire.message.AlterReplicaLogDirsRequest.AlterReplicaLogDir;
import io.gregor.wire.message.AlterReplicaLogDirsRequest.AlterReplicaLogDirTopic;
import io.gregor.wire.message.AlterUserScramCredentialsRequest;
import io.gregor.wire.message.AlterUserScramCredentialsRequest.ScramCredentialDeletion;
import io.gregor.wire.message.AlterUserScramCredentialsRequest.ScramCredentialUpsertion;
import io.gregor.wire.message.AlterUserScramCredentialsResponse;
import io.gregor.wire.message.ApiKey;
import io.gregor.wire.message.ConsumerGroupDescribeRequest;
import io.gregor.wire.message.ConsumerGroupHeartbeatRequest;
import io.gregor.wire.message.CreatePartitionsRequest;
import io.gregor.wire.message.CreatePartitionsRequest.CreatePartitionsTopic;
import io.gregor.wire.message.CreateTopicsRequest;
import io.gregor.wire.message.CreateTopicsRequest.CreatableTopic;
import io.gregor.wire.message.DeleteGroupsRequest;
import io.gregor.wire.message.DeleteRecordsRequest;
import io.gregor.wire.message.DeleteRecordsRequest.DeleteRecordsPartition;
import io.gregor.wire.message.DeleteRecordsRequest.DeleteRecordsTopic;
import io.gregor.wire.message.DeleteTopicsRequest;
import io.gregor.wire.message.DeleteTopicsRequest.DeleteTopicState;
import io.gregor.wire.message.DescribeClientQuotasRequest;
import io.gregor.wire.message.DescribeConfigsRequest;
import io.gregor.wire.message.DescribeConfigsRequest.DescribeConfigsResource;
import io.gregor.wire.message.DescribeGroupsRequest;
import io.gregor.wire.message.DescribeLogDirsRequest;
import io.gregor.wire.message.DescribeProducersRequest;
import io.gregor.wire.message.DescribeQuorumRequest;
import io.gregor.wire.message.DescribeTopicPartitionsRequest;
import io.gregor.wire.message.DescribeTransactionsRequest;
import io.gregor.wire.message.DescribeUserScramCredentialsRequest;
import io.gregor.wire.message.DescribeUserScramCredentialsRequest.UserName;
import io.gregor.wire.message.ElectLeadersRequest;
import io.gregor.wire.message.ElectLeadersRequest.TopicPartitions;
import io.gregor.wire.message.EndTxnRequest;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.FetchRequest;
import io.gregor.wire.message.FetchRequest.FetchPartition;
import io.gregor.wire.message.FetchRequest.FetchTopic;
import io.gregor.wire.message.FindCoordinatorRequest;
import io.gregor.wire.message.HeartbeatRequest;
import io.gregor.wire.message.IncrementalAlterConfigsRequest;
import io.gregor.wire.message.IncrementalAlterConfigsRequest.AlterableConfig;
import io.gregor.wire.message.IncrementalAlterConfigsResponse;
import io.gregor.wire.message.InitProducerIdRequest;
import io.gregor.wire.message.JoinGroupRequest;
import io.gregor.wire.message.LeaveGroupRequest;
import io.gregor.wire.message.ListConfigResourcesRequest;
import io.gregor.wire.message.ListOffsetsRequest;
import io.gregor.wire.message.ListOffsetsRequest.ListOffsetsPartition;
import io.gregor.wire.message.ListOffsetsRequest.ListOffsetsTopic;
import io.gregor.wire.message.ListPartitionReassignmentsRequest;
import io.gregor.wire.message.ListPartitionReassignmentsRequest.ListPartitionReassignmentsTopics;
import io.gregor.wire.message.MetadataRequest;
import io.gregor.wire.message.MetadataRequest.MetadataRequestTopic;
import io.gregor.wire.message.OffsetCommitRequest;
import io.gregor.wire.message.OffsetCommitRequest.OffsetCommitRequestPartition;
import io.gregor.wire.message.OffsetCommitRequest.OffsetCommitRequestTopic;
import io.gregor.wire.message.OffsetDeleteRequest;
import io.gregor.wire.message.OffsetFetchRequest;
import io.gregor.wire.message.OffsetFetchRequest.OffsetFetchRequestGroup;
import io.gregor.wire.message.OffsetFetchRequest.OffsetFetchRequestTopic;
import io.gregor.wire.message.OffsetForLeaderEpochRequest;
import io.gregor.wire.message.OffsetForLeaderEpochRequest.OffsetForLeaderPartition;
import io.gregor.wire.message.OffsetForLeaderEpochRequest.OffsetForLeaderTopic;
import io.gregor.wire.message.ProduceRequest;
import io.gregor.wire.message.ProduceRequest.PartitionProduceData;
import io.gregor.wire.message.ProduceRequest.TopicProduceData;
import io.gregor.wire.message.RemoveRaftVoterRequest;
import io.gregor.wire.message.SyncGroupRequest;
import io.gregor.wire.message.TxnOffsetCommitRequest;
import io.gregor.wire.message.TxnOffsetCommitRequest.TxnOffsetCommitRequestPartition;
import io.gregor.wire.message.TxnOffsetCommitRequest.TxnOffsetCommitRequestTopic;
import io.gregor.wire.message.UnregisterBrokerRequest;
import io.gregor.wire.message.UpdateFeaturesRequest;
import io.gregor.wire.message.WriteTxnMarkersRequest;
import io.gregor.wire.message.WriteTxnMarkersRequest.WritableTxnMarker;
import io.gregor.wire.message.WriteTxnMarkersRequest.WritableTxnMarkerTopic;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.RequestHeader;
import org.junit.jupiter.api.Test;

/** Every request that can be refused as a whole is answered, byte by byte, as Apache Kafka's own class answers it. */
class RefusedRequestTest {
    private static final ErrorCode ERROR = ErrorCode.GROUP_AUTHORIZATION_FAILED;

    private static final List<ApiKey> ASKED_BY_VERSION = List.of(
            ApiKey.ADD_PARTITIONS_TO_TXN,
            ApiKey.DELETE_TOPICS,
            ApiKey.FETCH,
            ApiKey.FIND_COORDINATOR,
            ApiKey.OFFSET_FETCH,
            ApiKey.PRODUCE);

    private static Map<ApiKey, Message> ofTheCluster() {
        Map<ApiKey, Message> all = new EnumMap<>(ApiKey.class);
        all.put(
                ApiKey.ALTER_PARTITION_REASSIGNMENTS,
                new AlterPartitionReassignmentsRequest()
                        .topics(List.of(new ReassignableTopic()
                                .name("t")
                                .partitions(List.of(new ReassignablePartition().partitionIndex(1))))));
        all.put(
                ApiKey.ALTER_REPLICA_LOG_DIRS,
                new AlterReplicaLogDirsRequest()
                        .dirs(List.of(new AlterReplicaLogDir()
                                .path("/a")
                                .topics(List.of(
                                        new AlterReplicaLogDirTopic().name("t").partitions(List.of(0, 1)))))));
        all.put(
                ApiKey.ALTER_USER_SCRAM_CREDENTIALS,
                new AlterUserScramCredentialsRequest()
                        .deletions(List.of(
                                new ScramCredentialDeletion().name("b"), new ScramCredentialDeletion().name("a"))));
        all.put(ApiKey.ADD_RAFT_VOTER, new AddRaftVoterRequest());
        all.put(
                ApiKey.ELECT_LEADERS,
                new ElectLeadersRequest()
                        .topicPartitions(
                                List.of(new TopicPartitions().topic("t").partitions(List.of(0, 1)))));
        all.put(ApiKey.REMOVE_RAFT_VOTER, new RemoveRaftVoterRequest());
        all.put(ApiKey.UNREGISTER_BROKER, new UnregisterBrokerRequest());
        all.put(ApiKey.UPDATE_FEATURES, new UpdateFeaturesRequest());
        all.put(
                ApiKey.ALTER_CLIENT_QUOTAS,
                new AlterClientQuotasRequest()
                        .entries(List.of(new EntryData()
                                .entity(List.of(
                                        new EntityData().entityType("user").entityName("u"))))));
        all.put(ApiKey.DESCRIBE_LOG_DIRS, new DescribeLogDirsRequest());
        all.put(ApiKey.DESCRIBE_QUORUM, new DescribeQuorumRequest());
        all.put(
                ApiKey.DESCRIBE_USER_SCRAM_CREDENTIALS,
                new DescribeUserScramCredentialsRequest().users(List.of(new UserName().name("u"))));
        all.put(
                ApiKey.LIST_PARTITION_REASSIGNMENTS,
                new ListPartitionReassignmentsRequest()
                        .topics(List.of(
                                new ListPartitionReassignmentsTopics().name("t").partitionIndexes(List.of(1)))));
        all.put(ApiKey.DESCRIBE_CLIENT_QUOTAS, new DescribeClientQuotasRequest());
        all.put(ApiKey.LIST_CONFIG_RESOURCES, new ListConfigResourcesRequest());
        all.put(
                ApiKey.WRITE_TXN_MARKERS,
                new WriteTxnMarkersRequest()
                        .markers(List.of(new WritableTxnMarker()
                                .producerId(7)
                                .topics(List.of(
                                        new WritableTxnMarkerTopic().name("t").partitionIndexes(List.of(1)))))));
        all.put(
                ApiKey.ADD_PARTITIONS_TO_TXN,
                new AddPartitionsToTxnRequest()
                        .transactions(List.of(new AddPartitionsToTxnTransaction().transactionalId("x"))));
        return all;
    }

    private static Map<ApiKey, Message> ofGroupsAndTransactions() {
        Map<ApiKey, Message> all = new EnumMap<>(ApiKey.class);
        all.put(ApiKey.JOIN_GROUP, new JoinGroupRequest().groupId("g").memberId("m"));
        all.put(ApiKey.SYNC_GROUP, new SyncGroupRequest().groupId("g"));
        all.put(ApiKey.HEARTBEAT, new HeartbeatRequest().groupId("g"));
        all.put(ApiKey.LEAVE_GROUP, new LeaveGroupRequest().groupId("g"));
        all.put(
                ApiKey.OFFSET_COMMIT,
                new OffsetCommitRequest()
                        .groupId("g")
                        .topics(List.of(new OffsetCommitRequestTopic()
                                .name("t")
                                .partitions(List.of(new OffsetCommitRequestPartition().partitionIndex(3))))));
        all.put(ApiKey.OFFSET_DELETE, new OffsetDeleteRequest().groupId("g"));
        all.put(ApiKey.CONSUMER_GROUP_HEARTBEAT, new ConsumerGroupHeartbeatRequest().groupId("g"));
        all.put(ApiKey.INIT_PRODUCER_ID, new InitProducerIdRequest().transactionalId("x"));
        all.put(ApiKey.END_TXN, new EndTxnRequest().transactionalId("x"));
        all.put(ApiKey.ADD_OFFSETS_TO_TXN, new AddOffsetsToTxnRequest().transactionalId("x"));
        all.put(
                ApiKey.TXN_OFFSET_COMMIT,
                new TxnOffsetCommitRequest()
                        .transactionalId("x")
                        .topics(List.of(new TxnOffsetCommitRequestTopic()
                                .name("t")
                                .partitions(List.of(new TxnOffsetCommitRequestPartition().partitionIndex(3))))));
        return all;
    }

    private static Map<ApiKey, Message> ofTopics() {
        Map<ApiKey, Message> all = new EnumMap<>(ApiKey.class);
        all.put(
                ApiKey.CREATE_PARTITIONS,
                new CreatePartitionsRequest().topics(List.of(new CreatePartitionsTopic().name("t"))));
        all.put(ApiKey.CREATE_TOPICS, new CreateTopicsRequest().topics(List.of(new CreatableTopic().name("t"))));
        all.put(
                ApiKey.DELETE_RECORDS,
                new DeleteRecordsRequest()
                        .topics(List.of(new DeleteRecordsTopic()
                                .name("t")
                                .partitions(List.of(new DeleteRecordsPartition().partitionIndex(1))))));
        all.put(
                ApiKey.DESCRIBE_PRODUCERS,
                new DescribeProducersRequest()
                        .topics(List.of(new DescribeProducersRequest.TopicRequest()
                                .name("t")
                                .partitionIndexes(List.of(1)))));
        all.put(
                ApiKey.DESCRIBE_TOPIC_PARTITIONS,
                new DescribeTopicPartitionsRequest()
                        .topics(List.of(new DescribeTopicPartitionsRequest.TopicRequest().name("t"))));
        all.put(
                ApiKey.LIST_OFFSETS,
                new ListOffsetsRequest()
                        .topics(List.of(new ListOffsetsTopic()
                                .name("t")
                                .partitions(List.of(new ListOffsetsPartition().partitionIndex(1))))));
        all.put(ApiKey.METADATA, new MetadataRequest().topics(List.of(new MetadataRequestTopic().name("t"))));
        all.put(
                ApiKey.OFFSET_FOR_LEADER_EPOCH,
                new OffsetForLeaderEpochRequest()
                        .topics(List.of(new OffsetForLeaderTopic()
                                .topic("t")
                                .partitions(List.of(new OffsetForLeaderPartition().partition(1))))));
        return all;
    }

    private static Map<ApiKey, Message> ofGroupsAndConfigs() {
        Map<ApiKey, Message> all = new EnumMap<>(ApiKey.class);
        all.put(
                ApiKey.ALTER_CONFIGS,
                new AlterConfigsRequest()
                        .resources(List.of(new AlterConfigsResource()
                                .resourceType((byte) 2)
                                .resourceName("t"))));
        all.put(
                ApiKey.INCREMENTAL_ALTER_CONFIGS,
                new IncrementalAlterConfigsRequest()
                        .resources(List.of(new IncrementalAlterConfigsRequest.AlterConfigsResource()
                                .resourceType((byte) 2)
                                .resourceName("t"))));
        all.put(
                ApiKey.DESCRIBE_CONFIGS,
                new DescribeConfigsRequest()
                        .resources(List.of(new DescribeConfigsResource()
                                .resourceType((byte) 2)
                                .resourceName("t"))));
        all.put(ApiKey.CONSUMER_GROUP_DESCRIBE, new ConsumerGroupDescribeRequest().groupIds(List.of("g")));
        all.put(ApiKey.DESCRIBE_GROUPS, new DescribeGroupsRequest().groups(List.of("g")));
        all.put(ApiKey.DELETE_GROUPS, new DeleteGroupsRequest().groupsNames(List.of("g")));
        all.put(ApiKey.DESCRIBE_TRANSACTIONS, new DescribeTransactionsRequest().transactionalIds(List.of("x")));
        return all;
    }

    /** Those whose versions ask for the same in other fields. */
    private static Message asked(ApiKey api, short version) {
        return switch (api) {
            case ADD_PARTITIONS_TO_TXN ->
                new AddPartitionsToTxnRequest()
                        .v3AndBelowTransactionalId("x")
                        .v3AndBelowTopics(
                                List.of(new AddPartitionsToTxnTopic().name("t").partitions(List.of(1))));
            case DELETE_TOPICS ->
                version < 6
                        ? new DeleteTopicsRequest().topicNames(List.of("t"))
                        : new DeleteTopicsRequest().topics(List.of(new DeleteTopicState().name("t")));
            case FETCH ->
                new FetchRequest()
                        .topics(List.of(new FetchTopic()
                                .topic(version > 12 ? "" : "t")
                                .partitions(List.of(new FetchPartition().partition(1)))));
            case FIND_COORDINATOR ->
                version < 4
                        ? new FindCoordinatorRequest().key("k")
                        : new FindCoordinatorRequest().coordinatorKeys(List.of("k"));
            case OFFSET_FETCH ->
                version < 8
                        ? new OffsetFetchRequest()
                                .groupId("g")
                                .topics(List.of(
                                        new OffsetFetchRequestTopic().name("t").partitionIndexes(List.of(1))))
                        : new OffsetFetchRequest().groups(List.of(new OffsetFetchRequestGroup().groupId("g")));
            case PRODUCE ->
                new ProduceRequest()
                        .acks((short) -1)
                        .topicData(List.of(new TopicProduceData()
                                .name(version > 12 ? "" : "t")
                                .partitionData(List.of(
                                        new PartitionProduceData().index(1).records(Part.EMPTY)))));
            default -> throw new IllegalArgumentException(api.name());
        };
    }

    private static ByteBuffer answerOfKafka(ApiKey api, short version, ByteBuffer request) {
        ApiKeys key = ApiKeys.forId(api.id());
        RequestHeader header = new RequestHeader(key, version, "client", 1);
        AbstractRequest parsed =
                AbstractRequest.parseRequest(key, version, new ByteBufferAccessor(request.duplicate())).request;
        AbstractResponse response =
                parsed.getErrorResponse(0, Errors.forCode(ERROR.code()).exception());
        return MessageUtil.toByteBufferAccessor(response.data(), header.apiVersion())
                .buffer();
    }

    @Test
    void answersAreThoseOfApacheKafka() {
        Map<ApiKey, Message> requests = ofTheCluster();
        requests.putAll(ofGroupsAndTransactions());
        requests.putAll(ofTopics());
        requests.putAll(ofGroupsAndConfigs());
        List<String> different = new ArrayList<>();
        requests.forEach((api, request) -> {
            for (short version = first(api); version <= api.highestVersion(); version++) {
                compare(api, version, request, different);
            }
        });
        for (ApiKey api : ASKED_BY_VERSION) {
            for (short version = api.lowestVersion(); version <= last(api); version++) {
                compare(api, version, asked(api, version), different);
            }
        }
        assertThat(different).isEmpty();
    }

    private static void compare(ApiKey api, short version, Message request, List<String> different) {
        ByteBuffer sent = MessageSink.toBuffer(request, version);
        Message received = api.newRequest();
        received.read(new ByteReader(sent.duplicate()), version);
        RefusedRequest refused = new RefusedRequest(api, version, ERROR);
        ByteBuffer answer = MessageSink.toBuffer(refused.answer(received), version);
        ByteBuffer kafkas = answerOfKafka(api, version, sent);
        if (!answer.equals(kafkas)) {
            different.add(api + " version " + version + ": " + hex(answer) + " where Kafka has " + hex(kafkas));
        }
    }

    private static String hex(ByteBuffer bytes) {
        byte[] all = new byte[bytes.remaining()];
        bytes.duplicate().get(all);
        return HexFormat.of().formatHex(all);
    }

    /** What a broker with a small heap closes the connection for. */
    @Test
    void someVersionsHaveNoPlaceForAnError() {
        List<String> without = new ArrayList<>();
        for (ApiKey api : ApiKey.values()) {
            if (api.name().contains("SHARE") || api.name().contains("STREAMS")) {
                // Nobody handles them.
                continue;
            }
            for (short version = api.lowestVersion(); version <= api.highestVersion(); version++) {
                RefusedRequest refused = new RefusedRequest(api, version, ERROR);
                if (refused.ofAll() == null && refused.ofEach(frame(api, version)) == null) {
                    without.add(api + " " + version);
                }
            }
        }
        assertThat(without).containsExactly("DESCRIBE_LOG_DIRS 1", "DESCRIBE_LOG_DIRS 2");
    }

    /** In the order of the request, so that the answer is never whole in memory. */
    @Test
    void eachUserOfALargeRequestGetsTheError() {
        AlterUserScramCredentialsRequest request = new AlterUserScramCredentialsRequest()
                .deletions(List.of(new ScramCredentialDeletion().name("b"), new ScramCredentialDeletion().name("a")))
                .upsertions(List.of(new ScramCredentialUpsertion().name("b")));
        ByteBuffer frame = frame(ApiKey.ALTER_USER_SCRAM_CREDENTIALS, (short) 0, request);

        Message answer = new RefusedRequest(ApiKey.ALTER_USER_SCRAM_CREDENTIALS, (short) 0, ERROR).ofEach(frame);

        assertThat(((AlterUserScramCredentialsResponse) Objects.requireNonNull(answer)).results())
                .extracting(result -> result.user() + " " + result.errorCode())
                .containsExactly("b " + ERROR.code(), "a " + ERROR.code(), "b " + ERROR.code());
    }

    /** As the controller answers them, and Apache Kafka: that there is no memory for them is the lesser reason. */
    @Test
    void moreChangesThanARequestMayHaveAreToldSo() {
        for (int count : List.of(10_000, 10_001)) {
            IncrementalAlterConfigsRequest request = new IncrementalAlterConfigsRequest()
                    .resources(Collections.nCopies(
                            count,
                            new IncrementalAlterConfigsRequest.AlterConfigsResource()
                                    .resourceName("g")
                                    .configs(List.of(new AlterableConfig().name("k")))));
            Message answer = new RefusedRequest(ApiKey.INCREMENTAL_ALTER_CONFIGS, (short) 1, ERROR)
                    .ofEach(frame(ApiKey.INCREMENTAL_ALTER_CONFIGS, (short) 1, request));

            ErrorCode expected = count > 10_000 ? ErrorCode.POLICY_VIOLATION : ERROR;
            assertThat(((IncrementalAlterConfigsResponse) Objects.requireNonNull(answer)).responses())
                    .hasSize(count)
                    .allMatch(response -> response.errorCode() == expected.code());
        }
    }

    @Test
    void nobodyWaitsForTheAnswerToAProduceRequestWithoutAcks() {
        ByteBuffer frame = frame(ApiKey.PRODUCE, (short) 9, new ProduceRequest().acks((short) 0));
        assertThat(new RefusedRequest(ApiKey.PRODUCE, (short) 9, ERROR).ofEach(frame))
                .isNull();
    }

    private static ByteBuffer frame(ApiKey api, short version) {
        return frame(api, version, api == ApiKey.PRODUCE ? new ProduceRequest().acks((short) 1) : api.newRequest());
    }

    private static ByteBuffer frame(ApiKey api, short version, Message request) {
        ByteBuffer body = MessageSink.toBuffer(request, version);
        short headerVersion = api.requestHeaderVersion(version);
        ByteBuffer header = MessageSink.toBuffer(
                new io.gregor.wire.message.RequestHeader()
                        .requestApiKey(api.id())
                        .requestApiVersion(version)
                        .clientId("c"),
                headerVersion);
        return ByteBuffer.allocate(header.remaining() + body.remaining())
                .put(header)
                .put(body)
                .flip();
    }

    private static short first(ApiKey api) {
        return api == ApiKey.ADD_PARTITIONS_TO_TXN ? 4 : api.lowestVersion();
    }

    private static short last(ApiKey api) {
        return api == ApiKey.ADD_PARTITIONS_TO_TXN ? 3 : api.highestVersion();
    }
}

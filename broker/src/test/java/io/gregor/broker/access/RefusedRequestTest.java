package io.gregor.broker.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.wire.ByteReader;
import io.gregor.wire.Message;
import io.gregor.wire.MessageSink;
import io.gregor.wire.message.AddOffsetsToTxnRequest;
import io.gregor.wire.message.AddPartitionsToTxnRequest;
import io.gregor.wire.message.AddPartitionsToTxnRequest.AddPartitionsToTxnTransaction;
import io.gregor.wire.message.AddRaftVoterRequest;
import io.gregor.wire.message.AlterClientQuotasRequest;
import io.gregor.wire.message.AlterClientQuotasRequest.EntityData;
import io.gregor.wire.message.AlterClientQuotasRequest.EntryData;
import io.gregor.wire.message.AlterPartitionReassignmentsRequest;
import io.gregor.wire.message.AlterPartitionReassignmentsRequest.ReassignablePartition;
import io.gregor.wire.message.AlterPartitionReassignmentsRequest.ReassignableTopic;
import io.gregor.wire.message.AlterReplicaLogDirsRequest;
import io.gregor.wire.message.AlterReplicaLogDirsRequest.AlterReplicaLogDir;
import io.gregor.wire.message.AlterReplicaLogDirsRequest.AlterReplicaLogDirTopic;
import io.gregor.wire.message.AlterUserScramCredentialsRequest;
import io.gregor.wire.message.AlterUserScramCredentialsRequest.ScramCredentialDeletion;
import io.gregor.wire.message.ApiKey;
import io.gregor.wire.message.ConsumerGroupHeartbeatRequest;
import io.gregor.wire.message.DescribeClientQuotasRequest;
import io.gregor.wire.message.DescribeLogDirsRequest;
import io.gregor.wire.message.DescribeQuorumRequest;
import io.gregor.wire.message.DescribeUserScramCredentialsRequest;
import io.gregor.wire.message.DescribeUserScramCredentialsRequest.UserName;
import io.gregor.wire.message.ElectLeadersRequest;
import io.gregor.wire.message.ElectLeadersRequest.TopicPartitions;
import io.gregor.wire.message.EndTxnRequest;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.HeartbeatRequest;
import io.gregor.wire.message.InitProducerIdRequest;
import io.gregor.wire.message.JoinGroupRequest;
import io.gregor.wire.message.LeaveGroupRequest;
import io.gregor.wire.message.ListConfigResourcesRequest;
import io.gregor.wire.message.ListPartitionReassignmentsRequest;
import io.gregor.wire.message.ListPartitionReassignmentsRequest.ListPartitionReassignmentsTopics;
import io.gregor.wire.message.OffsetCommitRequest;
import io.gregor.wire.message.OffsetCommitRequest.OffsetCommitRequestPartition;
import io.gregor.wire.message.OffsetCommitRequest.OffsetCommitRequestTopic;
import io.gregor.wire.message.OffsetDeleteRequest;
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
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
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
        List<String> different = new ArrayList<>();
        requests.forEach((api, request) -> {
            for (short version = first(api); version <= api.highestVersion(); version++) {
                ByteBuffer sent = MessageSink.toBuffer(request, version);
                Message received = api.newRequest();
                received.read(new ByteReader(sent.duplicate()), version);
                ByteBuffer answer =
                        MessageSink.toBuffer(new RefusedRequest(api, version, ERROR).answer(received), version);
                if (!answer.equals(answerOfKafka(api, version, sent))) {
                    different.add(api + " version " + version);
                }
            }
        });
        assertThat(different).isEmpty();
    }

    /** Older versions of one API come from clients, and are asked for by name. */
    private static short first(ApiKey api) {
        return api == ApiKey.ADD_PARTITIONS_TO_TXN ? 4 : api.lowestVersion();
    }
}

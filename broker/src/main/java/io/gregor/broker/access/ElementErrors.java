package io.gregor.broker.access;

import io.gregor.wire.Failing;
import io.gregor.wire.Message;
import io.gregor.wire.OnDemandList;
import io.gregor.wire.Part;
import io.gregor.wire.message.AddPartitionsToTxnRequest;
import io.gregor.wire.message.AddPartitionsToTxnResponse;
import io.gregor.wire.message.AddPartitionsToTxnResponse.AddPartitionsToTxnPartitionResult;
import io.gregor.wire.message.AddPartitionsToTxnResponse.AddPartitionsToTxnTopicResult;
import io.gregor.wire.message.AlterConfigsRequest;
import io.gregor.wire.message.AlterConfigsResponse;
import io.gregor.wire.message.ApiKey;
import io.gregor.wire.message.ConsumerGroupDescribeRequest;
import io.gregor.wire.message.ConsumerGroupDescribeResponse;
import io.gregor.wire.message.CreatePartitionsRequest;
import io.gregor.wire.message.CreatePartitionsResponse;
import io.gregor.wire.message.CreatePartitionsResponse.CreatePartitionsTopicResult;
import io.gregor.wire.message.CreateTopicsRequest;
import io.gregor.wire.message.CreateTopicsResponse;
import io.gregor.wire.message.CreateTopicsResponse.CreatableTopicResult;
import io.gregor.wire.message.DeleteGroupsRequest;
import io.gregor.wire.message.DeleteGroupsResponse;
import io.gregor.wire.message.DeleteGroupsResponse.DeletableGroupResult;
import io.gregor.wire.message.DeleteRecordsRequest;
import io.gregor.wire.message.DeleteRecordsResponse;
import io.gregor.wire.message.DeleteRecordsResponse.DeleteRecordsPartitionResult;
import io.gregor.wire.message.DeleteRecordsResponse.DeleteRecordsTopicResult;
import io.gregor.wire.message.DeleteTopicsRequest;
import io.gregor.wire.message.DeleteTopicsResponse;
import io.gregor.wire.message.DeleteTopicsResponse.DeletableTopicResult;
import io.gregor.wire.message.DescribeConfigsRequest;
import io.gregor.wire.message.DescribeConfigsResponse;
import io.gregor.wire.message.DescribeConfigsResponse.DescribeConfigsResult;
import io.gregor.wire.message.DescribeGroupsRequest;
import io.gregor.wire.message.DescribeGroupsResponse;
import io.gregor.wire.message.DescribeProducersRequest;
import io.gregor.wire.message.DescribeProducersResponse;
import io.gregor.wire.message.DescribeTopicPartitionsRequest;
import io.gregor.wire.message.DescribeTopicPartitionsResponse;
import io.gregor.wire.message.DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic;
import io.gregor.wire.message.DescribeTransactionsRequest;
import io.gregor.wire.message.DescribeTransactionsResponse;
import io.gregor.wire.message.DescribeTransactionsResponse.TransactionState;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.FetchRequest;
import io.gregor.wire.message.FetchResponse;
import io.gregor.wire.message.FetchResponse.FetchableTopicResponse;
import io.gregor.wire.message.FindCoordinatorRequest;
import io.gregor.wire.message.FindCoordinatorResponse;
import io.gregor.wire.message.FindCoordinatorResponse.Coordinator;
import io.gregor.wire.message.IncrementalAlterConfigsRequest;
import io.gregor.wire.message.IncrementalAlterConfigsResponse;
import io.gregor.wire.message.ListOffsetsRequest;
import io.gregor.wire.message.ListOffsetsResponse;
import io.gregor.wire.message.ListOffsetsResponse.ListOffsetsPartitionResponse;
import io.gregor.wire.message.ListOffsetsResponse.ListOffsetsTopicResponse;
import io.gregor.wire.message.MetadataRequest;
import io.gregor.wire.message.MetadataResponse;
import io.gregor.wire.message.MetadataResponse.MetadataResponseTopic;
import io.gregor.wire.message.OffsetFetchRequest;
import io.gregor.wire.message.OffsetFetchResponse;
import io.gregor.wire.message.OffsetFetchResponse.OffsetFetchResponseGroup;
import io.gregor.wire.message.OffsetFetchResponse.OffsetFetchResponsePartition;
import io.gregor.wire.message.OffsetFetchResponse.OffsetFetchResponseTopic;
import io.gregor.wire.message.OffsetForLeaderEpochRequest;
import io.gregor.wire.message.OffsetForLeaderEpochResponse;
import io.gregor.wire.message.OffsetForLeaderEpochResponse.EpochEndOffset;
import io.gregor.wire.message.OffsetForLeaderEpochResponse.OffsetForLeaderTopicResult;
import io.gregor.wire.message.ProduceRequest;
import io.gregor.wire.message.ProduceResponse;
import io.gregor.wire.message.ProduceResponse.PartitionProduceResponse;
import io.gregor.wire.message.ProduceResponse.TopicProduceResponse;
import java.util.List;
import java.util.Objects;

/**
 * The answer to a request whose response has a place for errors in its elements only. Immutable. Each element is made
 * of the request's when it is asked for.
 */
record ElementErrors(ApiKey api, short version, ErrorCode error) {
    private static final short FIRST_OFFSET_FETCH_OF_GROUPS = 8;

    Message answer(Message request) {
        return switch (api) {
            case ADD_PARTITIONS_TO_TXN -> addedPartitions((AddPartitionsToTxnRequest) request);
            case ALTER_CONFIGS -> configs((AlterConfigsRequest) request);
            case CONSUMER_GROUP_DESCRIBE -> groups((ConsumerGroupDescribeRequest) request);
            case CREATE_PARTITIONS -> createdPartitions((CreatePartitionsRequest) request);
            case CREATE_TOPICS -> createdTopics((CreateTopicsRequest) request);
            case DELETE_GROUPS -> deletedGroups((DeleteGroupsRequest) request);
            case DELETE_RECORDS -> deletedRecords((DeleteRecordsRequest) request);
            case DELETE_TOPICS -> deletedTopics((DeleteTopicsRequest) request);
            case DESCRIBE_CONFIGS -> configs((DescribeConfigsRequest) request);
            case DESCRIBE_GROUPS -> groups((DescribeGroupsRequest) request);
            case DESCRIBE_PRODUCERS -> producers((DescribeProducersRequest) request);
            case DESCRIBE_TOPIC_PARTITIONS -> topics((DescribeTopicPartitionsRequest) request);
            case DESCRIBE_TRANSACTIONS -> transactions((DescribeTransactionsRequest) request);
            case FETCH -> fetched((FetchRequest) request);
            case FIND_COORDINATOR -> coordinators((FindCoordinatorRequest) request);
            case INCREMENTAL_ALTER_CONFIGS -> configs((IncrementalAlterConfigsRequest) request);
            case LIST_OFFSETS -> offsets((ListOffsetsRequest) request);
            case METADATA -> topics((MetadataRequest) request);
            case OFFSET_FETCH -> offsets((OffsetFetchRequest) request);
            case OFFSET_FOR_LEADER_EPOCH -> offsets((OffsetForLeaderEpochRequest) request);
            case PRODUCE -> produced((ProduceRequest) request);
            default -> ((Failing) api.newResponse()).errorCode(error.code());
        };
    }

    private Message addedPartitions(AddPartitionsToTxnRequest request) {
        if (version > 3) {
            return new AddPartitionsToTxnResponse().errorCode(error.code());
        }
        return new AddPartitionsToTxnResponse()
                .resultsByTopicV3AndBelow(OnDemandList.of(
                        request.v3AndBelowTopics(),
                        topic -> new AddPartitionsToTxnTopicResult()
                                .name(topic.name())
                                .resultsByPartition(OnDemandList.of(
                                        topic.partitions(),
                                        index -> new AddPartitionsToTxnPartitionResult()
                                                .partitionIndex(index)
                                                .partitionErrorCode(error.code())))));
    }

    private Message configs(AlterConfigsRequest request) {
        return new AlterConfigsResponse()
                .responses(OnDemandList.of(
                        request.resources(),
                        resource -> new AlterConfigsResponse.AlterConfigsResourceResponse()
                                .errorCode(error.code())
                                .errorMessage(null)
                                .resourceType(resource.resourceType())
                                .resourceName(resource.resourceName())));
    }

    private Message configs(IncrementalAlterConfigsRequest request) {
        return new IncrementalAlterConfigsResponse()
                .responses(OnDemandList.of(
                        request.resources(),
                        resource -> new IncrementalAlterConfigsResponse.AlterConfigsResourceResponse()
                                .errorCode(error.code())
                                .errorMessage(null)
                                .resourceType(resource.resourceType())
                                .resourceName(resource.resourceName())));
    }

    private Message configs(DescribeConfigsRequest request) {
        return new DescribeConfigsResponse()
                .results(OnDemandList.of(
                        request.resources(),
                        resource -> new DescribeConfigsResult()
                                .errorCode(error.code())
                                .errorMessage(error.message())
                                .resourceType(resource.resourceType())
                                .resourceName(resource.resourceName())));
    }

    private Message groups(ConsumerGroupDescribeRequest request) {
        return new ConsumerGroupDescribeResponse()
                .groups(OnDemandList.of(
                        request.groupIds(),
                        group -> new ConsumerGroupDescribeResponse.DescribedGroup()
                                .groupId(group)
                                .errorCode(error.code())));
    }

    private Message groups(DescribeGroupsRequest request) {
        return new DescribeGroupsResponse()
                .groups(OnDemandList.of(
                        request.groups(),
                        group -> new DescribeGroupsResponse.DescribedGroup()
                                .groupId(group)
                                .errorCode(error.code())));
    }

    private Message createdPartitions(CreatePartitionsRequest request) {
        return new CreatePartitionsResponse()
                .results(OnDemandList.of(
                        request.topics(),
                        topic -> new CreatePartitionsTopicResult()
                                .name(topic.name())
                                .errorCode(error.code())
                                .errorMessage(null)));
    }

    private Message createdTopics(CreateTopicsRequest request) {
        return new CreateTopicsResponse()
                .topics(OnDemandList.of(
                        request.topics(),
                        topic -> new CreatableTopicResult()
                                .name(topic.name())
                                .errorCode(error.code())
                                .errorMessage(null)));
    }

    private Message deletedGroups(DeleteGroupsRequest request) {
        return new DeleteGroupsResponse()
                .results(OnDemandList.of(
                        request.groupsNames(),
                        group -> new DeletableGroupResult().groupId(group).errorCode(error.code())));
    }

    private Message deletedRecords(DeleteRecordsRequest request) {
        return new DeleteRecordsResponse()
                .topics(OnDemandList.of(
                        request.topics(),
                        topic -> new DeleteRecordsTopicResult()
                                .name(topic.name())
                                .partitions(OnDemandList.of(
                                        topic.partitions(),
                                        partition -> new DeleteRecordsPartitionResult()
                                                .partitionIndex(partition.partitionIndex())
                                                .lowWatermark(-1)
                                                .errorCode(error.code())))));
    }

    private Message deletedTopics(DeleteTopicsRequest request) {
        if (version < 6) {
            return new DeleteTopicsResponse()
                    .responses(OnDemandList.of(
                            request.topicNames(),
                            topic -> new DeletableTopicResult().name(topic).errorCode(error.code())));
        }
        return new DeleteTopicsResponse()
                .responses(OnDemandList.of(
                        request.topics(),
                        topic -> new DeletableTopicResult()
                                .name(topic.name())
                                .topicId(topic.topicId())
                                .errorCode(error.code())));
    }

    private Message producers(DescribeProducersRequest request) {
        return new DescribeProducersResponse()
                .topics(OnDemandList.of(
                        request.topics(),
                        topic -> new DescribeProducersResponse.TopicResponse()
                                .name(topic.name())
                                .partitions(OnDemandList.of(
                                        topic.partitionIndexes(),
                                        index -> new DescribeProducersResponse.PartitionResponse()
                                                .partitionIndex(index)
                                                .errorCode(error.code())))));
    }

    private Message topics(DescribeTopicPartitionsRequest request) {
        return new DescribeTopicPartitionsResponse()
                .topics(OnDemandList.of(
                        request.topics(),
                        topic -> new DescribeTopicPartitionsResponseTopic()
                                .name(topic.name())
                                .errorCode(error.code())));
    }

    private Message topics(MetadataRequest request) {
        return new MetadataResponse()
                .topics(OnDemandList.of(
                        Objects.requireNonNullElse(request.topics(), List.of()),
                        topic -> new MetadataResponseTopic()
                                .name(topic.name() == null ? "" : topic.name())
                                .topicId(topic.topicId())
                                .errorCode(error.code())))
                .errorCode(error.code());
    }

    private Message transactions(DescribeTransactionsRequest request) {
        return new DescribeTransactionsResponse()
                .transactionStates(OnDemandList.of(
                        request.transactionalIds(),
                        id -> new TransactionState().transactionalId(id).errorCode(error.code())));
    }

    private Message fetched(FetchRequest request) {
        FetchResponse response = new FetchResponse().errorCode(error.code()).sessionId(request.sessionId());
        if (version > 12) {
            return response;
        }
        return response.responses(OnDemandList.of(
                request.topics(),
                topic -> new FetchableTopicResponse()
                        .topic(topic.topic())
                        .partitions(OnDemandList.of(
                                topic.partitions(),
                                partition -> new FetchResponse.PartitionData()
                                        .partitionIndex(partition.partition())
                                        .errorCode(error.code())
                                        .highWatermark(-1)
                                        .records(Part.EMPTY)))));
    }

    private Message coordinators(FindCoordinatorRequest request) {
        if (version < 4) {
            return new FindCoordinatorResponse()
                    .errorCode(error.code())
                    .errorMessage(error.message())
                    .nodeId(-1)
                    .port(-1);
        }
        return new FindCoordinatorResponse()
                .coordinators(OnDemandList.of(
                        request.coordinatorKeys(),
                        key -> new Coordinator()
                                .key(key)
                                .errorCode(error.code())
                                .errorMessage(error.message())
                                .nodeId(-1)
                                .port(-1)));
    }

    private Message offsets(ListOffsetsRequest request) {
        return new ListOffsetsResponse()
                .topics(OnDemandList.of(
                        request.topics(),
                        topic -> new ListOffsetsTopicResponse()
                                .name(topic.name())
                                .partitions(OnDemandList.of(
                                        topic.partitions(),
                                        partition -> new ListOffsetsPartitionResponse()
                                                .partitionIndex(partition.partitionIndex())
                                                .errorCode(error.code())))));
    }

    private Message offsets(OffsetFetchRequest request) {
        if (version >= FIRST_OFFSET_FETCH_OF_GROUPS) {
            return new OffsetFetchResponse()
                    .groups(OnDemandList.of(
                            request.groups(),
                            group -> new OffsetFetchResponseGroup()
                                    .groupId(group.groupId())
                                    .errorCode(error.code())));
        }
        if (version > 1) {
            return new OffsetFetchResponse().errorCode(error.code());
        }
        return new OffsetFetchResponse()
                .topics(OnDemandList.of(
                        Objects.requireNonNullElse(request.topics(), List.of()),
                        topic -> new OffsetFetchResponseTopic()
                                .name(topic.name())
                                .partitions(OnDemandList.of(
                                        topic.partitionIndexes(),
                                        index -> new OffsetFetchResponsePartition()
                                                .partitionIndex(index)
                                                .committedOffset(-1)
                                                .metadata("")
                                                .errorCode(error.code())))));
    }

    private Message offsets(OffsetForLeaderEpochRequest request) {
        return new OffsetForLeaderEpochResponse()
                .topics(OnDemandList.of(
                        request.topics(),
                        topic -> new OffsetForLeaderTopicResult()
                                .topic(topic.topic())
                                .partitions(OnDemandList.of(
                                        topic.partitions(),
                                        partition -> new EpochEndOffset()
                                                .partition(partition.partition())
                                                .errorCode(error.code())))));
    }

    private Message produced(ProduceRequest request) {
        return new ProduceResponse()
                .responses(OnDemandList.of(
                        request.topicData(),
                        topic -> new TopicProduceResponse()
                                .name(topic.name())
                                .topicId(topic.topicId())
                                .partitionResponses(OnDemandList.of(
                                        topic.partitionData(),
                                        partition -> new PartitionProduceResponse()
                                                .index(partition.index())
                                                .errorCode(error.code())
                                                .errorMessage(null)
                                                .baseOffset(-1)
                                                .logStartOffset(-1)))));
    }
}

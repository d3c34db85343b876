package io.gregor.cli;

import io.gregor.cli.client.TopicPartition;
import io.gregor.cli.text.Bytes;
import io.gregor.wire.Message;
import io.gregor.wire.Part;
import io.gregor.wire.message.ApiKey;
import io.gregor.wire.message.ConsumerGroupDescribeResponse;
import io.gregor.wire.message.ConsumerGroupHeartbeatRequest;
import io.gregor.wire.message.ConsumerGroupHeartbeatResponse;
import io.gregor.wire.message.DescribeGroupsResponse;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.FetchRequest;
import io.gregor.wire.message.FetchResponse;
import io.gregor.wire.message.FindCoordinatorResponse;
import io.gregor.wire.message.HeartbeatResponse;
import io.gregor.wire.message.InitProducerIdResponse;
import io.gregor.wire.message.JoinGroupRequest;
import io.gregor.wire.message.JoinGroupResponse;
import io.gregor.wire.message.ListOffsetsRequest;
import io.gregor.wire.message.ListOffsetsResponse;
import io.gregor.wire.message.MetadataRequest;
import io.gregor.wire.message.MetadataResponse;
import io.gregor.wire.message.OffsetCommitRequest;
import io.gregor.wire.message.OffsetCommitResponse;
import io.gregor.wire.message.OffsetFetchResponse;
import io.gregor.wire.message.ProduceRequest;
import io.gregor.wire.message.ProduceResponse;
import io.gregor.wire.message.SyncGroupRequest;
import io.gregor.wire.message.SyncGroupResponse;
import io.gregor.wire.record.BatchBuilder;
import io.gregor.wire.record.Compression;
import io.gregor.wire.record.Record;
import io.gregor.wire.record.RecordBatch;
import io.gregor.wire.record.RecordCursor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One broker in memory, with topics, records, and groups of one member, for which a test has other answers ready.
 * Called by the test and by the thread of its socket.
 */
final class FakeCluster implements AutoCloseable {
    /** An answer, or null for the usual one. */
    interface Answer extends Function<Message, @Nullable Message> {}

    private final SortedMap<TopicPartition, List<Record>> records = new TreeMap<>();
    private final SortedMap<TopicPartition, Long> committed = new TreeMap<>();
    private final Set<TopicPartition> leaderless = new HashSet<>();
    private final Map<ApiKey, Deque<Answer>> prepared = new EnumMap<>(ApiKey.class);
    private final Map<ApiKey, Integer> asked = new EnumMap<>(ApiKey.class);
    private int batchBytesMax = 1_000_000;
    private int generation;
    private final FakeBroker broker = new FakeBroker(this::answer);

    FakeCluster() throws IOException {}

    String address() {
        return "localhost:" + broker.port();
    }

    synchronized FakeCluster topic(String name, int partitions) {
        for (int i = 0; i < partitions; i++) {
            records.put(new TopicPartition(name, i), new ArrayList<>());
        }
        return this;
    }

    synchronized FakeCluster records(String topic, int partition, String... values) {
        for (String value : values) {
            append(new TopicPartition(topic, partition), value);
        }
        return this;
    }

    private void append(TopicPartition partition, String value) {
        List<Record> log = log(partition);
        log.add(new Record(log.size(), 1, null, Bytes.of(value), List.of()));
    }

    private List<Record> log(TopicPartition partition) {
        return records.computeIfAbsent(partition, key -> new ArrayList<>());
    }

    synchronized FakeCluster withoutLeader(String topic, int partition) {
        leaderless.add(new TopicPartition(topic, partition));
        return this;
    }

    synchronized FakeCluster batchBytesMax(int bytes) {
        batchBytesMax = bytes;
        return this;
    }

    synchronized FakeCluster commit(String topic, int partition, long offset) {
        committed.put(new TopicPartition(topic, partition), offset);
        return this;
    }

    /** The next request of that kind is answered like this; those after it as was prepared next, or as usual. */
    synchronized FakeCluster next(ApiKey key, Answer answer) {
        prepared.computeIfAbsent(key, one -> new ArrayDeque<>()).add(answer);
        return this;
    }

    synchronized List<String> values(String topic, int partition) {
        return log(new TopicPartition(topic, partition)).stream()
                .map(record -> {
                    ByteBuffer value = record.value();
                    return value == null ? "null" : Bytes.text(value);
                })
                .toList();
    }

    synchronized Record record(String topic, int partition, int offset) {
        return log(new TopicPartition(topic, partition)).get(offset);
    }

    synchronized @Nullable Long committed(String topic, int partition) {
        return committed.get(new TopicPartition(topic, partition));
    }

    /** How many requests of that kind have come. */
    synchronized int asked(ApiKey key) {
        return asked.getOrDefault(key, 0);
    }

    private synchronized @Nullable Message answer(ApiKey key, Message request) {
        asked.merge(key, 1, Integer::sum);
        Deque<Answer> ready = prepared.getOrDefault(key, new ArrayDeque<>());
        Message other = ready.isEmpty() ? null : ready.remove().apply(request);
        return other == null ? usual(key, request) : other;
    }

    /** What is answered where nothing else was prepared. */
    synchronized Message usual(ApiKey key, Message request) {
        return switch (key) {
            case METADATA -> metadata((MetadataRequest) request);
            case LIST_OFFSETS -> offsets((ListOffsetsRequest) request);
            case FETCH -> fetch((FetchRequest) request);
            case PRODUCE -> produce((ProduceRequest) request);
            case INIT_PRODUCER_ID -> new InitProducerIdResponse().producerId(7);
            case FIND_COORDINATOR ->
                new FindCoordinatorResponse()
                        .coordinators(List.of(new FindCoordinatorResponse.Coordinator()
                                .key("g")
                                .nodeId(1)
                                .host("localhost")
                                .port(broker.port())));
            case JOIN_GROUP -> join((JoinGroupRequest) request);
            case SYNC_GROUP ->
                new SyncGroupResponse()
                        .assignment(((SyncGroupRequest) request)
                                .assignments()
                                .get(0)
                                .assignment());
            case HEARTBEAT -> new HeartbeatResponse();
            case CONSUMER_GROUP_HEARTBEAT -> heartbeat((ConsumerGroupHeartbeatRequest) request);
            case CONSUMER_GROUP_DESCRIBE ->
                new ConsumerGroupDescribeResponse()
                        .groups(List.of(new ConsumerGroupDescribeResponse.DescribedGroup()
                                .errorCode(ErrorCode.GROUP_ID_NOT_FOUND.code())));
            case DESCRIBE_GROUPS ->
                new DescribeGroupsResponse()
                        .groups(List.of(new DescribeGroupsResponse.DescribedGroup().groupState("Empty")));
            case OFFSET_COMMIT -> commit((OffsetCommitRequest) request);
            case OFFSET_FETCH -> fetchOffsets();
            case API_VERSIONS -> FakeBroker.versions();
            default -> key.newResponse();
        };
    }

    private Message metadata(MetadataRequest request) {
        List<String> names = request.topics() == null
                ? records.keySet().stream()
                        .map(TopicPartition::topic)
                        .distinct()
                        .toList()
                : request.topics().stream()
                        .map(topic -> String.valueOf(topic.name()))
                        .toList();
        return new MetadataResponse()
                .clusterId("c")
                .controllerId(1)
                .brokers(List.of(new MetadataResponse.MetadataResponseBroker()
                        .nodeId(1)
                        .host("localhost")
                        .port(broker.port())))
                .topics(names.stream().map(this::metadata).toList());
    }

    /** What there is, but for the leader of one partition of topic t. */
    synchronized MetadataResponse metadataWithoutLeader(int partition) {
        MetadataResponse response = (MetadataResponse)
                metadata(new MetadataRequest().topics(List.of(new MetadataRequest.MetadataRequestTopic().name("t"))));
        response.topics().get(0).partitions().get(partition).leaderId(-1);
        return response;
    }

    private MetadataResponse.MetadataResponseTopic metadata(String name) {
        List<MetadataResponse.MetadataResponsePartition> partitions = records.keySet().stream()
                .filter(partition -> partition.topic().equals(name))
                .map(partition -> new MetadataResponse.MetadataResponsePartition()
                        .partitionIndex(partition.partition())
                        .leaderId(leaderless.contains(partition) ? -1 : 1)
                        .replicaNodes(List.of(1))
                        .isrNodes(List.of(1)))
                .toList();
        return new MetadataResponse.MetadataResponseTopic()
                .name(name)
                .errorCode(partitions.isEmpty() ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION.code() : 0)
                .partitions(partitions);
    }

    private Message offsets(ListOffsetsRequest request) {
        return new ListOffsetsResponse()
                .topics(request.topics().stream()
                        .map(topic -> new ListOffsetsResponse.ListOffsetsTopicResponse()
                                .name(topic.name())
                                .partitions(topic.partitions().stream()
                                        .map(one -> new ListOffsetsResponse.ListOffsetsPartitionResponse()
                                                .partitionIndex(one.partitionIndex())
                                                .offset(
                                                        one.timestamp() == -2
                                                                ? 0
                                                                : log(new TopicPartition(
                                                                                topic.name(), one.partitionIndex()))
                                                                        .size()))
                                        .toList()))
                        .toList());
    }

    private Message fetch(FetchRequest request) {
        return new FetchResponse()
                .responses(request.topics().stream()
                        .map(topic -> new FetchResponse.FetchableTopicResponse()
                                .topic(topic.topic())
                                .partitions(topic.partitions().stream()
                                        .map(one -> new FetchResponse.PartitionData()
                                                .partitionIndex(one.partition())
                                                .records(batches(
                                                        new TopicPartition(topic.topic(), one.partition()),
                                                        one.fetchOffset())))
                                        .toList()))
                        .toList());
    }

    /** One batch with the rest. */
    private Part batches(TopicPartition partition, long offset) {
        List<Record> log = log(partition);
        if (offset >= log.size()) {
            return Part.EMPTY;
        }
        BatchBuilder batch = new BatchBuilder(Compression.NONE).baseOffset(offset);
        log.subList((int) offset, log.size()).forEach(batch::add);
        return new Part.InMemory(batch.build());
    }

    private Message produce(ProduceRequest request) {
        return new ProduceResponse()
                .responses(request.topicData().stream()
                        .map(topic -> new ProduceResponse.TopicProduceResponse()
                                .name(topic.name())
                                .partitionResponses(topic.partitionData().stream()
                                        .map(one -> produce(topic.name(), one))
                                        .toList()))
                        .toList());
    }

    private ProduceResponse.PartitionProduceResponse produce(String topic, ProduceRequest.PartitionProduceData data) {
        ProduceResponse.PartitionProduceResponse answer =
                new ProduceResponse.PartitionProduceResponse().index(data.index());
        if (!(data.records() instanceof Part.InMemory bytes)) {
            return answer.errorCode(ErrorCode.INVALID_RECORD.code());
        }
        if (bytes.size() > batchBytesMax) {
            return answer.errorCode(ErrorCode.MESSAGE_TOO_LARGE.code());
        }
        RecordCursor.forEach(new RecordBatch(bytes.bytes(), bytes.bytes().position()), record -> {
            List<Record> log = log(new TopicPartition(topic, data.index()));
            log.add(new Record(log.size(), record.timestampMs(), record.key(), record.value(), record.headers()));
        });
        return answer;
    }

    private Message join(JoinGroupRequest request) {
        generation++;
        return new JoinGroupResponse()
                .generationId(generation)
                .protocolType("consumer")
                .protocolName("range")
                .memberId("m")
                .leader("m")
                .members(List.of(new JoinGroupResponse.JoinGroupResponseMember()
                        .memberId("m")
                        .metadata(request.protocols().get(0).metadata())));
    }

    /** Whoever joins gets all partitions. */
    private Message heartbeat(ConsumerGroupHeartbeatRequest request) {
        ConsumerGroupHeartbeatResponse response =
                new ConsumerGroupHeartbeatResponse().memberEpoch(1).heartbeatIntervalMs(1_000);
        return request.memberEpoch() != 0
                ? response
                : response.assignment(new ConsumerGroupHeartbeatResponse.Assignment()
                        .topicPartitions(List.of(new ConsumerGroupHeartbeatResponse.TopicPartitions()
                                .partitions(records.keySet().stream()
                                        .map(TopicPartition::partition)
                                        .toList()))));
    }

    private Message commit(OffsetCommitRequest request) {
        request.topics()
                .forEach(topic -> topic.partitions()
                        .forEach(one -> committed.put(
                                new TopicPartition(topic.name(), one.partitionIndex()), one.committedOffset())));
        return refused(request, ErrorCode.NONE);
    }

    /** The answer to a commit that says this of each partition. */
    static OffsetCommitResponse refused(Message request, ErrorCode code) {
        return new OffsetCommitResponse()
                .topics(((OffsetCommitRequest) request)
                        .topics().stream()
                                .map(topic -> new OffsetCommitResponse.OffsetCommitResponseTopic()
                                        .name(topic.name())
                                        .partitions(topic.partitions().stream()
                                                .map(one -> new OffsetCommitResponse.OffsetCommitResponsePartition()
                                                        .partitionIndex(one.partitionIndex())
                                                        .errorCode(code.code()))
                                                .toList()))
                                .toList());
    }

    private Message fetchOffsets() {
        List<OffsetFetchResponse.OffsetFetchResponseTopics> topics = new ArrayList<>();
        committed.forEach((partition, offset) -> topics.add(new OffsetFetchResponse.OffsetFetchResponseTopics()
                .name(partition.topic())
                .partitions(List.of(new OffsetFetchResponse.OffsetFetchResponsePartitions()
                        .partitionIndex(partition.partition())
                        .committedOffset(offset)))));
        return new OffsetFetchResponse()
                .groups(List.of(new OffsetFetchResponse.OffsetFetchResponseGroup()
                        .groupId("g")
                        .topics(topics)));
    }

    @Override
    public void close() throws IOException {
        broker.close();
    }
}

package io.gregor.bench;

import io.gregor.wire.ByteReader;
import io.gregor.wire.Message;
import io.gregor.wire.MessageSink;
import io.gregor.wire.Part;
import io.gregor.wire.message.ApiKey;
import io.gregor.wire.message.CreateTopicsRequest;
import io.gregor.wire.message.CreateTopicsResponse;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.FetchRequest;
import io.gregor.wire.message.FetchResponse;
import io.gregor.wire.message.FindCoordinatorRequest;
import io.gregor.wire.message.FindCoordinatorResponse;
import io.gregor.wire.message.HeartbeatRequest;
import io.gregor.wire.message.HeartbeatResponse;
import io.gregor.wire.message.MetadataRequest;
import io.gregor.wire.message.MetadataResponse;
import io.gregor.wire.message.OffsetCommitRequest;
import io.gregor.wire.message.OffsetCommitResponse;
import io.gregor.wire.message.ProduceRequest;
import io.gregor.wire.message.ProduceResponse;
import io.gregor.wire.message.RequestHeader;
import io.gregor.wire.record.BatchBuilder;
import io.gregor.wire.record.Compression;
import io.gregor.wire.record.Record;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.List;

/**
 * A client that costs next to nothing: it sends one encoded frame again and again, and throws answers away. Confined to
 * one thread.
 */
final class LoadClient implements AutoCloseable {
    private static final short PRODUCE_VERSION = 11;
    private static final short FETCH_VERSION = 12;
    private static final short METADATA_VERSION = 9;
    private static final short CREATE_TOPICS_VERSION = 7;
    private static final short FIND_COORDINATOR_VERSION = 3;
    private static final short HEARTBEAT_VERSION = 3;
    private static final short OFFSET_COMMIT_VERSION = 8;
    private static final int IN_FLIGHT = 8;
    private static final int FETCH_BYTES = 1024 * 1024;

    private final SocketChannel socket;
    private ByteBuffer answer = ByteBuffer.allocateDirect(4096);

    LoadClient(int port) throws IOException {
        socket = SocketChannel.open(new InetSocketAddress("127.0.0.1", port));
        socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
    }

    /** A batch of about that size: records of 1000 bytes. */
    static ByteBuffer batch(int sizeBytes) {
        BatchBuilder batch = new BatchBuilder(Compression.NONE);
        long now = System.currentTimeMillis();
        for (int i = 0; i < Math.max(1, sizeBytes / 1010); i++) {
            batch.add(Record.of(now, null, ByteBuffer.allocate(1000)));
        }
        return batch.build();
    }

    private static ByteBuffer frame(ApiKey key, short version, Message request) {
        MessageSink sink = new MessageSink(256);
        sink.int32(0);
        new RequestHeader()
                .requestApiKey(key.id())
                .requestApiVersion(version)
                .clientId("bench")
                .write(sink, key.requestHeaderVersion(version));
        request.write(sink, version);
        ByteBuffer bytes = sink.toBuffer();
        bytes.putInt(0, bytes.remaining() - 4);
        return ByteBuffer.allocateDirect(bytes.remaining()).put(bytes).flip();
    }

    private void send(ByteBuffer frame) throws IOException {
        ByteBuffer rest = frame.duplicate();
        while (rest.hasRemaining()) {
            socket.write(rest);
        }
    }

    /** The next answer's frame without its length, valid until the next call. */
    private ByteBuffer receive() throws IOException {
        fill(4);
        int length = answer.getInt(0);
        if (length > answer.capacity()) {
            answer = ByteBuffer.allocateDirect(Math.max(length, 2 * FETCH_BYTES));
        }
        fill(length);
        return answer.flip();
    }

    private void fill(int bytes) throws IOException {
        answer.clear().limit(bytes);
        while (answer.hasRemaining()) {
            if (socket.read(answer) < 0) {
                throw new EOFException("the broker closed the connection");
            }
        }
    }

    private <M extends Message> M answer(M response, short version, boolean flexible) throws IOException {
        ByteBuffer frame = receive();
        return ByteReader.readAll(response, frame.position(flexible ? 5 : 4), version);
    }

    /** How long after its start a broker acknowledged a produce to that topic, in milliseconds. */
    static double firstAcknowledged(BrokerProcess broker, String topic) throws InterruptedException {
        ByteBuffer batch = batch(1000);
        while (broker.isAlive()) {
            try (LoadClient client = new LoadClient(broker.port())) {
                while (!client.hasTopic(topic)) {
                    Thread.sleep(1);
                }
                if (client.produce(topic, 0, batch)) {
                    return (System.nanoTime() - broker.startedNanos()) / 1e6;
                }
            } catch (IOException e) {
                Thread.sleep(1);
            }
        }
        throw new IllegalStateException("the broker died");
    }

    /** Sends a request and waits for its answer. */
    <M extends Message> M call(ApiKey key, short version, Message request, M response) throws IOException {
        send(key, version, request);
        return receive(key, version, response);
    }

    void send(ApiKey key, short version, Message request) throws IOException {
        send(frame(key, version, request));
    }

    <M extends Message> M receive(ApiKey key, short version, M response) throws IOException {
        return answer(response, version, key.responseHeaderVersion(version) > 0);
    }

    /** Whether the group's coordinator is there; it may have to be made first. */
    boolean coordinates(String group) throws IOException {
        FindCoordinatorResponse found = call(
                ApiKey.FIND_COORDINATOR,
                FIND_COORDINATOR_VERSION,
                new FindCoordinatorRequest().key(group),
                new FindCoordinatorResponse());
        HeartbeatResponse answered = call(
                ApiKey.HEARTBEAT,
                HEARTBEAT_VERSION,
                new HeartbeatRequest().groupId(group).memberId("nobody"),
                new HeartbeatResponse());
        return found.errorCode() == 0 && answered.errorCode() == ErrorCode.UNKNOWN_MEMBER_ID.code();
    }

    /** Commits an offset of a group so many times. */
    void commit(String group, String topic, long times) throws IOException {
        OffsetCommitRequest request = new OffsetCommitRequest()
                .groupId(group)
                .generationIdOrMemberEpoch(-1)
                .topics(List.of(new OffsetCommitRequest.OffsetCommitRequestTopic()
                        .name(topic)
                        .partitions(
                                List.of(new OffsetCommitRequest.OffsetCommitRequestPartition().committedOffset(1)))));
        repeat(
                frame(ApiKey.OFFSET_COMMIT, OFFSET_COMMIT_VERSION, request),
                times,
                () -> answer(new OffsetCommitResponse(), OFFSET_COMMIT_VERSION, true)
                                .topics()
                                .get(0)
                                .partitions()
                                .get(0)
                                .errorCode()
                        == 0);
    }

    void createTopic(String topic, int partitions) throws IOException {
        send(frame(
                ApiKey.CREATE_TOPICS,
                CREATE_TOPICS_VERSION,
                new CreateTopicsRequest()
                        .timeoutMs(60_000)
                        .topics(List.of(new CreateTopicsRequest.CreatableTopic()
                                .name(topic)
                                .numPartitions(partitions)
                                .replicationFactor((short) 1)))));
        short error = answer(new CreateTopicsResponse(), CREATE_TOPICS_VERSION, true)
                .topics()
                .get(0)
                .errorCode();
        if (error != 0) {
            throw new IOException("creating " + topic + " failed with error " + error);
        }
    }

    /** Whether the topic is there and has leaders; asks for it to be created if it is not. */
    boolean hasTopic(String topic) throws IOException {
        send(frame(
                ApiKey.METADATA,
                METADATA_VERSION,
                new MetadataRequest()
                        .topics(List.of(new MetadataRequest.MetadataRequestTopic().name(topic)))
                        .allowAutoTopicCreation(true)));
        MetadataResponse response = answer(new MetadataResponse(), METADATA_VERSION, true);
        MetadataResponse.MetadataResponseTopic found = response.topics().get(0);
        return found.errorCode() == 0
                && found.partitions().stream().allMatch(p -> p.errorCode() == 0 && p.leaderId() >= 0);
    }

    private static ByteBuffer produceFrame(String topic, int partition, ByteBuffer batch) {
        return frame(
                ApiKey.PRODUCE,
                PRODUCE_VERSION,
                new ProduceRequest()
                        .acks((short) -1)
                        .timeoutMs(10_000)
                        .topicData(List.of(new ProduceRequest.TopicProduceData()
                                .name(topic)
                                .partitionData(List.of(new ProduceRequest.PartitionProduceData()
                                        .index(partition)
                                        .records(new Part.InMemory(batch)))))));
    }

    /** Produces one batch; false if the broker says that it was not stored. */
    boolean produce(String topic, int partition, ByteBuffer batch) throws IOException {
        send(produceFrame(topic, partition, batch));
        return wasStored();
    }

    private boolean wasStored() throws IOException {
        ProduceResponse response = answer(new ProduceResponse(), PRODUCE_VERSION, true);
        return response.responses().get(0).partitionResponses().get(0).errorCode() == 0;
    }

    /** Produces the batch so many times; the longest time without an answer, in ms. */
    double produce(String topic, int partition, ByteBuffer batch, long times) throws IOException {
        return repeat(produceFrame(topic, partition, batch), times, this::wasStored);
    }

    /** Produces the batch so many times with so many in flight; what each took to be acknowledged, in nanoseconds. */
    long[] latencies(String topic, int partition, ByteBuffer batch, int times, int inFlight) throws IOException {
        ByteBuffer frame = produceFrame(topic, partition, batch);
        long[] nanos = new long[times];
        int sent = 0;
        for (int stored = 0; stored < times; stored++) {
            for (; sent < times && sent - stored < inFlight; sent++) {
                nanos[sent] = System.nanoTime();
                send(frame);
            }
            if (!wasStored()) {
                throw new IOException("a batch was refused");
            }
            nanos[stored] = System.nanoTime() - nanos[stored];
        }
        return nanos;
    }

    private interface Check {
        boolean isGood() throws IOException;
    }

    /** Sends a request so many times, with several in flight; the longest time without an answer, in ms. */
    private double repeat(ByteBuffer frame, long times, Check check) throws IOException {
        long sent = 0;
        long stored = 0;
        long last = System.nanoTime();
        long longest = 0;
        while (stored < times) {
            while (sent < times && sent - stored < IN_FLIGHT) {
                send(frame);
                sent++;
            }
            if (!check.isGood()) {
                throw new IOException("a request was refused");
            }
            stored++;
            long now = System.nanoTime();
            longest = Math.max(longest, now - last);
            last = now;
        }
        return longest / 1e6;
    }

    /** Fetches batches of that size and count from the start on, and throws them away; returns the bytes. */
    long fetch(String topic, int batchBytes, int recordsInBatch, long batches) throws IOException {
        long fetched = 0;
        while (fetched < batches) {
            send(frame(ApiKey.FETCH, FETCH_VERSION, fetchRequest(topic, fetched * recordsInBatch)));
            FetchResponse response = answer(new FetchResponse(), FETCH_VERSION, true);
            FetchResponse.PartitionData data =
                    response.responses().get(0).partitions().get(0);
            Part records = data.records();
            if (data.errorCode() != 0 || records == null || records.size() < batchBytes) {
                throw new IOException("a fetch failed with error " + data.errorCode());
            }
            fetched += records.size() / batchBytes;
        }
        return fetched * batchBytes;
    }

    private static FetchRequest fetchRequest(String topic, long offset) {
        return new FetchRequest()
                .maxWaitMs(500)
                .minBytes(1)
                .maxBytes(FETCH_BYTES)
                .sessionEpoch(-1)
                .topics(List.of(new FetchRequest.FetchTopic()
                        .topic(topic)
                        .partitions(List.of(new FetchRequest.FetchPartition()
                                .fetchOffset(offset)
                                .partitionMaxBytes(FETCH_BYTES)))));
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}

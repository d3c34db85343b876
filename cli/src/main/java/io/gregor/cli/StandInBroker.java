package io.gregor.cli;

import io.gregor.cli.client.Offsets;
import io.gregor.cli.text.Bytes;
import io.gregor.wire.ByteReader;
import io.gregor.wire.Message;
import io.gregor.wire.MessageSink;
import io.gregor.wire.Part;
import io.gregor.wire.message.ApiKey;
import io.gregor.wire.message.ApiVersionsResponse;
import io.gregor.wire.message.ConsumerProtocolAssignment;
import io.gregor.wire.message.CreateTopicsResponse;
import io.gregor.wire.message.DeleteTopicsResponse;
import io.gregor.wire.message.FetchResponse;
import io.gregor.wire.message.FindCoordinatorResponse;
import io.gregor.wire.message.JoinGroupResponse;
import io.gregor.wire.message.ListOffsetsRequest;
import io.gregor.wire.message.ListOffsetsResponse;
import io.gregor.wire.message.MetadataResponse;
import io.gregor.wire.message.OffsetFetchResponse;
import io.gregor.wire.message.ProduceRequest;
import io.gregor.wire.message.ProduceResponse;
import io.gregor.wire.message.RequestHeader;
import io.gregor.wire.message.ResponseHeader;
import io.gregor.wire.message.SyncGroupResponse;
import io.gregor.wire.record.BatchBuilder;
import io.gregor.wire.record.Compression;
import io.gregor.wire.record.Record;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Answers requests of the commands as an empty broker with one topic might, so that they can be trained without one.
 * Has a thread of its own, which serves one connection after the other.
 */
final class StandInBroker implements AutoCloseable {
    private static final String TOPIC = "training";

    private final ServerSocket server;

    private StandInBroker(ServerSocket server) {
        this.server = server;
    }

    static StandInBroker start() throws IOException {
        StandInBroker broker = new StandInBroker(new ServerSocket(0, 10, InetAddress.getLoopbackAddress()));
        Thread thread = new Thread(broker::serve, "stand-in");
        thread.setDaemon(true);
        thread.start();
        return broker;
    }

    int port() {
        return server.getLocalPort();
    }

    private void serve() {
        while (!server.isClosed()) {
            try (Socket socket = server.accept()) {
                socket.setTcpNoDelay(true);
                DataInputStream in = new DataInputStream(socket.getInputStream());
                DataOutputStream out = new DataOutputStream(socket.getOutputStream());
                while (true) {
                    byte[] frame = new byte[in.readInt()];
                    in.readFully(frame);
                    byte[] answer = answer(ByteBuffer.wrap(frame));
                    out.write(answer);
                }
            } catch (EOFException | SocketException e) {
                // The command has ended.
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private byte[] answer(ByteBuffer frame) {
        ApiKey key = Objects.requireNonNull(ApiKey.of(frame.getShort(0)));
        short version = frame.getShort(2);
        RequestHeader header = new RequestHeader();
        ByteReader in = new ByteReader(frame);
        header.read(in, key.requestHeaderVersion(version));
        MessageSink sink = new MessageSink(256);
        sink.int32(0);
        new ResponseHeader().correlationId(header.correlationId()).write(sink, key.responseHeaderVersion(version));
        Message request = key.newRequest();
        request.read(in, version);
        body(key, request).write(sink, version);
        ByteBuffer bytes = sink.toBuffer();
        bytes.putInt(0, bytes.remaining() - 4);
        byte[] answer = new byte[bytes.remaining()];
        bytes.get(answer);
        return answer;
    }

    private Message body(ApiKey key, Message request) {
        return switch (key) {
            case API_VERSIONS -> versions();
            case METADATA -> metadata();
            case LIST_OFFSETS -> offsets((ListOffsetsRequest) request);
            case PRODUCE -> written((ProduceRequest) request);
            case FETCH -> records();
            case CREATE_TOPICS ->
                new CreateTopicsResponse().topics(List.of(new CreateTopicsResponse.CreatableTopicResult().name(TOPIC)));
            case DELETE_TOPICS ->
                new DeleteTopicsResponse()
                        .responses(List.of(new DeleteTopicsResponse.DeletableTopicResult().name(TOPIC)));
            case FIND_COORDINATOR -> coordinator();
            case JOIN_GROUP ->
                new JoinGroupResponse().protocolName("range").memberId("m").leader("other");
            case SYNC_GROUP -> new SyncGroupResponse().assignment(assignment());
            case OFFSET_FETCH ->
                new OffsetFetchResponse().groups(List.of(new OffsetFetchResponse.OffsetFetchResponseGroup()));
            default -> key.newResponse();
        };
    }

    private static Message offsets(ListOffsetsRequest request) {
        long time = request.topics().get(0).partitions().get(0).timestamp();
        return new ListOffsetsResponse()
                .topics(List.of(new ListOffsetsResponse.ListOffsetsTopicResponse()
                        .name(TOPIC)
                        .partitions(List.of(new ListOffsetsResponse.ListOffsetsPartitionResponse()
                                .offset(time == Offsets.BEGINNING ? 0 : 1)))));
    }

    private static Message written(ProduceRequest request) {
        return new ProduceResponse()
                .responses(request.topicData().stream()
                        .map(topic -> new ProduceResponse.TopicProduceResponse()
                                .name(topic.name())
                                .partitionResponses(topic.partitionData().stream()
                                        .map(one -> new ProduceResponse.PartitionProduceResponse().index(one.index()))
                                        .toList()))
                        .toList());
    }

    private static Message records() {
        ByteBuffer batch = new BatchBuilder(Compression.NONE)
                .add(Record.of(1, Bytes.of("key"), Bytes.of("value")))
                .build();
        return new FetchResponse()
                .responses(List.of(new FetchResponse.FetchableTopicResponse()
                        .topic(TOPIC)
                        .partitions(List.of(new FetchResponse.PartitionData().records(new Part.InMemory(batch))))));
    }

    private Message coordinator() {
        return new FindCoordinatorResponse()
                .coordinators(List.of(new FindCoordinatorResponse.Coordinator()
                        .key(TOPIC)
                        .nodeId(1)
                        .host("localhost")
                        .port(port())));
    }

    private static byte[] assignment() {
        ByteBuffer message = MessageSink.toBuffer(
                new ConsumerProtocolAssignment()
                        .assignedPartitions(List.of(new ConsumerProtocolAssignment.TopicPartition()
                                .topic(TOPIC)
                                .partitions(List.of(0)))),
                (short) 0);
        return ByteBuffer.allocate(2 + message.remaining())
                .putShort((short) 0)
                .put(message)
                .array();
    }

    private static Message versions() {
        List<ApiVersionsResponse.ApiVersion> keys = new ArrayList<>();
        for (ApiKey key : ApiKey.values()) {
            keys.add(new ApiVersionsResponse.ApiVersion()
                    .apiKey(key.id())
                    .minVersion(key.lowestVersion())
                    .maxVersion(key.highestVersion()));
        }
        return new ApiVersionsResponse().apiKeys(keys);
    }

    private Message metadata() {
        return new MetadataResponse()
                .brokers(List.of(new MetadataResponse.MetadataResponseBroker()
                        .nodeId(1)
                        .host("localhost")
                        .port(port())))
                .controllerId(1)
                .topics(List.of(new MetadataResponse.MetadataResponseTopic()
                        .name(TOPIC)
                        .partitions(List.of(new MetadataResponse.MetadataResponsePartition()
                                .leaderId(1)
                                .replicaNodes(List.of(1))
                                .isrNodes(List.of(1))))));
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}

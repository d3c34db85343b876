package io.gregor.cli;

import io.gregor.wire.ByteReader;
import io.gregor.wire.Message;
import io.gregor.wire.MessageSink;
import io.gregor.wire.message.ApiKey;
import io.gregor.wire.message.ApiVersionsResponse;
import io.gregor.wire.message.MetadataResponse;
import io.gregor.wire.message.RequestHeader;
import io.gregor.wire.message.ResponseHeader;
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
        body(key).write(sink, version);
        ByteBuffer bytes = sink.toBuffer();
        bytes.putInt(0, bytes.remaining() - 4);
        byte[] answer = new byte[bytes.remaining()];
        bytes.get(answer);
        return answer;
    }

    private Message body(ApiKey key) {
        return switch (key) {
            case API_VERSIONS -> versions();
            case METADATA -> metadata();
            default -> key.newResponse();
        };
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

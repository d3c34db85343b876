package io.gregor.cli;

import io.gregor.wire.ByteReader;
import io.gregor.wire.Message;
import io.gregor.wire.MessageSink;
import io.gregor.wire.message.ApiKey;
import io.gregor.wire.message.ApiVersionsResponse;
import io.gregor.wire.message.RequestHeader;
import io.gregor.wire.message.ResponseHeader;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Answers each request with what a test says; no answer closes the connection. A thread serves one after the other. */
final class FakeBroker implements AutoCloseable {
    private final ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    private final BiFunction<ApiKey, Message, @Nullable Message> answers;

    FakeBroker(Function<ApiKey, @Nullable Message> answers) throws IOException {
        this((key, request) -> answers.apply(key));
    }

    FakeBroker(BiFunction<ApiKey, Message, @Nullable Message> answers) throws IOException {
        this.answers = answers;
        Thread thread = new Thread(this::serve, "fake-broker");
        thread.setDaemon(true);
        thread.start();
    }

    int port() {
        return server.getLocalPort();
    }

    private void serve() {
        while (!server.isClosed()) {
            try (Socket socket = server.accept()) {
                DataInputStream in = new DataInputStream(socket.getInputStream());
                DataOutputStream out = new DataOutputStream(socket.getOutputStream());
                while (true) {
                    byte[] frame = new byte[in.readInt()];
                    in.readFully(frame);
                    byte[] answer = answer(ByteBuffer.wrap(frame));
                    if (answer.length == 0) {
                        break;
                    }
                    out.write(answer);
                }
            } catch (IOException e) {
                // The client has what it wanted, or the test is over.
            }
        }
    }

    private byte[] answer(ByteBuffer frame) {
        ApiKey key = Objects.requireNonNull(ApiKey.of(frame.getShort(0)));
        short version = frame.getShort(2);
        RequestHeader header = new RequestHeader();
        ByteReader in = new ByteReader(frame);
        header.read(in, key.requestHeaderVersion(version));
        Message request = key.newRequest();
        request.read(in, version);
        Message other = answers.apply(key, request);
        Message body = other == null && key == ApiKey.API_VERSIONS ? versions() : other;
        if (body == null) {
            return new byte[0];
        }
        MessageSink sink = new MessageSink(256);
        sink.int32(0);
        new ResponseHeader().correlationId(header.correlationId()).write(sink, key.responseHeaderVersion(version));
        body.write(sink, version);
        ByteBuffer bytes = sink.toBuffer();
        bytes.putInt(0, bytes.remaining() - 4);
        byte[] answer = new byte[bytes.remaining()];
        bytes.get(answer);
        return answer;
    }

    static ApiVersionsResponse versions() {
        List<ApiVersionsResponse.ApiVersion> keys = Arrays.stream(ApiKey.values())
                .map(key -> new ApiVersionsResponse.ApiVersion()
                        .apiKey(key.id())
                        .minVersion(key.lowestVersion())
                        .maxVersion(key.highestVersion()))
                .toList();
        return new ApiVersionsResponse().apiKeys(keys);
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}

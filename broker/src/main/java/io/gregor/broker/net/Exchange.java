package io.gregor.broker.net;

import io.gregor.broker.net.ApiRegistry.Api;
import io.gregor.broker.quota.RequestTime;
import io.gregor.wire.Message;
import io.gregor.wire.MessageSink;
import io.gregor.wire.Part;
import io.gregor.wire.Throttled;
import io.gregor.wire.message.ResponseHeader;
import io.netty.buffer.ByteBuf;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One request and its place in the order of answers. Answered on any thread, sent on the connection's loop. Holds the
 * request's frame until the answer is there.
 */
final class Exchange implements Reply<Message> {
    private final Connection connection;
    private final Api api;
    private final short version;
    private final int correlationId;
    private final ByteBuf frame;
    private final int size;
    private final RequestTime time;
    private @Nullable List<Part> answer;
    private @Nullable Runnable onClose;
    private boolean done;

    Exchange(Connection connection, Api api, short version, int correlationId, ByteBuf frame, RequestTime time) {
        this.connection = connection;
        this.api = api;
        this.version = version;
        this.correlationId = correlationId;
        this.frame = frame;
        this.size = frame.readableBytes();
        this.time = time;
    }

    Api api() {
        return api;
    }

    short version() {
        return version;
    }

    ByteBuf frame() {
        return frame;
    }

    /** Of the request, in bytes. */
    int size() {
        return size;
    }

    /** Whether the answer, or that there is none, is known. */
    boolean isDone() {
        return done;
    }

    /** Null if nothing is to be sent. */
    @Nullable
    List<Part> answer() {
        return answer;
    }

    @Override
    public void send(Message response) {
        int throttleMs = time.throttleMs();
        if (response instanceof Throttled throttled) {
            throttleMs = Math.max(throttleMs, throttled.throttleTimeMs());
            throttled.throttleTimeMs(throttleMs);
        }
        finish(encode(response, version), throttleMs);
    }

    /** Answers in another version than was asked for: only ApiVersions does that. */
    void sendAs(Message response, short otherVersion) {
        finish(encode(response, otherVersion), 0);
    }

    private List<Part> encode(Message response, short asVersion) {
        MessageSink sink = new MessageSink(256);
        sink.int32(0);
        new ResponseHeader().correlationId(correlationId).write(sink, api.key().responseHeaderVersion(asVersion));
        response.write(sink, asVersion);
        return sink.frame();
    }

    @Override
    public void sendNothing(int throttleMs) {
        finish(null, throttleMs);
    }

    private void finish(@Nullable List<Part> encoded, int throttleMs) {
        connection.loop().execute(() -> {
            connection.mute(throttleMs);
            finish(encoded);
        });
    }

    @Override
    public void whenClosed(Runnable action) {
        onClose = action;
    }

    void connectionClosed() {
        Runnable action = onClose;
        if (action != null && !done) {
            action.run();
        }
    }

    @Override
    public void disconnect(String reason) {
        connection.loop().execute(() -> {
            finish(null);
            connection.close(reason);
        });
    }

    private void finish(@Nullable List<Part> encoded) {
        if (done) {
            throw new IllegalStateException(api.key() + " was answered twice");
        }
        done = true;
        answer = encoded;
        connection.release(frame);
        connection.advance();
    }
}

package io.gregor.broker.net;

import io.gregor.broker.access.RefusedRequest;
import io.gregor.broker.memory.Admission.Claim;
import io.gregor.broker.net.ApiRegistry.Api;
import io.gregor.broker.quota.RequestTime;
import io.gregor.wire.Message;
import io.gregor.wire.MessageSink;
import io.gregor.wire.Part;
import io.gregor.wire.Throttled;
import io.gregor.wire.message.ApiKey;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.ResponseHeader;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request and its place in the order of answers. Answered on any thread, sent on the connection's loop. Holds the
 * memory of the request until it is answered, and of a large answer what that needs until it has been sent.
 */
final class InFlightRequest implements Reply<Message> {
    private static final Logger LOG = LoggerFactory.getLogger(InFlightRequest.class);

    /** Larger answers are written in pieces. */
    private static final int WHOLE_ANSWER_BYTES = 64 * 1024;

    /** A large answer is kept as it will be sent if it takes no more than this part of the request's memory. */
    private static final int KEPT_PART = 4;

    /** What is sent for a request. */
    sealed interface Answer {
        /** It will not be sent: lets go of the files that were retained for it. */
        void release();
    }

    /** Nothing: the client does not want to hear, or is gone. */
    record Nothing() implements Answer {
        @Override
        public void release() {
            // Nothing is held.
        }
    }

    /** An answer that is small enough to be made at once. */
    record Whole(List<Part> parts) implements Answer {
        @Override
        public void release() {
            parts.forEach(Part::release);
        }
    }

    /** An answer that is made while it is sent. */
    record Large(LargeAnswer pieces, boolean hasFiles) implements Answer {
        @Override
        public void release() {
            if (hasFiles) {
                pieces.release();
            }
        }
    }

    private static final Answer NOTHING = new Nothing();

    private final Connection connection;
    private final Api api;
    private final short version;
    private final int correlationId;
    private final int size;
    private final RequestTime time;
    private @Nullable Message request;
    private long begunNanos;
    private @Nullable ByteBuf frame;
    private @Nullable Claim memory;
    private long elementBytes;
    private @Nullable Answer answer;
    private @Nullable Runnable onClose;
    private boolean holdsNext;
    private boolean isRefused;

    /**
     * @param request null if it has not been read
     * @param size of the request, in bytes
     * @param frame what the request refers to; null if it refers to nothing
     * @param memory what the request takes of the memory of all; null if it is too small to be counted
     */
    InFlightRequest(
            Connection connection,
            Api api,
            short version,
            int correlationId,
            @Nullable Message request,
            int size,
            @Nullable ByteBuf frame,
            @Nullable Claim memory,
            RequestTime time) {
        this.connection = connection;
        this.api = api;
        this.version = version;
        this.correlationId = correlationId;
        this.request = request;
        this.size = size;
        this.frame = frame;
        this.memory = memory;
        this.time = time;
    }

    Api api() {
        return api;
    }

    short version() {
        return version;
    }

    /** Of the request, in bytes. */
    int size() {
        return size;
    }

    /** Notes when its handling began, for who measures it. */
    void begunNanos(long nanos) {
        begunNanos = nanos;
    }

    /** It is answered, or known to have no answer. */
    void describeTo(TrafficObserver observer) {
        observer.answered(api.key(), version, size, begunNanos);
    }

    /** Whether the answer, or that there is none, is known. */
    boolean isDone() {
        return answer != null;
    }

    /** Whether nothing is to be sent for it. */
    boolean isWithoutAnswer() {
        return answer instanceof Nothing;
    }

    /** Whether requests that may overlap with it have to wait nevertheless. */
    boolean holdsNext() {
        return holdsNext && !isDone();
    }

    @Override
    public void holdNext() {
        holdsNext = true;
    }

    @Override
    public void letNextBegin() {
        connection.loop().execute(() -> {
            holdsNext = false;
            connection.advance();
        });
    }

    /** Null as long as it is not known. */
    @Nullable
    Answer answer() {
        return answer;
    }

    /** Some more of the answer was made, or taken by the client. */
    void progress() {
        if (memory != null && answer instanceof Large large) {
            memory.progress();
            shrinkMemory(large.pieces());
        }
    }

    @Override
    public void send(Message response) {
        int throttleMs = time.throttleMs();
        if (response instanceof Throttled throttled) {
            throttleMs = Math.max(throttleMs, throttled.throttleTimeMs());
            throttled.throttleTimeMs(throttleMs);
        }
        encodeAndFinish(response, version, throttleMs);
    }

    /** Answers in another version than was asked for: only ApiVersions does that. */
    void sendAs(Message response, short otherVersion) {
        encodeAndFinish(response, otherVersion, 0);
    }

    private void encodeAndFinish(Message response, short asVersion, int throttleMs) {
        Answer encoded;
        try {
            encoded = encode(response, asVersion);
        } catch (RuntimeException e) {
            LOG.error("Encoding an answer to {} version {} failed", api.key(), asVersion, e);
            disconnect("a request whose answer cannot be encoded");
            return;
        }
        finish(encoded, throttleMs);
    }

    private Answer encode(Message response, short asVersion) {
        MessageSink sink = MessageSink.ofAnswer(256, WHOLE_ANSWER_BYTES);
        sink.int32(0);
        ResponseHeader header = new ResponseHeader().correlationId(correlationId);
        short headerVersion = api.key().responseHeaderVersion(asVersion);
        header.write(sink, headerVersion);
        if (sink.writeSome(response, asVersion)) {
            return new Whole(sink.frame());
        }
        boolean hasFiles = !isRefused && api.key() == ApiKey.FETCH;
        Claim claim = memory;
        long keptMax = hasFiles || claim == null ? 0 : claim.held() / KEPT_PART;
        return new Large(new LargeAnswer(header, headerVersion, response, asVersion, keptMax), hasFiles);
    }

    @Override
    public void sendNothing(int throttleMs) {
        finish(NOTHING, throttleMs);
    }

    private void finish(Answer encoded, int throttleMs) {
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
        if (action != null && !isDone()) {
            action.run();
        }
    }

    @Override
    public void fail(Throwable cause) {
        LOG.error("Handling {} version {} failed", api.key(), version, cause);
        connection.loop().execute(() -> {
            if (isDone()) {
                return;
            }
            RefusedRequest refusal = new RefusedRequest(api.key(), version, ErrorCode.UNKNOWN_SERVER_ERROR);
            sendOrEnd(request == null ? refusal.ofAll() : refusal.ofFailed(request), "a request that has failed");
        });
    }

    /** Answers with the error instead of handling it. */
    void refuse(ErrorCode error) {
        RefusedRequest refusal = new RefusedRequest(api.key(), version, error);
        sendOrEnd(refusal.ofEach(Objects.requireNonNull(request)), "a request that is refused with " + error);
    }

    private void sendOrEnd(@Nullable Message response, String reason) {
        if (response == null) {
            disconnect(reason + ", without a place for the error");
        } else {
            send(response);
        }
    }

    /**
     * It is not handled, since it would take more memory than there is.
     *
     * @param bytes that it would take
     * @param held by the response, until it is sent
     * @param response null if the connection ends instead
     */
    void refuse(long bytes, long held, @Nullable Message response) {
        LOG.warn("Refusing {} version {} of {} bytes: it would take {} of memory", api.key(), version, size, bytes);
        isRefused = true;
        if (memory != null) {
            memory.shrink(held);
        }
        sendOrEnd(response, "a request that would take more memory than there is");
    }

    @Override
    public void disconnect(String reason) {
        connection.loop().execute(() -> {
            connection.close(reason);
            if (!isDone()) {
                finish(NOTHING);
            }
        });
    }

    private void finish(Answer encoded) {
        if (isDone()) {
            throw new IllegalStateException(api.key() + " was answered twice");
        }
        answer = encoded;
        request = null;
        releaseFrame();
        if (encoded instanceof Large large) {
            long held = memory == null ? 0 : memory.held();
            elementBytes = isRefused ? held : held / 2;
            shrinkMemory(large.pieces());
        } else {
            releaseMemory();
        }
        connection.advance();
    }

    private void releaseFrame() {
        ByteBuf held = frame;
        if (held != null) {
            frame = null;
            connection.release(held);
        }
    }

    /**
     * A large answer has its own elements, or makes them from those of the request: one of the two is garbage. While
     * it is counted there may be its bytes as well; when it is, one of both.
     */
    private void shrinkMemory(LargeAnswer large) {
        if (memory == null) {
            return;
        }
        if (!large.isCounted()) {
            memory.shrink(elementBytes + elementBytes * 2 / KEPT_PART);
        } else {
            memory.shrink(large.isKept() ? large.length() : elementBytes);
        }
    }

    /** Neither the request nor its answer is read any more. */
    void releaseMemory() {
        Claim claim = memory;
        if (claim != null) {
            memory = null;
            claim.leave();
            claim.release(claim.held());
        }
    }
}

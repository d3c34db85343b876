package io.gregor.broker.net;

import io.gregor.broker.access.Principal;
import io.gregor.broker.lane.Lane;
import io.gregor.broker.lane.Lane.Scheduled;
import io.gregor.broker.net.ApiRegistry.Api;
import io.gregor.broker.net.refusal.RefusedClients;
import io.gregor.broker.security.sasl.SaslSession;
import io.gregor.broker.security.sasl.SaslSession.Verdict;
import io.gregor.broker.security.sasl.SaslSettings;
import io.gregor.wire.Message;
import io.gregor.wire.Part;
import io.gregor.wire.message.ApiKey;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Has a client authenticate before it may ask anything. Confined to the connection's loop. It gets {@link #TIME_MS} for
 * it, and small frames; a refusal is told late, so that nobody can try many passwords quickly.
 */
public final class Authentication {
    static final long TIME_MS = 60_000;

    /**
     * What all connections of a listener have in common.
     *
     * @param receiveBytesMax of a frame before the client has authenticated
     * @param failureDelayMs how long a client that is refused waits to hear of it
     * @param nanoTime of sessions
     */
    record Rules(SaslSettings settings, int receiveBytesMax, long failureDelayMs, LongSupplier nanoTime) {}

    private final Lane loop;
    private final long failureDelayMs;
    private final Consumer<String> close;
    private final SaslSession session;
    private @Nullable Scheduled timer;

    /**
     * @param whenAuthenticated told each time who the client is
     * @param close ends the connection, with a reason
     */
    Authentication(
            Rules rules, Lane loop, FrameReader frames, Consumer<Principal> whenAuthenticated, Consumer<String> close) {
        this.loop = loop;
        this.failureDelayMs = rules.failureDelayMs();
        this.close = close;
        this.session = new SaslSession(rules.settings(), rules.nanoTime(), principal -> {
            stopTimer();
            frames.limitByConfig();
            whenAuthenticated.accept(principal);
        });
        frames.limit(rules.receiveBytesMax());
    }

    public SaslSession session() {
        return session;
    }

    /** Whether what comes next is a request, and is looked at. */
    boolean expectsRequest() {
        return session.failure() == null && !session.expectsToken();
    }

    /** Whether the connection ends with this request; one that is refused with an answer does not yet. */
    boolean isOver(Api api, short version) {
        Verdict verdict = session.check(api.key());
        return verdict == Verdict.CLOSE || verdict == Verdict.REFUSE && !api.answers(version);
    }

    /** Why the connection ends with this request; null if that is told already, since many clients may do so. */
    @Nullable
    String reason(ApiKey api, SocketAddress client, RefusedClients refused) {
        if (!session.isSkipped()) {
            return session.failure();
        }
        refused.withoutSasl(client, api);
        return null;
    }

    /** The connection is there. */
    void begin() {
        timer = loop.schedule(() -> close.accept("it has not authenticated in " + TIME_MS + " ms"), TIME_MS);
    }

    /** The connection has ended. */
    void end() {
        stopTimer();
    }

    private void stopTimer() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }

    /** Sends the response; if the client is refused it comes late, and nothing after it. */
    public <S extends Message> void answer(Reply<S> reply, S response) {
        String failure = session.failure();
        if (failure == null) {
            reply.send(response);
            return;
        }
        loop.schedule(
                () -> {
                    reply.send(response);
                    reply.disconnect(failure);
                },
                failureDelayMs);
    }

    /** Takes a token that is no request, and answers in the same way. */
    void take(byte[] token, AnswerWriter writer) {
        byte[] answer = session.token(token);
        String failure = session.failure();
        if (failure != null) {
            loop.schedule(() -> close.accept(failure), failureDelayMs);
        } else if (answer != null) {
            ByteBuffer frame = ByteBuffer.allocate(Integer.BYTES + answer.length)
                    .putInt(answer.length)
                    .put(answer)
                    .flip();
            writer.write(List.of(new Part.InMemory(frame)));
            writer.flush();
        }
    }
}

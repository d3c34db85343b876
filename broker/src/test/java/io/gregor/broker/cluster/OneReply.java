package io.gregor.broker.cluster;

import io.gregor.broker.net.Reply;
import io.gregor.wire.Message;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The answer to a request that is answered at once. */
public final class OneReply<S extends Message> implements Reply<S> {
    private @Nullable S sent;

    public S sent() {
        return Objects.requireNonNull(sent, "it is answered");
    }

    @Override
    public void send(S response) {
        sent = response;
    }

    @Override
    public void sendNothing(int throttleMs) {
        throw new AssertionError("no answer");
    }

    @Override
    public void fail(Throwable cause) {
        throw new AssertionError(cause);
    }

    @Override
    public void whenClosed(Runnable action) {}

    @Override
    public void disconnect(String reason) {
        throw new AssertionError(reason);
    }
}

package io.gregor.broker.net;

import io.gregor.wire.Message;

/** Takes the answer to one request, once, on any thread. */
public interface Reply<S extends Message> {
    /** A response that names a throttle time throttles its client for so long. */
    void send(S response);

    /** Ends the exchange without an answer. */
    default void sendNothing() {
        sendNothing(0);
    }

    /** As above, where the client does not want one (acks=0), and throttles it for so many milliseconds. */
    void sendNothing(int throttleMs);

    /** Answers with UNKNOWN_SERVER_ERROR, or closes the connection where an answer has no place for it; and logs. */
    void fail(Throwable cause);

    /**
     * Runs the action on the connection's loop if the client goes away before it was answered. Whoever waits long for
     * something to answer gives that up then, with {@link #sendNothing}.
     */
    void whenClosed(Runnable action);

    /**
     * Makes the client's next request wait until {@link #letNextBegin} or the answer, even if it is a Produce request,
     * which would overlap with this one. Called on the connection's loop, before the handler returns.
     */
    default void holdNext() {
        // Nobody is behind.
    }

    /** Ends {@link #holdNext}. Called on any thread. */
    default void letNextBegin() {
        // Nobody is behind.
    }

    /** Closes the connection, since the client cannot be told otherwise that something failed. */
    void disconnect(String reason);
}

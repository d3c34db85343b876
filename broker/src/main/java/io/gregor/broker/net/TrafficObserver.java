package io.gregor.broker.net;

import io.gregor.wire.message.ApiKey;

/**
 * Sees connections come and go and requests answered, on the connections' loops. Must be thread-safe, and not block.
 */
public interface TrafficObserver {
    void connected(String listener);

    void disconnected(String listener);

    /** The handling of a request begins: returns the time, as {@link System#nanoTime} has it. */
    long begun();

    /**
     * An answer was handed to the socket, or the request is one without an answer.
     *
     * @param requestBytes the size of the request
     * @param begunNanos what {@link #begun} has returned for it
     */
    void answered(ApiKey api, short version, int requestBytes, long begunNanos);
}

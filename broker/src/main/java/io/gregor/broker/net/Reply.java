package io.gregor.broker.net;

import io.gregor.wire.Message;

/** Takes the answer to one request, once, on any thread. */
public interface Reply<S extends Message> {
    void send(S response);

    /** Ends the exchange without an answer: acks=0 asks for that. */
    void sendNothing();

    /**
     * Runs the action on the connection's loop if the client goes away before it was answered. Whoever waits long for
     * something to answer gives that up then, with {@link #sendNothing}.
     */
    void whenClosed(Runnable action);

    /** Closes the connection, since the client cannot be told otherwise that something failed. */
    void disconnect(String reason);
}

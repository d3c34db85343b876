package io.gregor.broker.net;

import io.gregor.wire.Message;

/**
 * Answers the requests of one API. Called on the connection's loop; must not block. The request, and the records in it,
 * are valid until the reply has been sent.
 */
@FunctionalInterface
public interface ApiHandler<Q extends Message, S extends Message> {
    void handle(RequestContext context, Q request, Reply<S> reply);
}

package io.gregor.broker.api.admin;

import io.gregor.broker.cluster.Controller;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.wire.Message;

/**
 * Any request that the controller decides on: its rules are in {@code io.gregor.controller.operation}, one class a
 * request. Answered once what it changes is committed and applied here.
 */
public record ControllerHandler<Q extends Message, R extends Message>(Controller controller)
        implements ApiHandler<Q, R> {
    @Override
    public void handle(RequestContext context, Q request, Reply<R> reply) {
        controller.<R>submit(request, context.toController()).thenAccept(reply::send);
    }
}

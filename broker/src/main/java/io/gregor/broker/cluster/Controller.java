package io.gregor.broker.cluster;

import io.gregor.controller.ControllerContext;
import io.gregor.wire.Message;
import java.util.concurrent.CompletionStage;

/**
 * Where changes of the cluster's metadata are asked for. A request is one of the protocol's, with nothing that only
 * this process knows, so that it can be forwarded to another node. Thread-safe.
 */
public interface Controller {
    /**
     * Decides on the request, and makes what it changes durable.
     *
     * @param request of a kind that controllers decide on, such as CreateTopicsRequest
     * @param <R> the response of that kind
     * @return the response, once all that it says is committed and this broker has applied it. It never fails: a
     *     request that cannot be done has a response with an error code.
     */
    <R extends Message> CompletionStage<R> submit(Message request, ControllerContext context);
}

package io.gregor.broker.api.cluster;

import io.gregor.broker.cluster.ClusterMetadata;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.controller.UnregisterBroker;
import io.gregor.wire.message.UnregisterBrokerRequest;
import io.gregor.wire.message.UnregisterBrokerResponse;

/** Forgets a broker that is gone; see {@link UnregisterBroker} for the rules. */
public record UnregisterBrokerHandler(ClusterMetadata metadata, int nodeId)
        implements ApiHandler<UnregisterBrokerRequest, UnregisterBrokerResponse> {
    @Override
    public void handle(RequestContext context, UnregisterBrokerRequest request, Reply<UnregisterBrokerResponse> reply) {
        metadata.change(
                image -> UnregisterBroker.decide(image, request, nodeId),
                reply::send,
                error -> reply.send(
                        new UnregisterBrokerResponse().errorCode(error.code()).errorMessage(error.message())));
    }
}

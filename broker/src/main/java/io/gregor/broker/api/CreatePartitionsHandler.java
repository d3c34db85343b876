package io.gregor.broker.api;

import io.gregor.broker.config.BrokerConfig;
import io.gregor.broker.metadata.ClusterMetadata;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.controller.CreatePartitions;
import io.gregor.wire.message.CreatePartitionsRequest;
import io.gregor.wire.message.CreatePartitionsResponse;
import io.gregor.wire.message.CreatePartitionsResponse.CreatePartitionsTopicResult;

/** Adds partitions to topics; see {@link CreatePartitions} for the rules. */
public final class CreatePartitionsHandler implements ApiHandler<CreatePartitionsRequest, CreatePartitionsResponse> {
    private final BrokerConfig config;
    private final ClusterMetadata metadata;

    public CreatePartitionsHandler(BrokerConfig config, ClusterMetadata metadata) {
        this.config = config;
        this.metadata = metadata;
    }

    @Override
    public void handle(RequestContext context, CreatePartitionsRequest request, Reply<CreatePartitionsResponse> reply) {
        metadata.change(
                image -> CreatePartitions.decide(image, request, config.nodeId()),
                reply::send,
                error -> reply.send(new CreatePartitionsResponse()
                        .results(request.topics().stream()
                                .map(topic -> new CreatePartitionsTopicResult()
                                        .name(topic.name())
                                        .errorCode(error.code())
                                        .errorMessage(error.message()))
                                .toList())));
    }
}

package io.gregor.broker.api.admin;

import io.gregor.broker.cluster.ClusterMetadata;
import io.gregor.broker.config.BrokerConfig;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.broker.quota.Quotas;
import io.gregor.broker.replica.Partitions;
import io.gregor.controller.CreatePartitions;
import io.gregor.wire.message.CreatePartitionsRequest;
import io.gregor.wire.message.CreatePartitionsResponse;
import io.gregor.wire.message.CreatePartitionsResponse.CreatePartitionsTopicResult;

/** Adds partitions to topics; see {@link CreatePartitions} for the rules. Version 3 refuses what exceeds a quota
 * (KIP-599). */
public final class CreatePartitionsHandler implements ApiHandler<CreatePartitionsRequest, CreatePartitionsResponse> {
    private static final int FIRST_VERSION_WITH_STRICT_QUOTAS = 3;

    private final BrokerConfig config;
    private final ClusterMetadata metadata;
    private final Partitions partitions;
    private final Quotas quotas;

    public CreatePartitionsHandler(
            BrokerConfig config, ClusterMetadata metadata, Partitions partitions, Quotas quotas) {
        this.config = config;
        this.metadata = metadata;
        this.partitions = partitions;
        this.quotas = quotas;
    }

    @Override
    public void handle(RequestContext context, CreatePartitionsRequest request, Reply<CreatePartitionsResponse> reply) {
        Quotas.Mutations quota =
                quotas.mutations(context.clientId(), context.version() >= FIRST_VERSION_WITH_STRICT_QUOTAS);
        metadata.change(
                image ->
                        new CreatePartitions(config.nodeId(), partitions::areAllCordoned).decide(image, request, quota),
                response -> reply.send(response.throttleTimeMs(quota.throttleMs())),
                error -> reply.send(new CreatePartitionsResponse()
                        .results(request.topics().stream()
                                .map(topic -> new CreatePartitionsTopicResult()
                                        .name(topic.name())
                                        .errorCode(error.code())
                                        .errorMessage(error.message()))
                                .toList())));
    }
}

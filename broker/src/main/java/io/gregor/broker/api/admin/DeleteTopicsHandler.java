package io.gregor.broker.api.admin;

import io.gregor.broker.cluster.ClusterMetadata;
import io.gregor.broker.config.BrokerConfig;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.broker.quota.Quotas;
import io.gregor.controller.DeleteTopics;
import io.gregor.wire.message.DeleteTopicsRequest;
import io.gregor.wire.message.DeleteTopicsResponse;
import io.gregor.wire.message.DeleteTopicsResponse.DeletableTopicResult;
import io.gregor.wire.message.ErrorCode;
import java.util.ArrayList;
import java.util.List;

/**
 * Deletes topics; see {@link DeleteTopics} for the rules.
 *
 * <p>With {@code delete.topic.enable=false}: INVALID_REQUEST up to version 2, then TOPIC_DELETION_DISABLED. Version 5
 * refuses what exceeds a quota (KIP-599).
 */
public final class DeleteTopicsHandler implements ApiHandler<DeleteTopicsRequest, DeleteTopicsResponse> {
    private static final int FIRST_VERSION_WITH_STRICT_QUOTAS = 5;

    private final BrokerConfig config;
    private final ClusterMetadata metadata;
    private final Quotas quotas;

    public DeleteTopicsHandler(BrokerConfig config, ClusterMetadata metadata, Quotas quotas) {
        this.config = config;
        this.metadata = metadata;
        this.quotas = quotas;
    }

    @Override
    public void handle(RequestContext context, DeleteTopicsRequest request, Reply<DeleteTopicsResponse> reply) {
        if (!config.isOn("delete.topic.enable")) {
            ErrorCode error = context.version() < 3 ? ErrorCode.INVALID_REQUEST : ErrorCode.TOPIC_DELETION_DISABLED;
            reply.send(failed(request, error));
            return;
        }
        Quotas.Mutations quota =
                quotas.mutations(context.clientId(), context.version() >= FIRST_VERSION_WITH_STRICT_QUOTAS);
        metadata.change(
                image -> DeleteTopics.decide(image, request, quota),
                response -> reply.send(response.throttleTimeMs(quota.throttleMs())),
                error -> reply.send(failed(request, error)));
    }

    private static DeleteTopicsResponse failed(DeleteTopicsRequest request, ErrorCode error) {
        List<DeletableTopicResult> results = new ArrayList<>();
        request.topics()
                .forEach(topic -> results.add(
                        new DeletableTopicResult().name(topic.name()).topicId(topic.topicId())));
        request.topicNames().forEach(name -> results.add(new DeletableTopicResult().name(name)));
        results.forEach(result -> result.errorCode(error.code()).errorMessage(error.message()));
        return new DeleteTopicsResponse().responses(results);
    }
}

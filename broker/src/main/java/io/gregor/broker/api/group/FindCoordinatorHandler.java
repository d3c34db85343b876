package io.gregor.broker.api.group;

import io.gregor.broker.cluster.ClusterInfo;
import io.gregor.broker.cluster.ClusterMetadata;
import io.gregor.broker.cluster.TopicCreation;
import io.gregor.broker.config.Listener;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.broker.replica.Partitions;
import io.gregor.controller.TopicImage;
import io.gregor.controller.TopicNames;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.FindCoordinatorRequest;
import io.gregor.wire.message.FindCoordinatorResponse;
import io.gregor.wire.message.FindCoordinatorResponse.Coordinator;
import java.util.List;

/**
 * Finds the coordinator of groups and of transactional ids, which is this broker. The first to ask has the topic of
 * that kind created. COORDINATOR_NOT_AVAILABLE until all its partitions have been opened.
 *
 * <p>Version 1: kinds of coordinators. 4: several keys at once (KIP-699).
 */
public final class FindCoordinatorHandler implements ApiHandler<FindCoordinatorRequest, FindCoordinatorResponse> {
    private static final byte GROUP = 0;
    private static final byte TRANSACTION = 1;
    private static final int FIRST_VERSION_WITH_KEYS = 4;

    private final ClusterInfo cluster;
    private final ClusterMetadata metadata;
    private final Partitions partitions;
    private final TopicCreation topicCreation;

    public FindCoordinatorHandler(
            ClusterInfo cluster, ClusterMetadata metadata, Partitions partitions, TopicCreation topicCreation) {
        this.cluster = cluster;
        this.metadata = metadata;
        this.partitions = partitions;
        this.topicCreation = topicCreation;
    }

    @Override
    public void handle(RequestContext context, FindCoordinatorRequest request, Reply<FindCoordinatorResponse> reply) {
        ErrorCode error = find(request.keyType());
        Listener address = cluster.reachableThrough(context.listener());
        boolean found = error == ErrorCode.NONE;
        int nodeId = found ? cluster.nodeId() : -1;
        String host = found ? address.host() : "";
        int port = found ? address.port() : -1;
        if (context.version() < FIRST_VERSION_WITH_KEYS) {
            reply.send(new FindCoordinatorResponse()
                    .errorCode(error.code())
                    .errorMessage(found ? "NONE" : error.message())
                    .nodeId(nodeId)
                    .host(host)
                    .port(port));
            return;
        }
        List<Coordinator> coordinators = request.coordinatorKeys().stream()
                .map(key -> new Coordinator()
                        .key(key)
                        .errorCode(error.code())
                        .errorMessage(found ? "" : error.message())
                        .nodeId(nodeId)
                        .host(host)
                        .port(port))
                .toList();
        reply.send(new FindCoordinatorResponse().coordinators(coordinators));
    }

    private ErrorCode find(byte keyType) {
        if (keyType != GROUP && keyType != TRANSACTION) {
            return ErrorCode.INVALID_REQUEST;
        }
        String topic = keyType == GROUP ? TopicNames.OFFSETS : TopicNames.TRANSACTIONS;
        TopicImage image = metadata.image().topic(topic);
        if (image == null) {
            topicCreation.createInternal(topic);
            return ErrorCode.COORDINATOR_NOT_AVAILABLE;
        }
        return partitions.isOpening(image.id()) ? ErrorCode.COORDINATOR_NOT_AVAILABLE : ErrorCode.NONE;
    }
}

package io.gregor.broker.api.group;

import io.gregor.broker.access.AclOperation;
import io.gregor.broker.access.ResourceType;
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
 * that kind created. COORDINATOR_NOT_AVAILABLE until all its partitions have been opened. From version 4 on only what
 * is wrong with the whole request has a message.
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
        byte keyType = request.keyType();
        boolean many = context.version() >= FIRST_VERSION_WITH_KEYS;
        List<String> keys = many ? request.coordinatorKeys() : List.of(request.key());
        boolean allowed = keys.stream().anyMatch(key -> refusal(context, keyType, key) == ErrorCode.NONE);
        ErrorCode found = allowed ? find(keyType) : ErrorCode.NONE;
        List<Coordinator> coordinators = keys.stream()
                .map(key -> {
                    ErrorCode refusal = refusal(context, keyType, key);
                    return coordinator(context, key, refusal == ErrorCode.NONE ? found : refusal);
                })
                .toList();
        reply.send(many ? new FindCoordinatorResponse().coordinators(coordinators) : single(coordinators.get(0)));
    }

    /** NONE if the client may know who coordinates that. */
    private static ErrorCode refusal(RequestContext context, byte keyType, String key) {
        if (keyType == GROUP && !context.allows(AclOperation.DESCRIBE, ResourceType.GROUP, key)) {
            return ErrorCode.GROUP_AUTHORIZATION_FAILED;
        }
        boolean refused =
                keyType == TRANSACTION && !context.allows(AclOperation.DESCRIBE, ResourceType.TRANSACTIONAL_ID, key);
        return refused ? ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED : ErrorCode.NONE;
    }

    private Coordinator coordinator(RequestContext context, String key, ErrorCode error) {
        Listener address = cluster.reachableThrough(context.listener());
        boolean found = error == ErrorCode.NONE;
        return new Coordinator()
                .key(key)
                .errorCode(error.code())
                .errorMessage(error == ErrorCode.INVALID_REQUEST ? error.message() : "")
                .nodeId(found ? cluster.nodeId() : -1)
                .host(found ? address.host() : "")
                .port(found ? address.port() : -1);
    }

    private static FindCoordinatorResponse single(Coordinator one) {
        return new FindCoordinatorResponse()
                .errorCode(one.errorCode())
                .errorMessage(
                        one.errorCode() == 0
                                ? "NONE"
                                : ErrorCode.of(one.errorCode()).message())
                .nodeId(one.nodeId())
                .host(one.host())
                .port(one.port());
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

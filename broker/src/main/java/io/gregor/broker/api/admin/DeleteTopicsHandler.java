package io.gregor.broker.api.admin;

import io.gregor.broker.access.AclOperation;
import io.gregor.broker.access.ResourceType;
import io.gregor.broker.cluster.ClusterMetadata;
import io.gregor.broker.cluster.Controller;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.controller.MetadataImage;
import io.gregor.controller.TopicImage;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.DeleteTopicsRequest;
import io.gregor.wire.message.DeleteTopicsRequest.DeleteTopicState;
import io.gregor.wire.message.DeleteTopicsResponse;
import io.gregor.wire.message.DeleteTopicsResponse.DeletableTopicResult;
import io.gregor.wire.message.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Deletes those topics that the client may delete, on the whole cluster or by their names; the controller decides on
 * the rest ({@link io.gregor.controller.operation.DeleteTopics}). Whether a topic that the client may not describe
 * exists, and what an id's topic is called, stays hidden.
 *
 * @param enabled {@code delete.topic.enable}
 */
public record DeleteTopicsHandler(Controller controller, ClusterMetadata metadata, boolean enabled)
        implements ApiHandler<DeleteTopicsRequest, DeleteTopicsResponse> {
    @Override
    public void handle(RequestContext context, DeleteTopicsRequest request, Reply<DeleteTopicsResponse> reply) {
        List<DeletableTopicResult> refused = new ArrayList<>();
        if (enabled && !context.wouldAllow(AclOperation.DELETE, ResourceType.CLUSTER, ResourceType.CLUSTER_NAME)) {
            takeRefused(context, request, refused);
        }
        controller.<DeleteTopicsResponse>submit(request, context.toController()).thenAccept(response -> {
            refused.addAll(response.responses());
            reply.send(response.responses(refused));
        });
    }

    private void takeRefused(RequestContext context, DeleteTopicsRequest request, List<DeletableTopicResult> refused) {
        List<DeleteTopicState> wanted = new ArrayList<>(request.topics());
        request.topicNames().forEach(name -> wanted.add(new DeleteTopicState().name(name)));
        Repeated repeated = Repeated.in(wanted.stream().map(DeleteTopicsHandler::nameOrId));
        List<DeleteTopicState> allowed = new ArrayList<>();
        MetadataImage image = metadata.image();
        for (DeleteTopicState topic : wanted) {
            boolean makesSense = topic.name() == null != topic.topicId().equals(Uuid.ZERO);
            DeletableTopicResult refusal =
                    makesSense && !repeated.contains(nameOrId(topic)) ? refusal(context, image, topic) : null;
            if (refusal == null) {
                allowed.add(topic);
            } else {
                refused.add(refusal.errorCode(ErrorCode.TOPIC_AUTHORIZATION_FAILED.code())
                        .errorMessage(ErrorCode.TOPIC_AUTHORIZATION_FAILED.message()));
            }
        }
        request.topics(allowed).topicNames(List.of());
    }

    private static Object nameOrId(DeleteTopicState topic) {
        String name = topic.name();
        return name == null ? topic.topicId() : name;
    }

    /** Null if the client may delete it, or may know that there is no such topic. */
    private static @Nullable DeletableTopicResult refusal(
            RequestContext context, MetadataImage image, DeleteTopicState topic) {
        String name = topic.name();
        TopicImage found = name == null ? image.topic(topic.topicId()) : image.topic(name);
        String known = found == null ? name : found.name();
        if (known == null) {
            return null;
        }
        boolean describes = context.allows(AclOperation.DESCRIBE, ResourceType.TOPIC, known);
        boolean deletes = context.allows(AclOperation.DELETE, ResourceType.TOPIC, known);
        if (name != null) {
            boolean mayGoOn = describes && (found == null || deletes);
            return mayGoOn ? null : new DeletableTopicResult().name(name);
        }
        return deletes
                ? null
                : new DeletableTopicResult().name(describes ? known : null).topicId(topic.topicId());
    }
}

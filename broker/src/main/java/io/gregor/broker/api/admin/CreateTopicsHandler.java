package io.gregor.broker.api.admin;

import io.gregor.broker.access.AclOperation;
import io.gregor.broker.access.ResourceType;
import io.gregor.broker.cluster.Controller;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.controller.TopicNames;
import io.gregor.wire.message.CreateTopicsRequest;
import io.gregor.wire.message.CreateTopicsRequest.CreatableTopic;
import io.gregor.wire.message.CreateTopicsResponse;
import io.gregor.wire.message.CreateTopicsResponse.CreatableTopicResult;
import io.gregor.wire.message.ErrorCode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Creates those topics that the client may create, on the whole cluster or by their names; the controller decides on
 * the rest ({@link io.gregor.controller.operation.CreateTopics}). The configuration of a new topic is told to those who
 * may see it.
 */
public record CreateTopicsHandler(Controller controller)
        implements ApiHandler<CreateTopicsRequest, CreateTopicsResponse> {
    @Override
    public void handle(RequestContext context, CreateTopicsRequest request, Reply<CreateTopicsResponse> reply) {
        Repeated repeated = Repeated.in(request.topics().stream().map(CreatableTopic::name));
        boolean all = context.wouldAllow(AclOperation.CREATE, ResourceType.CLUSTER, ResourceType.CLUSTER_NAME);
        List<CreatableTopic> allowed = new ArrayList<>();
        List<CreatableTopicResult> refused = new ArrayList<>();
        Set<String> hidden = new HashSet<>();
        for (CreatableTopic topic : request.topics()) {
            String name = topic.name();
            boolean asks = !repeated.contains(name) && !name.equals(TopicNames.METADATA);
            if (all || !asks || context.allows(AclOperation.CREATE, ResourceType.TOPIC, name)) {
                allowed.add(topic);
                if (!context.wouldAllow(AclOperation.DESCRIBE_CONFIGS, ResourceType.TOPIC, name)) {
                    hidden.add(name);
                }
            } else {
                refused.add(new CreatableTopicResult()
                        .name(name)
                        .errorCode(ErrorCode.TOPIC_AUTHORIZATION_FAILED.code())
                        .errorMessage("Authorization failed."));
            }
        }
        controller
                .<CreateTopicsResponse>submit(
                        request.topics(allowed), context.toController().withHiddenConfigs(hidden))
                .thenAccept(response -> {
                    refused.addAll(response.topics());
                    reply.send(response.topics(refused));
                });
    }
}

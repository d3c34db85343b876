package io.gregor.broker.api.admin;

import io.gregor.broker.access.AclOperation;
import io.gregor.broker.access.ResourceType;
import io.gregor.broker.cluster.Controller;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.wire.message.CreatePartitionsRequest;
import io.gregor.wire.message.CreatePartitionsRequest.CreatePartitionsTopic;
import io.gregor.wire.message.CreatePartitionsResponse;
import io.gregor.wire.message.CreatePartitionsResponse.CreatePartitionsTopicResult;
import io.gregor.wire.message.ErrorCode;
import java.util.ArrayList;
import java.util.List;

/**
 * Adds partitions to those topics that the client may alter; the controller decides on the rest
 * ({@link io.gregor.controller.operation.CreatePartitions}).
 */
public record CreatePartitionsHandler(Controller controller)
        implements ApiHandler<CreatePartitionsRequest, CreatePartitionsResponse> {
    @Override
    public void handle(RequestContext context, CreatePartitionsRequest request, Reply<CreatePartitionsResponse> reply) {
        Repeated repeated = Repeated.in(request.topics().stream().map(CreatePartitionsTopic::name));
        List<CreatePartitionsTopic> allowed = new ArrayList<>();
        List<CreatePartitionsTopicResult> refused = new ArrayList<>();
        for (CreatePartitionsTopic topic : request.topics()) {
            if (repeated.contains(topic.name())
                    || context.allows(AclOperation.ALTER, ResourceType.TOPIC, topic.name())) {
                allowed.add(topic);
            } else {
                refused.add(new CreatePartitionsTopicResult()
                        .name(topic.name())
                        .errorCode(ErrorCode.TOPIC_AUTHORIZATION_FAILED.code()));
            }
        }
        controller
                .<CreatePartitionsResponse>submit(request.topics(allowed), context.toController())
                .thenAccept(response -> {
                    refused.addAll(response.results());
                    reply.send(response.results(refused));
                });
    }
}

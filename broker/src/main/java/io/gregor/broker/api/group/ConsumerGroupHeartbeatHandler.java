package io.gregor.broker.api.group;

import io.gregor.broker.access.AclOperation;
import io.gregor.broker.access.ResourceType;
import io.gregor.broker.coordination.ConsumerProtocol;
import io.gregor.broker.coordination.CoordinatorShards;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.coordinator.group.consumer.ConsumerGroupHeartbeat;
import io.gregor.coordinator.group.shard.GroupShard;
import io.gregor.coordinator.runtime.Client;
import io.gregor.wire.ApiError;
import io.gregor.wire.message.ConsumerGroupHeartbeatRequest;
import io.gregor.wire.message.ConsumerGroupHeartbeatResponse;
import io.gregor.wire.message.ErrorCode;
import java.util.List;
import java.util.Objects;

/**
 * Keeps a client in its group; see {@link ConsumerGroupHeartbeat}. UNSUPPORTED_VERSION where there are none. Who names
 * a topic that it may not describe gets TOPIC_AUTHORIZATION_FAILED; a regular expression matches none of them.
 */
public record ConsumerGroupHeartbeatHandler(ConsumerProtocol protocol, CoordinatorShards<GroupShard> groups)
        implements ApiHandler<ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse> {
    @Override
    public void handle(
            RequestContext context,
            ConsumerGroupHeartbeatRequest request,
            Reply<ConsumerGroupHeartbeatResponse> reply) {
        if (!protocol.isOn()) {
            reply.send(ConsumerGroupHeartbeat.failed(new ApiError(ErrorCode.UNSUPPORTED_VERSION, null)));
            return;
        }
        List<String> topics = Objects.requireNonNullElse(request.subscribedTopicNames(), List.of());
        if (topics.stream()
                        .filter(context.allowing(AclOperation.DESCRIBE, ResourceType.TOPIC))
                        .count()
                < topics.size()) {
            reply.send(ConsumerGroupHeartbeat.failed(new ApiError(ErrorCode.TOPIC_AUTHORIZATION_FAILED, null)));
            return;
        }
        Client client = new Client(
                context.clientId(),
                context.clientHost(),
                context.version(),
                topic -> context.wouldAllow(AclOperation.DESCRIBE, ResourceType.TOPIC, topic));
        groups.ask(
                request.groupId(),
                (shard, answer) -> shard.consumerGroupHeartbeat().handle(client, request, answer),
                error -> ConsumerGroupHeartbeat.failed(ApiError.of(error)),
                reply::send);
    }
}

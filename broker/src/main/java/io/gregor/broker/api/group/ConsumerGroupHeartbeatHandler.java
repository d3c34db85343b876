package io.gregor.broker.api.group;

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

/** Keeps a client in its group; see {@link ConsumerGroupHeartbeat}. UNSUPPORTED_VERSION where there are none. */
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
        Client client = new Client(context.clientId(), context.clientHost(), context.version());
        groups.ask(
                request.groupId(),
                (shard, answer) -> shard.consumerGroupHeartbeat().handle(client, request, answer),
                error -> ConsumerGroupHeartbeat.failed(ApiError.of(error)),
                reply::send);
    }
}

package io.gregor.broker.api;

import io.gregor.broker.config.BrokerConfig;
import io.gregor.broker.coordinator.CoordinatorShards;
import io.gregor.broker.metadata.ClusterMetadata;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.controller.SupportedFeature;
import io.gregor.coordinator.Client;
import io.gregor.coordinator.ConsumerGroupHeartbeat;
import io.gregor.coordinator.GroupShard;
import io.gregor.wire.message.ConsumerGroupHeartbeatRequest;
import io.gregor.wire.message.ConsumerGroupHeartbeatResponse;
import io.gregor.wire.message.ErrorCode;
import java.util.List;

/**
 * Keeps a client in its group; see {@link ConsumerGroupHeartbeat}. UNSUPPORTED_VERSION unless {@code group.version} is
 * at least 1 and {@code group.coordinator.rebalance.protocols} names the protocol.
 */
public record ConsumerGroupHeartbeatHandler(
        BrokerConfig config, ClusterMetadata metadata, CoordinatorShards<GroupShard> groups)
        implements ApiHandler<ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse> {
    @Override
    public void handle(
            RequestContext context,
            ConsumerGroupHeartbeatRequest request,
            Reply<ConsumerGroupHeartbeatResponse> reply) {
        if (!isOn()) {
            ErrorCode error = ErrorCode.UNSUPPORTED_VERSION;
            reply.send(ConsumerGroupHeartbeat.failed(error, error.message()));
            return;
        }
        Client client = new Client(context.clientId(), context.clientHost(), context.version());
        groups.onShardOf(
                request.groupId(),
                shard -> new ConsumerGroupHeartbeat(shard).handle(client, request, reply::send),
                error -> reply.send(ConsumerGroupHeartbeat.failed(error, error.message())));
    }

    private boolean isOn() {
        List<String> protocols =
                List.of(config.string("group.coordinator.rebalance.protocols").split("\\s*,\\s*", -1));
        short level = metadata.image().features().getOrDefault(SupportedFeature.GROUP_VERSION, (short) 0);
        return level > 0 && protocols.contains("consumer");
    }
}

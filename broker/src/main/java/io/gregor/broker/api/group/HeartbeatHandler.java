package io.gregor.broker.api.group;

import io.gregor.broker.coordination.CoordinatorShards;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.coordinator.group.classic.Heartbeat;
import io.gregor.coordinator.group.shard.GroupShard;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.HeartbeatRequest;
import io.gregor.wire.message.HeartbeatResponse;

/** Notes that a member lives; see {@link Heartbeat}. While the group is being loaded all is well, as in Kafka. */
public record HeartbeatHandler(CoordinatorShards<GroupShard> groups)
        implements ApiHandler<HeartbeatRequest, HeartbeatResponse> {
    @Override
    public void handle(RequestContext context, HeartbeatRequest request, Reply<HeartbeatResponse> reply) {
        groups.ask(
                request.groupId(),
                (shard, answer) -> answer.accept(shard.classicRequests().heartbeat(request)),
                HeartbeatHandler::refused,
                reply::send);
    }

    private static HeartbeatResponse refused(ErrorCode error) {
        boolean loading = error == ErrorCode.COORDINATOR_LOAD_IN_PROGRESS;
        return new HeartbeatResponse().errorCode(loading ? ErrorCode.NONE.code() : error.code());
    }
}

package io.gregor.broker.api.group;

import io.gregor.broker.coordination.CoordinatorShards;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.coordinator.group.classic.LeaveGroup;
import io.gregor.coordinator.group.shard.GroupShard;
import io.gregor.wire.message.LeaveGroupRequest;
import io.gregor.wire.message.LeaveGroupResponse;

/** Takes members out of their group; see {@link LeaveGroup}. */
public record LeaveGroupHandler(CoordinatorShards<GroupShard> groups)
        implements ApiHandler<LeaveGroupRequest, LeaveGroupResponse> {
    @Override
    public void handle(RequestContext context, LeaveGroupRequest request, Reply<LeaveGroupResponse> reply) {
        groups.ask(
                request.groupId(),
                (shard, answer) -> shard.classicRequests().leave(request, context.version(), answer),
                error -> new LeaveGroupResponse().errorCode(error.code()),
                reply::send);
    }
}

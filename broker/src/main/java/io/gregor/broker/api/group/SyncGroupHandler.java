package io.gregor.broker.api.group;

import io.gregor.broker.access.AclOperation;
import io.gregor.broker.access.ResourceType;
import io.gregor.broker.coordination.CoordinatorShards;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.coordinator.group.classic.SyncGroup;
import io.gregor.coordinator.group.shard.GroupShard;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.SyncGroupRequest;
import io.gregor.wire.message.SyncGroupResponse;

/**
 * Gives a member its assignment; see {@link SyncGroup}. A request that says nothing of its protocol is refused for that
 * before it is asked whether the client may read the group.
 */
public record SyncGroupHandler(CoordinatorShards<GroupShard> groups)
        implements ApiHandler<SyncGroupRequest, SyncGroupResponse> {
    private static final int FIRST_VERSION_WITH_PROTOCOL = 5;

    @Override
    public void handle(RequestContext context, SyncGroupRequest request, Reply<SyncGroupResponse> reply) {
        boolean incomplete = context.version() >= FIRST_VERSION_WITH_PROTOCOL
                && (request.protocolType() == null || request.protocolName() == null);
        if (incomplete) {
            reply.send(new SyncGroupResponse().errorCode(ErrorCode.INCONSISTENT_GROUP_PROTOCOL.code()));
            return;
        }
        if (!context.allows(AclOperation.READ, ResourceType.GROUP, request.groupId())) {
            reply.send(new SyncGroupResponse().errorCode(ErrorCode.GROUP_AUTHORIZATION_FAILED.code()));
            return;
        }
        groups.ask(
                request.groupId(),
                (shard, answer) -> shard.classicRequests().sync(request, answer),
                error -> new SyncGroupResponse().errorCode(error.code()),
                reply::send);
    }
}

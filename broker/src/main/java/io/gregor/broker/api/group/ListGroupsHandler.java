package io.gregor.broker.api.group;

import io.gregor.broker.coordination.CoordinatorShards;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.coordinator.group.shard.GroupShard;
import io.gregor.coordinator.group.shard.ListGroups;
import io.gregor.wire.message.ListGroupsRequest;
import io.gregor.wire.message.ListGroupsResponse;

/** All groups of this broker; see {@link ListGroups}. */
public record ListGroupsHandler(CoordinatorShards<GroupShard> groups)
        implements ApiHandler<ListGroupsRequest, ListGroupsResponse> {
    @Override
    public void handle(RequestContext context, ListGroupsRequest request, Reply<ListGroupsResponse> reply) {
        groups.askAll(
                shard -> shard.listGroups().handle(request),
                listed -> reply.send(new ListGroupsResponse().groups(listed)),
                error -> reply.send(new ListGroupsResponse().errorCode(error.code())));
    }
}

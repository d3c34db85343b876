package io.gregor.broker.api.group;

import io.gregor.broker.access.AclOperation;
import io.gregor.broker.access.ResourceType;
import io.gregor.broker.coordination.CoordinatorShards;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.coordinator.group.shard.GroupShard;
import io.gregor.coordinator.group.shard.ListGroups;
import io.gregor.wire.message.ListGroupsRequest;
import io.gregor.wire.message.ListGroupsResponse;
import io.gregor.wire.message.ListGroupsResponse.ListedGroup;
import java.util.List;

/** All groups of this broker that the client may see; see {@link ListGroups}. */
public record ListGroupsHandler(CoordinatorShards<GroupShard> groups)
        implements ApiHandler<ListGroupsRequest, ListGroupsResponse> {
    @Override
    public void handle(RequestContext context, ListGroupsRequest request, Reply<ListGroupsResponse> reply) {
        groups.askAll(
                shard -> shard.listGroups().handle(request),
                listed -> reply.send(new ListGroupsResponse().groups(allowed(context, listed))),
                error -> reply.send(new ListGroupsResponse().errorCode(error.code())));
    }

    /** Who may describe the cluster sees all of them. */
    static List<ListedGroup> allowed(RequestContext context, List<ListedGroup> all) {
        if (context.allows(AclOperation.DESCRIBE, ResourceType.CLUSTER, ResourceType.CLUSTER_NAME)) {
            return all;
        }
        return all.stream()
                .filter(group -> context.allows(AclOperation.DESCRIBE, ResourceType.GROUP, group.groupId()))
                .toList();
    }
}

package io.gregor.broker.api.group;

import io.gregor.broker.access.AclOperation;
import io.gregor.broker.access.ResourceType;
import io.gregor.broker.coordination.CoordinatorShards;
import io.gregor.broker.lane.OneByOne;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.coordinator.group.classic.DescribeGroup;
import io.gregor.coordinator.group.shard.GroupShard;
import io.gregor.wire.message.DescribeGroupsRequest;
import io.gregor.wire.message.DescribeGroupsResponse;
import io.gregor.wire.message.DescribeGroupsResponse.DescribedGroup;
import io.gregor.wire.message.ErrorCode;
import java.util.ArrayList;
import java.util.List;

/** What classic groups look like; see {@link DescribeGroup}. Version 3: authorized operations, if asked for. */
public record DescribeGroupsHandler(CoordinatorShards<GroupShard> groups)
        implements ApiHandler<DescribeGroupsRequest, DescribeGroupsResponse> {
    @Override
    public void handle(RequestContext context, DescribeGroupsRequest request, Reply<DescribeGroupsResponse> reply) {
        List<DescribedGroup> results = new ArrayList<>();
        OneByOne.each(
                request.groups(),
                (groupId, next) -> describe(context, request, groupId, results, next),
                () -> reply.send(new DescribeGroupsResponse().groups(results)));
    }

    private void describe(
            RequestContext context,
            DescribeGroupsRequest request,
            String groupId,
            List<DescribedGroup> results,
            Runnable next) {
        if (!context.allows(AclOperation.DESCRIBE, ResourceType.GROUP, groupId)) {
            results.add(refused(groupId, ErrorCode.GROUP_AUTHORIZATION_FAILED));
            next.run();
            return;
        }
        groups.<DescribedGroup>ask(
                groupId,
                (shard, described) -> described.accept(shard.describeGroup().handle(groupId, context.version())),
                error -> refused(groupId, error),
                group -> {
                    boolean asked = request.includeAuthorizedOperations() && group.errorCode() == ErrorCode.NONE.code();
                    results.add(asked ? describedTo(context, group) : group);
                    next.run();
                });
    }

    private static DescribedGroup refused(String groupId, ErrorCode error) {
        return new DescribedGroup().groupId(groupId).errorCode(error.code());
    }

    private static DescribedGroup describedTo(RequestContext context, DescribedGroup group) {
        return group.authorizedOperations(context.allowedOperations(ResourceType.GROUP, group.groupId()));
    }
}

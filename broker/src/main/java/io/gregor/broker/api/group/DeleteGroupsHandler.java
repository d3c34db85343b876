package io.gregor.broker.api.group;

import io.gregor.broker.access.AclOperation;
import io.gregor.broker.access.ResourceType;
import io.gregor.broker.coordination.CoordinatorShards;
import io.gregor.broker.lane.Steps;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.coordinator.group.offset.DeleteGroup;
import io.gregor.coordinator.group.shard.GroupShard;
import io.gregor.wire.message.DeleteGroupsRequest;
import io.gregor.wire.message.DeleteGroupsResponse;
import io.gregor.wire.message.DeleteGroupsResponse.DeletableGroupResult;
import io.gregor.wire.message.ErrorCode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Deletes groups, each for itself; see {@link DeleteGroup}. A group that is named twice is deleted and answered once.
 */
public record DeleteGroupsHandler(CoordinatorShards<GroupShard> groups)
        implements ApiHandler<DeleteGroupsRequest, DeleteGroupsResponse> {
    @Override
    public void handle(RequestContext context, DeleteGroupsRequest request, Reply<DeleteGroupsResponse> reply) {
        Map<String, DeletableGroupResult> results = new LinkedHashMap<>();
        List<Consumer<Runnable>> steps = new ArrayList<>();
        for (String groupId : request.groupsNames()) {
            DeletableGroupResult result = new DeletableGroupResult().groupId(groupId);
            if (!context.allows(AclOperation.DELETE, ResourceType.GROUP, groupId)) {
                results.put(groupId, result.errorCode(ErrorCode.GROUP_AUTHORIZATION_FAILED.code()));
            } else if (results.putIfAbsent(groupId, result) == null) {
                steps.add(ended -> {
                    Consumer<ErrorCode> done = error -> {
                        result.errorCode(error.code());
                        ended.run();
                    };
                    groups.ask(
                            groupId, (shard, told) -> shard.deleteGroup().handle(groupId, told), error -> error, done);
                });
            }
        }
        Steps.run(
                steps,
                context.loop(),
                () -> reply.send(new DeleteGroupsResponse().results(List.copyOf(results.values()))),
                reply::fail);
    }
}

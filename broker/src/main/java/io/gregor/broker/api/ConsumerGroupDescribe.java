package io.gregor.broker.api;

import io.gregor.broker.coordinator.CoordinatorShards;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.coordinator.DescribeConsumerGroup;
import io.gregor.coordinator.GroupShard;
import io.gregor.wire.message.ConsumerGroupDescribeRequest;
import io.gregor.wire.message.ConsumerGroupDescribeResponse;
import io.gregor.wire.message.ConsumerGroupDescribeResponse.DescribedGroup;
import io.gregor.wire.message.ErrorCode;
import java.util.ArrayList;
import java.util.List;

/**
 * What consumer groups look like; see {@link DescribeConsumerGroup}. UNSUPPORTED_VERSION where there are none; a group
 * without a name: INVALID_GROUP_ID.
 */
public record ConsumerGroupDescribe(ConsumerProtocol protocol, CoordinatorShards<GroupShard> groups)
        implements ApiHandler<ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse> {
    @Override
    public void handle(
            RequestContext context, ConsumerGroupDescribeRequest request, Reply<ConsumerGroupDescribeResponse> reply) {
        if (protocol.isOn()) {
            describe(request, 0, new ArrayList<>(), reply);
            return;
        }
        reply.send(new ConsumerGroupDescribeResponse()
                .groups(request.groupIds().stream()
                        .map(groupId -> refused(groupId, ErrorCode.UNSUPPORTED_VERSION))
                        .toList()));
    }

    private void describe(
            ConsumerGroupDescribeRequest request,
            int index,
            List<DescribedGroup> results,
            Reply<ConsumerGroupDescribeResponse> reply) {
        if (index == request.groupIds().size()) {
            reply.send(new ConsumerGroupDescribeResponse().groups(results));
            return;
        }
        String groupId = request.groupIds().get(index);
        if (groupId.isEmpty()) {
            results.add(refused(groupId, ErrorCode.INVALID_GROUP_ID));
            describe(request, index + 1, results, reply);
            return;
        }
        groups.onShardOf(
                groupId,
                shard -> {
                    DescribedGroup group = new DescribeConsumerGroup(shard).handle(groupId);
                    boolean asked = request.includeAuthorizedOperations() && group.errorCode() == ErrorCode.NONE.code();
                    results.add(asked ? group.authorizedOperations(ClusterInfo.GROUP_OPERATIONS) : group);
                    describe(request, index + 1, results, reply);
                },
                error -> {
                    results.add(refused(groupId, error));
                    describe(request, index + 1, results, reply);
                });
    }

    private static DescribedGroup refused(String groupId, ErrorCode error) {
        return new DescribedGroup().groupId(groupId).errorCode(error.code());
    }
}

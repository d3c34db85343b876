package io.gregor.broker.api.group;

import io.gregor.broker.access.AclOperation;
import io.gregor.broker.access.ResourceType;
import io.gregor.broker.coordination.ConsumerProtocol;
import io.gregor.broker.coordination.CoordinatorShards;
import io.gregor.broker.lane.OneByOne;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.coordinator.group.consumer.DescribeConsumerGroup;
import io.gregor.coordinator.group.shard.GroupShard;
import io.gregor.wire.message.ConsumerGroupDescribeRequest;
import io.gregor.wire.message.ConsumerGroupDescribeResponse;
import io.gregor.wire.message.ConsumerGroupDescribeResponse.DescribedGroup;
import io.gregor.wire.message.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * What consumer groups look like; see {@link DescribeConsumerGroup}. UNSUPPORTED_VERSION where there are none; a group
 * without a name: INVALID_GROUP_ID. A group that has topics assigned which the client may not describe:
 * TOPIC_AUTHORIZATION_FAILED.
 */
public record ConsumerGroupDescribeHandler(ConsumerProtocol protocol, CoordinatorShards<GroupShard> groups)
        implements ApiHandler<ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse> {
    @Override
    public void handle(
            RequestContext context, ConsumerGroupDescribeRequest request, Reply<ConsumerGroupDescribeResponse> reply) {
        if (protocol.isOn()) {
            List<DescribedGroup> results = new ArrayList<>();
            OneByOne.each(
                    request.groupIds(),
                    (groupId, next) -> describe(context, request, groupId, results, next),
                    () -> reply.send(new ConsumerGroupDescribeResponse().groups(results)));
            return;
        }
        reply.send(new ConsumerGroupDescribeResponse()
                .groups(request.groupIds().stream()
                        .map(groupId -> refused(groupId, ErrorCode.UNSUPPORTED_VERSION))
                        .toList()));
    }

    private void describe(
            RequestContext context,
            ConsumerGroupDescribeRequest request,
            String groupId,
            List<DescribedGroup> results,
            Runnable next) {
        boolean allowed = context.allows(AclOperation.DESCRIBE, ResourceType.GROUP, groupId);
        if (!allowed || groupId.isEmpty()) {
            results.add(refused(groupId, allowed ? ErrorCode.INVALID_GROUP_ID : ErrorCode.GROUP_AUTHORIZATION_FAILED));
            next.run();
            return;
        }
        groups.<DescribedGroup>ask(
                groupId,
                (shard, described) ->
                        described.accept(shard.describeConsumerGroup().handle(groupId)),
                error -> refused(groupId, error),
                group -> {
                    results.add(describedTo(context, request, group));
                    next.run();
                });
    }

    /** Nothing of a group with a topic that the client may not describe. */
    private static DescribedGroup describedTo(
            RequestContext context, ConsumerGroupDescribeRequest request, DescribedGroup group) {
        Predicate<String> allowed = context.allowing(AclOperation.DESCRIBE, ResourceType.TOPIC);
        boolean visible = group.members().stream()
                .flatMap(member -> Stream.of(member.assignment(), member.targetAssignment()))
                .flatMap(assignment -> assignment.topicPartitions().stream())
                .allMatch(topic -> allowed.test(topic.topicName()));
        if (!visible) {
            return refused(group.groupId(), ErrorCode.TOPIC_AUTHORIZATION_FAILED)
                    .errorMessage("The described group uses topics that the client is not authorized to describe.");
        }
        boolean asked = request.includeAuthorizedOperations() && group.errorCode() == ErrorCode.NONE.code();
        return asked
                ? group.authorizedOperations(context.allowedOperations(ResourceType.GROUP, group.groupId()))
                : group;
    }

    private static DescribedGroup refused(String groupId, ErrorCode error) {
        return new DescribedGroup().groupId(groupId).errorCode(error.code());
    }
}

package io.gregor.coordinator.group.consumer;

import io.gregor.coordinator.group.GroupTopics.Topic;
import io.gregor.coordinator.group.consumer.assignor.Assignor;
import io.gregor.coordinator.runtime.ApiException;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.ConsumerGroupDescribeResponse.Assignment;
import io.gregor.wire.message.ConsumerGroupDescribeResponse.DescribedGroup;
import io.gregor.wire.message.ConsumerGroupDescribeResponse.Member;
import io.gregor.wire.message.ConsumerGroupDescribeResponse.TopicPartitions;
import io.gregor.wire.message.ErrorCode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a consumer group looks like, or GROUP_ID_NOT_FOUND. Version 1 tells members of both protocols apart. */
public final class DescribeConsumerGroup {
    private static final byte CLASSIC = 0;
    private static final byte CONSUMER = 1;

    private final ConsumerGroups groups;

    public DescribeConsumerGroup(ConsumerGroups groups) {
        this.groups = groups;
    }

    public DescribedGroup handle(String groupId) {
        ConsumerGroup group;
        try {
            group = groups.require(groupId);
        } catch (ApiException e) {
            return new DescribedGroup()
                    .groupId(groupId)
                    .errorCode(ErrorCode.GROUP_ID_NOT_FOUND.code())
                    .errorMessage(e.error().message());
        }
        Collection<ConsumerMember> members = group.members().values();
        List<Assignor> assignors = groups.config().assignors();
        return new DescribedGroup()
                .groupId(groupId)
                .groupState(group.shownState())
                .groupEpoch(group.epoch())
                .assignmentEpoch(group.assignmentEpoch())
                .assignorName(
                        ConsumerGroup.preferredAssignor(members, assignors).name())
                .members(
                        members.stream().map(member -> described(group, member)).toList());
    }

    private Member described(ConsumerGroup group, ConsumerMember member) {
        ConsumerMember.MemberMetadata profile = member.profile();
        Map<Uuid, Set<Integer>> current = new HashMap<>();
        member.standing().assigned().forEach((topic, epochs) -> current.put(topic, new HashSet<>(epochs.keySet())));
        member.standing()
                .revoking()
                .forEach((topic, epochs) ->
                        current.computeIfAbsent(topic, id -> new HashSet<>()).addAll(epochs.keySet()));
        return new Member()
                .memberId(member.id())
                .memberEpoch(member.epoch())
                .instanceId(profile.instanceId())
                .rackId(profile.rackId())
                .clientId(profile.clientId())
                .clientHost(profile.clientHost())
                .subscribedTopicNames(profile.topics().stream().sorted().toList())
                .subscribedTopicRegex(profile.regex())
                .assignment(assignment(current))
                .targetAssignment(assignment(group.target(member.id())))
                .memberType(member.isClassic() ? CLASSIC : CONSUMER);
    }

    private Assignment assignment(Map<Uuid, Set<Integer>> partitions) {
        List<TopicPartitions> topics = new ArrayList<>();
        partitions.forEach((id, indexes) -> {
            Topic topic = groups.store().topics().find(id);
            if (topic != null) {
                topics.add(new TopicPartitions()
                        .topicId(id)
                        .topicName(topic.name())
                        .partitions(List.copyOf(indexes)));
            }
        });
        return new Assignment().topicPartitions(topics);
    }
}

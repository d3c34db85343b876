package io.gregor.coordinator.group.consumer;

import io.gregor.coordinator.group.consumer.ConsumerMember.CurrentAssignment;
import io.gregor.coordinator.group.consumer.ConsumerMember.MemberMetadata;
import io.gregor.coordinator.runtime.CoordinatorRecord;
import io.gregor.wire.Message;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.ConsumerGroupCurrentMemberAssignmentKey;
import io.gregor.wire.message.ConsumerGroupCurrentMemberAssignmentValue;
import io.gregor.wire.message.ConsumerGroupCurrentMemberAssignmentValue.TopicPartitions;
import io.gregor.wire.message.ConsumerGroupMemberMetadataKey;
import io.gregor.wire.message.ConsumerGroupMemberMetadataValue;
import io.gregor.wire.message.ConsumerGroupMetadataKey;
import io.gregor.wire.message.ConsumerGroupMetadataValue;
import io.gregor.wire.message.ConsumerGroupPartitionMetadataKey;
import io.gregor.wire.message.ConsumerGroupRegularExpressionKey;
import io.gregor.wire.message.ConsumerGroupRegularExpressionValue;
import io.gregor.wire.message.ConsumerGroupTargetAssignmentMemberKey;
import io.gregor.wire.message.ConsumerGroupTargetAssignmentMemberValue;
import io.gregor.wire.message.ConsumerGroupTargetAssignmentMemberValue.TopicPartition;
import io.gregor.wire.message.ConsumerGroupTargetAssignmentMetadataKey;
import io.gregor.wire.message.ConsumerGroupTargetAssignmentMetadataValue;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The records of consumer groups in {@code __consumer_offsets}, and what they say. */
public final class ConsumerGroupRecords {
    private ConsumerGroupRecords() {}

    private static CoordinatorRecord record(short type, Message key, @Nullable Message value) {
        return new CoordinatorRecord(type, key, (short) 0, value);
    }

    public static CoordinatorRecord epoch(String groupId, int epoch, long metadataHash) {
        return epoch(groupId, new ConsumerGroupMetadataValue().epoch(epoch).metadataHash(metadataHash));
    }

    static CoordinatorRecord noEpoch(String groupId) {
        return epoch(groupId, null);
    }

    private static CoordinatorRecord epoch(String groupId, @Nullable ConsumerGroupMetadataValue value) {
        return record(ConsumerGroupMetadataKey.API_KEY, new ConsumerGroupMetadataKey().groupId(groupId), value);
    }

    static CoordinatorRecord noSubscription(String groupId) {
        Message key = new ConsumerGroupPartitionMetadataKey().groupId(groupId);
        return record(ConsumerGroupPartitionMetadataKey.API_KEY, key, null);
    }

    public static CoordinatorRecord profile(String groupId, ConsumerMember member) {
        MemberMetadata profile = member.profile();
        return profile(
                groupId,
                member.id(),
                new ConsumerGroupMemberMetadataValue()
                        .instanceId(profile.instanceId())
                        .rackId(profile.rackId())
                        .clientId(profile.clientId())
                        .clientHost(profile.clientHost())
                        .subscribedTopicNames(profile.topics().stream().sorted().toList())
                        .subscribedTopicRegex(profile.regex())
                        .rebalanceTimeoutMs(profile.rebalanceTimeoutMs())
                        .serverAssignor(profile.assignor())
                        .classicMemberMetadata(profile.classic()));
    }

    static CoordinatorRecord noProfile(String groupId, String memberId) {
        return profile(groupId, memberId, null);
    }

    private static CoordinatorRecord profile(
            String groupId, String memberId, @Nullable ConsumerGroupMemberMetadataValue value) {
        Message key = new ConsumerGroupMemberMetadataKey().groupId(groupId).memberId(memberId);
        return record(ConsumerGroupMemberMetadataKey.API_KEY, key, value);
    }

    public static MemberMetadata profile(ConsumerGroupMemberMetadataValue value) {
        String regex = value.subscribedTopicRegex();
        return new MemberMetadata(
                value.instanceId(),
                value.rackId(),
                value.clientId(),
                value.clientHost(),
                Collections.unmodifiableSet(new HashSet<>(value.subscribedTopicNames())),
                regex == null ? "" : regex,
                value.rebalanceTimeoutMs(),
                value.serverAssignor(),
                value.classicMemberMetadata());
    }

    public static CoordinatorRecord target(String groupId, String memberId, Map<Uuid, Set<Integer>> partitions) {
        List<TopicPartition> topics = new ArrayList<>();
        partitions.forEach((topic, indexes) ->
                topics.add(new TopicPartition().topicId(topic).partitions(List.copyOf(indexes))));
        return target(groupId, memberId, new ConsumerGroupTargetAssignmentMemberValue().topicPartitions(topics));
    }

    static CoordinatorRecord noTarget(String groupId, String memberId) {
        return target(groupId, memberId, (ConsumerGroupTargetAssignmentMemberValue) null);
    }

    private static CoordinatorRecord target(
            String groupId, String memberId, @Nullable ConsumerGroupTargetAssignmentMemberValue value) {
        Message key =
                new ConsumerGroupTargetAssignmentMemberKey().groupId(groupId).memberId(memberId);
        return record(ConsumerGroupTargetAssignmentMemberKey.API_KEY, key, value);
    }

    static Map<Uuid, Set<Integer>> target(ConsumerGroupTargetAssignmentMemberValue value) {
        Map<Uuid, Set<Integer>> partitions = new HashMap<>();
        value.topicPartitions().forEach(topic -> partitions.put(topic.topicId(), new HashSet<>(topic.partitions())));
        return partitions;
    }

    public static CoordinatorRecord assignmentEpoch(String groupId, int epoch, long timestampMs) {
        ConsumerGroupTargetAssignmentMetadataValue value = new ConsumerGroupTargetAssignmentMetadataValue()
                .assignmentEpoch(epoch)
                .assignmentTimestamp(timestampMs);
        return assignmentEpoch(groupId, value);
    }

    static CoordinatorRecord noAssignmentEpoch(String groupId) {
        return assignmentEpoch(groupId, null);
    }

    private static CoordinatorRecord assignmentEpoch(
            String groupId, @Nullable ConsumerGroupTargetAssignmentMetadataValue value) {
        Message key = new ConsumerGroupTargetAssignmentMetadataKey().groupId(groupId);
        return record(ConsumerGroupTargetAssignmentMetadataKey.API_KEY, key, value);
    }

    public static CoordinatorRecord standing(String groupId, ConsumerMember member) {
        CurrentAssignment standing = member.standing();
        return standing(
                groupId,
                member.id(),
                new ConsumerGroupCurrentMemberAssignmentValue()
                        .memberEpoch(standing.epoch())
                        .previousMemberEpoch(standing.previousEpoch())
                        .state(standing.state().id())
                        .assignedPartitions(withEpochs(standing.assigned()))
                        .partitionsPendingRevocation(withEpochs(standing.revoking())));
    }

    private static List<TopicPartitions> withEpochs(Map<Uuid, Map<Integer, Integer>> partitions) {
        List<TopicPartitions> topics = new ArrayList<>();
        partitions.forEach((topic, epochs) -> topics.add(new TopicPartitions()
                .topicId(topic)
                .partitions(List.copyOf(epochs.keySet()))
                .assignmentEpochs(List.copyOf(epochs.values()))));
        return topics;
    }

    static CoordinatorRecord noStanding(String groupId, String memberId) {
        return standing(groupId, memberId, null);
    }

    private static CoordinatorRecord standing(
            String groupId, String memberId, @Nullable ConsumerGroupCurrentMemberAssignmentValue value) {
        Message key =
                new ConsumerGroupCurrentMemberAssignmentKey().groupId(groupId).memberId(memberId);
        return record(ConsumerGroupCurrentMemberAssignmentKey.API_KEY, key, value);
    }

    public static CurrentAssignment standing(ConsumerGroupCurrentMemberAssignmentValue value) {
        return new CurrentAssignment(
                value.memberEpoch(),
                value.previousMemberEpoch(),
                ConsumerMember.State.of(value.state()),
                withEpochs(value.assignedPartitions(), value.memberEpoch()),
                withEpochs(value.partitionsPendingRevocation(), value.memberEpoch()));
    }

    /** Earlier versions of Kafka did not store the epochs of partitions: then that of the member stands for them. */
    private static Map<Uuid, Map<Integer, Integer>> withEpochs(List<TopicPartitions> topics, int memberEpoch) {
        Map<Uuid, Map<Integer, Integer>> partitions = new HashMap<>();
        for (TopicPartitions topic : topics) {
            int count = topic.partitions().size();
            List<Integer> stored = topic.assignmentEpochs();
            if (stored == null || stored.size() != count) {
                stored = Collections.nCopies(count, Math.max(memberEpoch, 0));
            }
            Map<Integer, Integer> epochs = new HashMap<>();
            for (int i = 0; i < count; i++) {
                epochs.put(topic.partitions().get(i), stored.get(i));
            }
            partitions.put(topic.topicId(), epochs);
        }
        return partitions;
    }

    static CoordinatorRecord regex(String groupId, String regex, ResolvedRegex resolved) {
        ConsumerGroupRegularExpressionValue value = new ConsumerGroupRegularExpressionValue()
                .topics(resolved.topics().stream().sorted().toList())
                .version(resolved.version())
                .timestamp(resolved.resolvedMs());
        return regex(groupId, regex, value);
    }

    static ResolvedRegex regex(ConsumerGroupRegularExpressionValue value) {
        return new ResolvedRegex(
                Collections.unmodifiableSet(new HashSet<>(value.topics())), value.version(), value.timestamp());
    }

    static CoordinatorRecord noRegex(String groupId, String regex) {
        return regex(groupId, regex, (ConsumerGroupRegularExpressionValue) null);
    }

    private static CoordinatorRecord regex(
            String groupId, String regex, @Nullable ConsumerGroupRegularExpressionValue value) {
        Message key = new ConsumerGroupRegularExpressionKey().groupId(groupId).regularExpression(regex);
        return record(ConsumerGroupRegularExpressionKey.API_KEY, key, value);
    }
}

package io.gregor.coordinator.group.consumer;

import io.gregor.coordinator.group.Group;
import io.gregor.coordinator.group.GroupStore;
import io.gregor.coordinator.group.consumer.ConsumerMember.CurrentAssignment;
import io.gregor.coordinator.runtime.RecordType;
import io.gregor.wire.Message;
import io.gregor.wire.message.ConsumerGroupCurrentMemberAssignmentKey;
import io.gregor.wire.message.ConsumerGroupCurrentMemberAssignmentValue;
import io.gregor.wire.message.ConsumerGroupMemberMetadataKey;
import io.gregor.wire.message.ConsumerGroupMemberMetadataValue;
import io.gregor.wire.message.ConsumerGroupMetadataKey;
import io.gregor.wire.message.ConsumerGroupMetadataValue;
import io.gregor.wire.message.ConsumerGroupPartitionMetadataKey;
import io.gregor.wire.message.ConsumerGroupPartitionMetadataValue;
import io.gregor.wire.message.ConsumerGroupRegularExpressionKey;
import io.gregor.wire.message.ConsumerGroupRegularExpressionValue;
import io.gregor.wire.message.ConsumerGroupTargetAssignmentMemberKey;
import io.gregor.wire.message.ConsumerGroupTargetAssignmentMemberValue;
import io.gregor.wire.message.ConsumerGroupTargetAssignmentMetadataKey;
import io.gregor.wire.message.ConsumerGroupTargetAssignmentMetadataValue;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Applies the records of consumer groups to a shard's groups. A group begins with its first record; one of what is not
 * there any more, which a compacted log may hold, changes nothing.
 */
record ConsumerGroupReplay(GroupStore store) {
    private @Nullable ConsumerGroup group(String groupId, @Nullable Message value) {
        Group group = store.group(groupId);
        if (group instanceof ConsumerGroup consumers) {
            return consumers;
        }
        boolean free = group == null || group.isSimple();
        if (value == null || !free) {
            return null;
        }
        ConsumerGroup created = new ConsumerGroup(groupId);
        store.put(created);
        return created;
    }

    List<RecordType<?, ?>> records() {
        return List.of(
                RecordType.of(
                        ConsumerGroupMetadataKey.API_KEY,
                        ConsumerGroupMetadataKey::new,
                        ConsumerGroupMetadataValue::new,
                        ConsumerGroupMetadataValue.HIGHEST_VERSION,
                        (key, value) -> applyEpoch(key.groupId(), value)),
                RecordType.of(
                        ConsumerGroupMemberMetadataKey.API_KEY,
                        ConsumerGroupMemberMetadataKey::new,
                        ConsumerGroupMemberMetadataValue::new,
                        ConsumerGroupMemberMetadataValue.HIGHEST_VERSION,
                        this::applyProfile),
                RecordType.of(
                        ConsumerGroupCurrentMemberAssignmentKey.API_KEY,
                        ConsumerGroupCurrentMemberAssignmentKey::new,
                        ConsumerGroupCurrentMemberAssignmentValue::new,
                        ConsumerGroupCurrentMemberAssignmentValue.HIGHEST_VERSION,
                        this::applyStanding),
                RecordType.of(
                        ConsumerGroupTargetAssignmentMemberKey.API_KEY,
                        ConsumerGroupTargetAssignmentMemberKey::new,
                        ConsumerGroupTargetAssignmentMemberValue::new,
                        ConsumerGroupTargetAssignmentMemberValue.HIGHEST_VERSION,
                        this::applyTarget),
                RecordType.of(
                        ConsumerGroupTargetAssignmentMetadataKey.API_KEY,
                        ConsumerGroupTargetAssignmentMetadataKey::new,
                        ConsumerGroupTargetAssignmentMetadataValue::new,
                        ConsumerGroupTargetAssignmentMetadataValue.HIGHEST_VERSION,
                        (key, value) -> applyAssignmentEpoch(key.groupId(), value)),
                RecordType.of(
                        ConsumerGroupRegularExpressionKey.API_KEY,
                        ConsumerGroupRegularExpressionKey::new,
                        ConsumerGroupRegularExpressionValue::new,
                        ConsumerGroupRegularExpressionValue.HIGHEST_VERSION,
                        this::applyRegex),
                RecordType.of(
                        ConsumerGroupPartitionMetadataKey.API_KEY,
                        ConsumerGroupPartitionMetadataKey::new,
                        ConsumerGroupPartitionMetadataValue::new,
                        ConsumerGroupPartitionMetadataValue.HIGHEST_VERSION,
                        (key, value) -> applySubscription(key.groupId(), value)));
    }

    private void applySubscription(String groupId, @Nullable ConsumerGroupPartitionMetadataValue value) {
        ConsumerGroup group = group(groupId, value);
        if (group != null) {
            group.hasSubscriptionRecord(value != null);
        }
    }

    private void applyEpoch(String groupId, @Nullable ConsumerGroupMetadataValue value) {
        ConsumerGroup group = group(groupId, value);
        if (group == null) {
            return;
        }
        if (value == null) {
            store.remove(groupId);
        } else {
            group.epoch(value.epoch(), value.metadataHash());
        }
    }

    private void applyProfile(ConsumerGroupMemberMetadataKey key, @Nullable ConsumerGroupMemberMetadataValue value) {
        ConsumerGroup group = group(key.groupId(), value);
        if (group == null) {
            return;
        }
        if (value == null) {
            group.remove(key.memberId());
        } else {
            group.put(member(group, key.memberId()).with(ConsumerGroupRecords.profile(value)));
        }
    }

    private static ConsumerMember member(ConsumerGroup group, String memberId) {
        ConsumerMember known = group.member(memberId);
        return known == null ? ConsumerMember.create(memberId) : known;
    }

    private void applyStanding(
            ConsumerGroupCurrentMemberAssignmentKey key, @Nullable ConsumerGroupCurrentMemberAssignmentValue value) {
        ConsumerGroup group = group(key.groupId(), value);
        if (group == null) {
            return;
        }
        if (value != null) {
            group.put(member(group, key.memberId()).with(ConsumerGroupRecords.standing(value)));
        } else if (group.member(key.memberId()) != null) {
            group.put(member(group, key.memberId()).with(CurrentAssignment.NEW));
        }
    }

    private void applyTarget(
            ConsumerGroupTargetAssignmentMemberKey key, @Nullable ConsumerGroupTargetAssignmentMemberValue value) {
        ConsumerGroup group = group(key.groupId(), value);
        if (group == null) {
            return;
        }
        if (value == null) {
            group.removeTarget(key.memberId());
        } else {
            group.target(key.memberId(), ConsumerGroupRecords.target(value));
        }
    }

    private void applyAssignmentEpoch(String groupId, @Nullable ConsumerGroupTargetAssignmentMetadataValue value) {
        ConsumerGroup group = group(groupId, value);
        if (group == null) {
            return;
        }
        if (value == null) {
            group.forgetAssignmentEpoch();
        } else {
            group.assignmentEpoch(value.assignmentEpoch(), value.assignmentTimestamp());
        }
    }

    private void applyRegex(
            ConsumerGroupRegularExpressionKey key, @Nullable ConsumerGroupRegularExpressionValue value) {
        ConsumerGroup group = group(key.groupId(), value);
        if (group == null) {
            return;
        }
        if (value == null) {
            group.forgetRegex(key.regularExpression());
        } else {
            group.resolve(key.regularExpression(), ConsumerGroupRecords.regex(value));
        }
    }
}

package io.gregor.coordinator;

import io.gregor.coordinator.ConsumerMember.Standing;
import io.gregor.wire.Message;
import io.gregor.wire.message.ConsumerGroupCurrentMemberAssignmentKey;
import io.gregor.wire.message.ConsumerGroupCurrentMemberAssignmentValue;
import io.gregor.wire.message.ConsumerGroupMemberMetadataKey;
import io.gregor.wire.message.ConsumerGroupMemberMetadataValue;
import io.gregor.wire.message.ConsumerGroupMetadataKey;
import io.gregor.wire.message.ConsumerGroupMetadataValue;
import io.gregor.wire.message.ConsumerGroupPartitionMetadataKey;
import io.gregor.wire.message.ConsumerGroupRegularExpressionKey;
import io.gregor.wire.message.ConsumerGroupRegularExpressionValue;
import io.gregor.wire.message.ConsumerGroupTargetAssignmentMemberKey;
import io.gregor.wire.message.ConsumerGroupTargetAssignmentMemberValue;
import io.gregor.wire.message.ConsumerGroupTargetAssignmentMetadataKey;
import io.gregor.wire.message.ConsumerGroupTargetAssignmentMetadataValue;
import org.jspecify.annotations.Nullable;

/**
 * Applies the records of consumer groups to a shard's groups. A group begins with its first record; one of what is not
 * there any more, which a compacted log may hold, changes nothing.
 */
record ConsumerGroupReplay(Groups groups) {
    private @Nullable ConsumerGroup group(String groupId, @Nullable Message value) {
        Group group = groups.find(groupId);
        if (group instanceof ConsumerGroup consumers) {
            return consumers;
        }
        boolean free = group == null || group instanceof ClassicGroup classic && classic.isSimple();
        if (value == null || !free) {
            return null;
        }
        ConsumerGroup created = new ConsumerGroup(groupId);
        groups.put(created);
        return created;
    }

    /** Whether it was a record of a consumer group. */
    boolean apply(Message key, @Nullable Message value) {
        if (key instanceof ConsumerGroupMetadataKey epoch) {
            applyEpoch(epoch.groupId(), (ConsumerGroupMetadataValue) value);
        } else if (key instanceof ConsumerGroupMemberMetadataKey member) {
            applyProfile(member, (ConsumerGroupMemberMetadataValue) value);
        } else if (key instanceof ConsumerGroupCurrentMemberAssignmentKey member) {
            applyStanding(member, (ConsumerGroupCurrentMemberAssignmentValue) value);
        } else if (key instanceof ConsumerGroupTargetAssignmentMemberKey member) {
            applyTarget(member, (ConsumerGroupTargetAssignmentMemberValue) value);
        } else if (key instanceof ConsumerGroupTargetAssignmentMetadataKey epoch) {
            applyAssignmentEpoch(epoch.groupId(), (ConsumerGroupTargetAssignmentMetadataValue) value);
        } else if (key instanceof ConsumerGroupRegularExpressionKey regex) {
            applyRegex(regex, (ConsumerGroupRegularExpressionValue) value);
        } else if (key instanceof ConsumerGroupPartitionMetadataKey subscription) {
            ConsumerGroup group = group(subscription.groupId(), value);
            if (group != null) {
                group.hasSubscriptionRecord(value != null);
            }
        } else {
            return false;
        }
        return true;
    }

    private void applyEpoch(String groupId, @Nullable ConsumerGroupMetadataValue value) {
        ConsumerGroup group = group(groupId, value);
        if (group == null) {
            return;
        }
        if (value == null) {
            groups.remove(groupId);
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
            group.put(member(group, key.memberId()).with(Standing.NEW));
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

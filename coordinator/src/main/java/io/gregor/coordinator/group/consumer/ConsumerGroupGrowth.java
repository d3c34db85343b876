package io.gregor.coordinator.group.consumer;

import io.gregor.coordinator.group.Group;
import io.gregor.coordinator.group.consumer.ConsumerMember.CurrentAssignment;
import io.gregor.coordinator.group.consumer.ConsumerMember.MemberMetadata;
import io.gregor.coordinator.runtime.CoordinatorRecord;
import io.gregor.coordinator.runtime.Footprint;
import io.gregor.wire.Message;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.ConsumerGroupCurrentMemberAssignmentKey;
import io.gregor.wire.message.ConsumerGroupCurrentMemberAssignmentValue;
import io.gregor.wire.message.ConsumerGroupMemberMetadataKey;
import io.gregor.wire.message.ConsumerGroupMemberMetadataValue;
import io.gregor.wire.message.ConsumerGroupRegularExpressionKey;
import io.gregor.wire.message.ConsumerGroupRegularExpressionValue;
import io.gregor.wire.message.ConsumerGroupTargetAssignmentMemberKey;
import io.gregor.wire.message.ConsumerGroupTargetAssignmentMemberValue;
import io.gregor.wire.message.GroupMetadataKey;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How many bytes more a group takes once records are applied to it, fewer if negative. Immutable.
 *
 * @param before the group as it is, of whichever protocol; null if there is none
 */
record ConsumerGroupGrowth(@Nullable Group before) {
    /** Of the records of one group. */
    long of(List<CoordinatorRecord> records) {
        long growth = 0;
        for (CoordinatorRecord record : records) {
            growth += of(record.key(), record.value());
        }
        boolean isNew = !(before instanceof ConsumerGroup);
        return growth + (isNew && growth > 0 ? Footprint.OBJECT + 6L * Footprint.MAP : 0);
    }

    private @Nullable ConsumerMember member(String memberId) {
        return before instanceof ConsumerGroup group ? group.member(memberId) : null;
    }

    private long of(Message key, @Nullable Message value) {
        if (key instanceof ConsumerGroupMemberMetadataKey member) {
            return ofProfile(member.memberId(), (ConsumerGroupMemberMetadataValue) value);
        }
        if (key instanceof ConsumerGroupCurrentMemberAssignmentKey member) {
            return ofStanding(member.memberId(), (ConsumerGroupCurrentMemberAssignmentValue) value);
        }
        if (key instanceof ConsumerGroupTargetAssignmentMemberKey member) {
            return ofTarget(member.memberId(), (ConsumerGroupTargetAssignmentMemberValue) value);
        }
        if (key instanceof ConsumerGroupRegularExpressionKey regex) {
            return ofRegex(regex.regularExpression(), (ConsumerGroupRegularExpressionValue) value);
        }
        boolean replacesOther = key instanceof GroupMetadataKey && value == null;
        return replacesOther && before != null && !(before instanceof ConsumerGroup)
                ? -before.weight().bytes()
                : 0;
    }

    private long ofProfile(String memberId, @Nullable ConsumerGroupMemberMetadataValue value) {
        ConsumerMember known = member(memberId);
        long now = value == null ? 0 : bytes(memberId, ConsumerGroupRecords.profile(value));
        return now - (known == null ? 0 : bytes(memberId, known.profile()));
    }

    private static long bytes(String memberId, MemberMetadata profile) {
        return ConsumerMember.create(memberId).with(profile).bytes() - CurrentAssignment.NEW.bytes();
    }

    private long ofStanding(String memberId, @Nullable ConsumerGroupCurrentMemberAssignmentValue value) {
        ConsumerMember known = member(memberId);
        long now = value == null ? 0 : ConsumerGroupRecords.standing(value).bytes();
        return now - (known == null ? 0 : known.standing().bytes());
    }

    private long ofTarget(String memberId, @Nullable ConsumerGroupTargetAssignmentMemberValue value) {
        long now = value == null ? 0 : ConsumerGroup.targetBytes(memberId, ConsumerGroupRecords.target(value));
        boolean replaces = before instanceof ConsumerGroup group && group.hasTarget(memberId);
        return replaces ? now - ConsumerGroup.targetBytes(memberId, target(memberId)) : now;
    }

    private Map<Uuid, Set<Integer>> target(String memberId) {
        return before instanceof ConsumerGroup group ? group.target(memberId) : Map.of();
    }

    private long ofRegex(String regex, @Nullable ConsumerGroupRegularExpressionValue value) {
        ResolvedRegex known =
                before instanceof ConsumerGroup group ? group.resolvedRegexes().get(regex) : null;
        long now = value == null ? 0 : ConsumerGroupRecords.regex(value).bytes(regex);
        return now - (known == null ? 0 : known.bytes(regex));
    }
}

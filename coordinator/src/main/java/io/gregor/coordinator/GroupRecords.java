package io.gregor.coordinator;

import io.gregor.wire.ByteReader;
import io.gregor.wire.MalformedMessageException;
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
import io.gregor.wire.message.GroupMetadataKey;
import io.gregor.wire.message.GroupMetadataValue;
import io.gregor.wire.message.LegacyOffsetCommitKey;
import io.gregor.wire.message.OffsetCommitKey;
import io.gregor.wire.message.OffsetCommitValue;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The records of {@code __consumer_offsets}, in the versions that Kafka 4.3 writes; all older ones are read. */
final class GroupRecords {
    private static final short GROUP_VALUE = 3;
    private static final short OFFSET_VALUE = 4;
    private static final short OFFSET_VALUE_WITH_EXPIRY = 1;

    private GroupRecords() {}

    static CoordinatorRecord group(ClassicGroup group) {
        List<GroupMetadataValue.MemberMetadata> members =
                group.members().stream().map(member -> member(group, member)).toList();
        GroupMetadataValue value = new GroupMetadataValue()
                .protocolType(Objects.requireNonNullElse(group.protocolType(), ""))
                .generation(group.generation())
                .protocol(group.protocolName())
                .leader(group.leaderId())
                .currentStateTimestamp(group.stateSinceMs())
                .members(members);
        return new CoordinatorRecord(
                GroupMetadataKey.API_KEY, new GroupMetadataKey().group(group.id()), GROUP_VALUE, value);
    }

    /** A group that nobody has joined up to now. */
    static CoordinatorRecord newGroup(String groupId, long nowMs) {
        GroupMetadataValue value = new GroupMetadataValue()
                .protocolType("")
                .protocol(null)
                .leader(null)
                .currentStateTimestamp(nowMs);
        return new CoordinatorRecord(
                GroupMetadataKey.API_KEY, new GroupMetadataKey().group(groupId), GROUP_VALUE, value);
    }

    private static GroupMetadataValue.MemberMetadata member(ClassicGroup group, ClassicMember member) {
        return new GroupMetadataValue.MemberMetadata()
                .memberId(member.id())
                .groupInstanceId(member.instanceId())
                .clientId(member.clientId())
                .clientHost(member.clientHost())
                .rebalanceTimeout(member.rebalanceTimeoutMs())
                .sessionTimeout(member.sessionTimeoutMs())
                .subscription(member.metadata(group.protocolName()))
                .assignment(member.assignment());
    }

    static CoordinatorRecord offset(String groupId, TopicPartition partition, CommittedOffset committed) {
        OffsetCommitKey key =
                new OffsetCommitKey().group(groupId).topic(partition.topic()).partition(partition.partition());
        OffsetCommitValue value = new OffsetCommitValue()
                .offset(committed.offset())
                .leaderEpoch(committed.leaderEpoch())
                .metadata(committed.metadata())
                .commitTimestamp(committed.committedMs())
                .expireTimestamp(committed.expiresMs())
                .topicId(committed.topicId());
        short version = committed.expiresMs() >= 0 ? OFFSET_VALUE_WITH_EXPIRY : OFFSET_VALUE;
        return new CoordinatorRecord(OffsetCommitKey.API_KEY, key, version, value);
    }

    static CoordinatorRecord offsetTombstone(String groupId, TopicPartition partition) {
        OffsetCommitKey key =
                new OffsetCommitKey().group(groupId).topic(partition.topic()).partition(partition.partition());
        return CoordinatorRecord.tombstone(OffsetCommitKey.API_KEY, key);
    }

    static CoordinatorRecord groupTombstone(String groupId) {
        return CoordinatorRecord.tombstone(GroupMetadataKey.API_KEY, new GroupMetadataKey().group(groupId));
    }

    /** The key with its type, or null if the type is none of ours. */
    static @Nullable Message key(ByteBuffer bytes) {
        ByteReader in = new ByteReader(bytes.duplicate());
        Message key = switch (in.int16()) {
            case LegacyOffsetCommitKey.API_KEY -> new LegacyOffsetCommitKey();
            case OffsetCommitKey.API_KEY -> new OffsetCommitKey();
            case GroupMetadataKey.API_KEY -> new GroupMetadataKey();
            case ConsumerGroupMetadataKey.API_KEY -> new ConsumerGroupMetadataKey();
            case ConsumerGroupPartitionMetadataKey.API_KEY -> new ConsumerGroupPartitionMetadataKey();
            case ConsumerGroupMemberMetadataKey.API_KEY -> new ConsumerGroupMemberMetadataKey();
            case ConsumerGroupTargetAssignmentMetadataKey.API_KEY -> new ConsumerGroupTargetAssignmentMetadataKey();
            case ConsumerGroupTargetAssignmentMemberKey.API_KEY -> new ConsumerGroupTargetAssignmentMemberKey();
            case ConsumerGroupCurrentMemberAssignmentKey.API_KEY -> new ConsumerGroupCurrentMemberAssignmentKey();
            case ConsumerGroupRegularExpressionKey.API_KEY -> new ConsumerGroupRegularExpressionKey();
            default -> null;
        };
        if (key != null) {
            key.read(in, (short) 0);
        }
        return key;
    }

    /** The value that belongs to that key of a group, null for a tombstone. */
    static @Nullable Message value(Message key, @Nullable ByteBuffer bytes) {
        if (bytes == null) {
            return null;
        }
        if (key instanceof GroupMetadataKey) {
            return value(new GroupMetadataValue(), GroupMetadataValue.HIGHEST_VERSION, bytes);
        }
        if (key instanceof ConsumerGroupMetadataKey) {
            return value(new ConsumerGroupMetadataValue(), ConsumerGroupMetadataValue.HIGHEST_VERSION, bytes);
        }
        if (key instanceof ConsumerGroupPartitionMetadataKey) {
            return value(
                    new ConsumerGroupPartitionMetadataValue(),
                    ConsumerGroupPartitionMetadataValue.HIGHEST_VERSION,
                    bytes);
        }
        if (key instanceof ConsumerGroupMemberMetadataKey) {
            return value(
                    new ConsumerGroupMemberMetadataValue(), ConsumerGroupMemberMetadataValue.HIGHEST_VERSION, bytes);
        }
        if (key instanceof ConsumerGroupTargetAssignmentMetadataKey) {
            return value(
                    new ConsumerGroupTargetAssignmentMetadataValue(),
                    ConsumerGroupTargetAssignmentMetadataValue.HIGHEST_VERSION,
                    bytes);
        }
        if (key instanceof ConsumerGroupTargetAssignmentMemberKey) {
            return value(
                    new ConsumerGroupTargetAssignmentMemberValue(),
                    ConsumerGroupTargetAssignmentMemberValue.HIGHEST_VERSION,
                    bytes);
        }
        if (key instanceof ConsumerGroupCurrentMemberAssignmentKey) {
            return value(
                    new ConsumerGroupCurrentMemberAssignmentValue(),
                    ConsumerGroupCurrentMemberAssignmentValue.HIGHEST_VERSION,
                    bytes);
        }
        if (key instanceof ConsumerGroupRegularExpressionKey) {
            return value(
                    new ConsumerGroupRegularExpressionValue(),
                    ConsumerGroupRegularExpressionValue.HIGHEST_VERSION,
                    bytes);
        }
        throw new IllegalArgumentException("no key of a group: " + key);
    }

    /** Reads a value in the version that stands before it. */
    static <M extends Message> M value(M value, short highestVersion, ByteBuffer bytes) {
        ByteReader in = new ByteReader(bytes.duplicate());
        short version = in.int16();
        if (version < 0 || version > highestVersion) {
            throw new MalformedMessageException(value.getClass().getSimpleName() + " of version " + version);
        }
        value.read(in, version);
        return value;
    }
}

package io.gregor.coordinator.group.offset;

import io.gregor.coordinator.group.Committer;
import io.gregor.coordinator.group.Group;
import io.gregor.coordinator.runtime.TopicPartition;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.OffsetCommitRequest;
import io.gregor.wire.message.OffsetCommitRequest.OffsetCommitRequestPartition;
import io.gregor.wire.message.OffsetCommitRequest.OffsetCommitRequestTopic;
import io.gregor.wire.message.OffsetCommitResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * A member, or a consumer outside of group management, commits offsets. The caller has sorted out unknown topics.
 *
 * <p>Up to version 4 the request may carry a retention time; 6 brought the leader's epoch, 7 static members, 9 the
 * codes of the new protocol, 10 topic ids.
 *
 * <p>Error precedence: for all partitions UNKNOWN_MEMBER_ID or ILLEGAL_GENERATION, FENCED_INSTANCE_ID,
 * REBALANCE_IN_PROGRESS; for one OFFSET_METADATA_TOO_LARGE.
 */
public final class CommitOffsets {
    private static final int FIRST_VERSION_WITH_EPOCHS = 9;

    private final GroupOffsets offsets;

    public CommitOffsets(GroupOffsets offsets) {
        this.offsets = offsets;
    }

    public void handle(OffsetCommitRequest request, short version, Consumer<OffsetCommitResponse> reply) {
        Group group = offsets.store().group(request.groupId());
        ErrorCode refused = group == null ? checkNoGroup(request, version) : check(group, request, version);
        if (refused != ErrorCode.NONE) {
            reply.accept(response(request, refused, refused));
            return;
        }
        if (group != null) {
            offsets.store().protocolOf(group).committed(group, request.memberId());
        }
        List<OffsetChange> changes = new ArrayList<>();
        for (OffsetCommitRequestTopic topic : request.topics()) {
            for (OffsetCommitRequestPartition partition : topic.partitions()) {
                if (!isTooLarge(partition)) {
                    TopicPartition key = new TopicPartition(topic.name(), partition.partitionIndex());
                    changes.add(new OffsetChange(key, committed(request, topic, partition)));
                }
            }
        }
        if (changes.isEmpty()) {
            offsets.createSimpleGroup(request.groupId());
            reply.accept(response(request, ErrorCode.NONE, ErrorCode.OFFSET_METADATA_TOO_LARGE));
            return;
        }
        offsets.commit(
                request.groupId(),
                changes,
                null,
                stored -> reply.accept(response(request, stored, ErrorCode.OFFSET_METADATA_TOO_LARGE)));
    }

    /** Who commits outside of group management makes the group. */
    private static ErrorCode checkNoGroup(OffsetCommitRequest request, short version) {
        if (request.generationIdOrMemberEpoch() < 0) {
            return ErrorCode.NONE;
        }
        return version >= FIRST_VERSION_WITH_EPOCHS ? ErrorCode.GROUP_ID_NOT_FOUND : ErrorCode.ILLEGAL_GENERATION;
    }

    /** The first partition that may not be committed spoils all, as in Kafka. */
    private static ErrorCode check(Group group, OffsetCommitRequest request, short version) {
        Committer committer = new Committer(
                request.memberId(), request.groupInstanceId(), request.generationIdOrMemberEpoch(), false, version);
        ErrorCode refused = group.checkCommit(committer);
        Group.PartitionCheck check = group.partitionCheck(committer);
        if (refused != ErrorCode.NONE || check == null) {
            return refused;
        }
        for (OffsetCommitRequestTopic topic : request.topics()) {
            for (OffsetCommitRequestPartition partition : topic.partitions()) {
                ErrorCode error = check.check(topic.topicId(), partition.partitionIndex());
                if (error != ErrorCode.NONE) {
                    return error;
                }
            }
        }
        return ErrorCode.NONE;
    }

    private boolean isTooLarge(OffsetCommitRequestPartition partition) {
        String metadata = partition.committedMetadata();
        return metadata != null && metadata.length() > offsets.config().offsetMetadataBytesMax();
    }

    private CommittedOffset committed(
            OffsetCommitRequest request, OffsetCommitRequestTopic topic, OffsetCommitRequestPartition partition) {
        long now = offsets.store().nowMs();
        long retention = request.retentionTimeMs();
        return new CommittedOffset(
                partition.committedOffset(),
                partition.committedLeaderEpoch(),
                Objects.requireNonNullElse(partition.committedMetadata(), ""),
                now,
                retention < 0 ? -1 : now + retention,
                topic.topicId(),
                -1);
    }

    private OffsetCommitResponse response(OffsetCommitRequest request, ErrorCode forAll, ErrorCode forTooLarge) {
        List<OffsetCommitResponse.OffsetCommitResponseTopic> topics = new ArrayList<>();
        for (OffsetCommitRequestTopic topic : request.topics()) {
            List<OffsetCommitResponse.OffsetCommitResponsePartition> partitions = new ArrayList<>();
            for (OffsetCommitRequestPartition partition : topic.partitions()) {
                ErrorCode error = isTooLarge(partition) ? forTooLarge : forAll;
                partitions.add(new OffsetCommitResponse.OffsetCommitResponsePartition()
                        .partitionIndex(partition.partitionIndex())
                        .errorCode(error.code()));
            }
            topics.add(new OffsetCommitResponse.OffsetCommitResponseTopic()
                    .name(topic.name())
                    .topicId(topic.topicId())
                    .partitions(partitions));
        }
        return new OffsetCommitResponse().topics(topics);
    }
}

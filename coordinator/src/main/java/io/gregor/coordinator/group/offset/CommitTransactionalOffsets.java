package io.gregor.coordinator.group.offset;

import io.gregor.coordinator.group.Committer;
import io.gregor.coordinator.group.Group;
import io.gregor.coordinator.group.GroupTopics;
import io.gregor.coordinator.runtime.Journal;
import io.gregor.coordinator.runtime.TopicPartition;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.TxnOffsetCommitRequest;
import io.gregor.wire.message.TxnOffsetCommitRequest.TxnOffsetCommitRequestPartition;
import io.gregor.wire.message.TxnOffsetCommitRequest.TxnOffsetCommitRequestTopic;
import io.gregor.wire.message.TxnOffsetCommitResponse;
import io.gregor.wire.message.TxnOffsetCommitResponse.TxnOffsetCommitResponsePartition;
import io.gregor.wire.message.TxnOffsetCommitResponse.TxnOffsetCommitResponseTopic;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * A producer commits the offsets of a group within its transaction: they count once that is committed. The caller has
 * sorted out unknown topics and a group without a name, and made sure that the transaction holds the group's partition.
 *
 * <p>Version 3 brought the member and its generation (KIP-447): before that only the producer is checked.
 *
 * <p>Error precedence: for all partitions UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, ILLEGAL_GENERATION;
 * for one OFFSET_METADATA_TOO_LARGE.
 */
public final class CommitTransactionalOffsets {
    private final GroupOffsets offsets;

    public CommitTransactionalOffsets(GroupOffsets offsets) {
        this.offsets = offsets;
    }

    public void handle(TxnOffsetCommitRequest request, Consumer<TxnOffsetCommitResponse> reply) {
        ErrorCode refused = check(request);
        if (refused != ErrorCode.NONE) {
            reply.accept(response(request, refused, refused));
            return;
        }
        List<OffsetChange> changes = new ArrayList<>();
        for (TxnOffsetCommitRequestTopic topic : request.topics()) {
            for (TxnOffsetCommitRequestPartition partition : topic.partitions()) {
                if (!isTooLarge(partition)) {
                    TopicPartition key = new TopicPartition(topic.name(), partition.partitionIndex());
                    changes.add(new OffsetChange(key, committed(partition)));
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
                new Journal.Producer(request.producerId(), request.producerEpoch()),
                stored -> reply.accept(response(request, stored, ErrorCode.OFFSET_METADATA_TOO_LARGE)));
    }

    /** The first partition that may not be committed spoils all, as in Kafka. Clients know no epochs here. */
    private ErrorCode check(TxnOffsetCommitRequest request) {
        Group group = offsets.store().group(request.groupId());
        if (group == null) {
            return request.generationId() < 0 ? ErrorCode.NONE : ErrorCode.ILLEGAL_GENERATION;
        }
        Committer committer =
                new Committer(request.memberId(), request.groupInstanceId(), request.generationId(), true, (short) 0);
        ErrorCode refused = group.checkCommit(committer);
        Group.PartitionCheck check = group.partitionCheck(committer);
        return refused != ErrorCode.NONE || check == null ? refused : check(request, check);
    }

    private ErrorCode check(TxnOffsetCommitRequest request, Group.PartitionCheck check) {
        for (TxnOffsetCommitRequestTopic topic : request.topics()) {
            GroupTopics.Topic found = offsets.store().topics().find(topic.name());
            Uuid id = found == null ? Uuid.ZERO : found.id();
            for (TxnOffsetCommitRequestPartition partition : topic.partitions()) {
                ErrorCode error = check.check(id, partition.partitionIndex());
                if (error != ErrorCode.NONE) {
                    return error == ErrorCode.STALE_MEMBER_EPOCH ? ErrorCode.ILLEGAL_GENERATION : error;
                }
            }
        }
        return ErrorCode.NONE;
    }

    private boolean isTooLarge(TxnOffsetCommitRequestPartition partition) {
        String metadata = partition.committedMetadata();
        return metadata != null && metadata.length() > offsets.config().offsetMetadataBytesMax();
    }

    private CommittedOffset committed(TxnOffsetCommitRequestPartition partition) {
        return new CommittedOffset(
                partition.committedOffset(),
                partition.committedLeaderEpoch(),
                Objects.requireNonNullElse(partition.committedMetadata(), ""),
                offsets.store().nowMs(),
                -1,
                Uuid.ZERO,
                -1);
    }

    private TxnOffsetCommitResponse response(TxnOffsetCommitRequest request, ErrorCode forAll, ErrorCode forTooLarge) {
        return answer(request, partition -> isTooLarge(partition) ? forTooLarge : forAll);
    }

    private interface Verdict {
        ErrorCode of(TxnOffsetCommitRequestPartition partition);
    }

    /** The answer that gives every partition the same error. */
    public static TxnOffsetCommitResponse refused(TxnOffsetCommitRequest request, ErrorCode error) {
        return answer(request, partition -> error);
    }

    /** The answer that gives these partitions of a topic the same error. */
    public static TxnOffsetCommitResponseTopic refused(
            String topic, List<TxnOffsetCommitRequestPartition> partitions, ErrorCode error) {
        return answer(topic, partitions, partition -> error);
    }

    private static TxnOffsetCommitResponse answer(TxnOffsetCommitRequest request, Verdict verdict) {
        return new TxnOffsetCommitResponse()
                .topics(request.topics().stream()
                        .map(topic -> answer(topic.name(), topic.partitions(), verdict))
                        .toList());
    }

    private static TxnOffsetCommitResponseTopic answer(
            String topic, List<TxnOffsetCommitRequestPartition> partitions, Verdict verdict) {
        List<TxnOffsetCommitResponsePartition> answered = new ArrayList<>(partitions.size());
        for (TxnOffsetCommitRequestPartition partition : partitions) {
            answered.add(new TxnOffsetCommitResponsePartition()
                    .partitionIndex(partition.partitionIndex())
                    .errorCode(verdict.of(partition).code()));
        }
        return new TxnOffsetCommitResponseTopic().name(topic).partitions(answered);
    }
}

package io.gregor.coordinator.group.offset;

import io.gregor.coordinator.runtime.CoordinatorRecord;
import io.gregor.coordinator.runtime.TopicPartition;
import io.gregor.wire.message.OffsetCommitKey;
import io.gregor.wire.message.OffsetCommitValue;

/** The records of committed offsets in {@code __consumer_offsets}, in the versions that Kafka 4.3 writes. */
final class OffsetRecords {
    private static final short VERSION = 4;
    private static final short VERSION_WITH_EXPIRY = 1;

    private OffsetRecords() {}

    static CoordinatorRecord offset(String groupId, TopicPartition partition, CommittedOffset committed) {
        OffsetCommitValue value = new OffsetCommitValue()
                .offset(committed.offset())
                .leaderEpoch(committed.leaderEpoch())
                .metadata(committed.metadata())
                .commitTimestamp(committed.committedMs())
                .expireTimestamp(committed.expiresMs())
                .topicId(committed.topicId());
        short version = committed.expiresMs() >= 0 ? VERSION_WITH_EXPIRY : VERSION;
        return new CoordinatorRecord(OffsetCommitKey.API_KEY, key(groupId, partition), version, value);
    }

    static CoordinatorRecord tombstone(String groupId, TopicPartition partition) {
        return CoordinatorRecord.tombstone(OffsetCommitKey.API_KEY, key(groupId, partition));
    }

    private static OffsetCommitKey key(String groupId, TopicPartition partition) {
        return new OffsetCommitKey().group(groupId).topic(partition.topic()).partition(partition.partition());
    }

    /** @param recordOffset where the record lies */
    static CommittedOffset committed(OffsetCommitValue value, long recordOffset) {
        return new CommittedOffset(
                value.offset(),
                value.leaderEpoch(),
                value.metadata(),
                value.commitTimestamp(),
                value.expireTimestamp(),
                value.topicId(),
                recordOffset);
    }
}

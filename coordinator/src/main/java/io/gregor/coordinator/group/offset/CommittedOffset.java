package io.gregor.coordinator.group.offset;

import io.gregor.coordinator.runtime.Footprint;
import io.gregor.coordinator.runtime.TopicPartition;
import io.gregor.wire.Uuid;

/**
 * An offset that a group committed.
 *
 * @param leaderEpoch -1 if the committer did not say
 * @param topicId zero if the committer named the topic only
 * @param expiresMs when it expires whatever the group does, or -1
 * @param recordOffset where its record lies: of two commits the one that lies behind counts, whatever transaction it
 *     became valid with; -1 before it is stored
 */
public record CommittedOffset(
        long offset,
        int leaderEpoch,
        String metadata,
        long committedMs,
        long expiresMs,
        Uuid topicId,
        long recordOffset) {
    /** What it takes with its place in the group's offsets, in bytes. */
    long bytes(TopicPartition partition) {
        return Footprint.of(partition.topic()) + Footprint.of(metadata) + Footprint.ENTRY + 3 * Footprint.OBJECT;
    }

    CommittedOffset storedAt(long position) {
        return new CommittedOffset(offset, leaderEpoch, metadata, committedMs, expiresMs, topicId, position);
    }
}

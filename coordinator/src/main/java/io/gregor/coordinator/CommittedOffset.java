package io.gregor.coordinator;

import io.gregor.wire.Uuid;

/**
 * An offset that a group committed.
 *
 * @param leaderEpoch -1 if the committer did not say
 * @param topicId zero if the committer named the topic only
 * @param expiresMs when it expires whatever the group does, or -1
 */
record CommittedOffset(long offset, int leaderEpoch, String metadata, long committedMs, long expiresMs, Uuid topicId) {}

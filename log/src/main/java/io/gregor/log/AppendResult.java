package io.gregor.log;

import io.gregor.wire.message.ErrorCode;

/** What became of a batch that was to be appended. Immutable. */
public sealed interface AppendResult {
    /**
     * It lies in the log from that offset on.
     *
     * @param awaitsFlush whether it counts only once it is on the disk: see {@link PartitionLog#flushThen}
     */
    record Stored(long baseOffset, boolean awaitsFlush) implements AppendResult {}

    /** It was there before: a producer sent it again. Whether it is on the disk by now is as above. */
    record Duplicate(long baseOffset, long timestampMs, boolean awaitsFlush) implements AppendResult {}

    /** It may not follow what its producer wrote before. */
    record Refused(ErrorCode error) implements AppendResult {}
}

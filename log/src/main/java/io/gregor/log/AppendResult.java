package io.gregor.log;

import io.gregor.wire.message.ErrorCode;

/** What became of a batch that was to be appended. Immutable. */
public sealed interface AppendResult {
    /** It lies in the log, from its base offset up to its end offset, which is the next record's. */
    record Stored(long baseOffset, long endOffset) implements AppendResult {}

    /** It was there before, at these offsets: a producer sent it again. */
    record Duplicate(long baseOffset, long endOffset, long timestampMs) implements AppendResult {}

    /** It may not follow what its producer wrote before. */
    record Refused(ErrorCode error) implements AppendResult {}
}

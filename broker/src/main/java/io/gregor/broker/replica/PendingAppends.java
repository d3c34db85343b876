package io.gregor.broker.replica;

import io.gregor.log.PartitionLog;
import io.gregor.wire.message.ErrorCode;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The appends of one partition that are placed but not completed, in the order of their offsets. Confined to the
 * partition's lane. A callback may append again: that is completed after those before it, and the stack does not grow.
 */
final class PendingAppends {
    private static final Logger LOG = LoggerFactory.getLogger(PendingAppends.class);
    private static final long NONE_FAILED = -1;

    private final Supplier<PartitionLog> log;
    private final Deque<Pending> queue = new ArrayDeque<>(1);
    /** Whether a callback is being called. */
    private boolean calling;

    /** Why nothing is completed any more, or null. */
    private @Nullable ErrorCode ended;

    /** @param log that of the partition, which changes when the partition moves */
    PendingAppends(Supplier<PartitionLog> log) {
        this.log = log;
    }

    /** An append that waits. */
    private static final class Pending {
        private final long endOffset;
        private final Durability required;
        private final AppendCallback callback;
        private boolean failed;

        Pending(long endOffset, Durability required, AppendCallback callback) {
            this.endOffset = endOffset;
            this.required = required;
            this.callback = callback;
        }
    }

    /** Whether some append waits for more than it has. */
    boolean isAnyWaiting() {
        return !calling && !queue.isEmpty();
    }

    /** Completes an append of which nothing is in the log. */
    void refuse(AppendCallback callback, ErrorCode error) {
        complete(callback, error);
    }

    /** Reports where the records of an append are, and completes it, now or once {@link #settle} finds it can be. */
    void place(long baseOffset, long endOffset, long appendTimeMs, Durability required, AppendCallback callback) {
        boolean nested = calling;
        calling = true;
        try {
            if (!nested && queue.isEmpty() && isMet(endOffset, required)) {
                boolean placed = report(callback, baseOffset, appendTimeMs);
                complete(callback, placed ? ErrorCode.NONE : ErrorCode.UNKNOWN_SERVER_ERROR);
            } else {
                Pending pending = new Pending(endOffset, required, callback);
                queue.add(pending);
                pending.failed = !report(callback, baseOffset, appendTimeMs);
            }
        } finally {
            calling = nested;
        }
        settle();
    }

    private boolean report(AppendCallback callback, long baseOffset, long appendTimeMs) {
        try {
            callback.placed(baseOffset, appendTimeMs);
            return true;
        } catch (RuntimeException | StackOverflowError e) {
            LOG.error("What was to follow an append to {} failed", log.get(), e);
            return false;
        }
    }

    private void complete(AppendCallback callback, ErrorCode error) {
        try {
            callback.completed(error);
        } catch (RuntimeException | StackOverflowError e) {
            LOG.error("What was to follow the completion of an append to {} failed", log.get(), e);
        }
    }

    private boolean isMet(long endOffset, Durability required) {
        PartitionLog now = log.get();
        return now.view().highWatermark() >= endOffset
                && (required == Durability.COMMITTED || now.flushedEnd() >= endOffset);
    }

    /** Completes those for which all holds that they wait for; to be called when something has changed. */
    void settle() {
        settle(NONE_FAILED);
    }

    /** A flush has failed: those that waited for it get an error. */
    void fail(long flushEnd) {
        settle(flushEnd);
    }

    /** The partition is gone: all get this error. */
    void end(ErrorCode error) {
        ended = error;
        settle();
    }

    private void settle(long failedEnd) {
        if (calling) {
            return;
        }
        calling = true;
        try {
            Pending next = queue.peek();
            ErrorCode outcome = next == null ? null : outcome(next, failedEnd);
            while (next != null && outcome != null) {
                queue.remove();
                complete(next.callback, outcome);
                next = queue.peek();
                outcome = next == null ? null : outcome(next, failedEnd);
            }
        } finally {
            // An error of the JVM, which a callback may end with, must not keep the next ones from theirs.
            calling = false;
        }
    }

    /** Null if it has to wait. */
    private @Nullable ErrorCode outcome(Pending next, long failedEnd) {
        if (ended != null) {
            return ended;
        }
        if (isMet(next.endOffset, next.required)) {
            return next.failed ? ErrorCode.UNKNOWN_SERVER_ERROR : ErrorCode.NONE;
        }
        return next.endOffset <= failedEnd ? ErrorCode.KAFKA_STORAGE_ERROR : null;
    }
}

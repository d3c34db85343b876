package io.gregor.log.compaction;

import io.gregor.log.LogConfig;
import io.gregor.log.LogView;
import io.gregor.log.segment.Segment;
import io.gregor.wire.record.RecordBatch;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What of a log could be compacted now.
 *
 * @param from the first offset that never was compacted
 * @param upTo the first one that cannot be yet: it lies in the last segment, in an open transaction, or is too young
 * @param ratio the share of bytes that never were compacted
 * @param overdue whether something has waited for the longest time that is allowed
 */
record CleanableRange(long from, long upTo, double ratio, boolean overdue) {

    /** Null if there is nothing to do. */
    static @Nullable CleanableRange of(LogView view, long cleanUpTo, LogConfig.Compaction rules, long nowMs)
            throws IOException {
        List<Segment> segments = view.segments();
        boolean lost = cleanUpTo > view.endOffset();
        long from = Math.max(view.startOffset(), lost ? 0 : cleanUpTo);
        long cleanBytes = 0;
        long dirtyBytes = 0;
        boolean overdue = false;
        long latestOverdue = nowMs - Math.max(rules.maxLagMs(), rules.minLagMs());
        long upTo = from;
        for (int i = 0; i + 1 < segments.size(); i++) {
            Segment segment = segments.get(i);
            long end = segments.get(i + 1).baseOffset();
            if (end <= from) {
                cleanBytes += segment.size();
                continue;
            }
            boolean young = rules.minLagMs() > 0 && segment.maxTimestampMs() > nowMs - rules.minLagMs();
            if (young || end > view.lastStableOffset()) {
                upTo = Math.max(from, Math.min(segment.baseOffset(), view.lastStableOffset()));
                break;
            }
            upTo = end;
            dirtyBytes += segment.size();
            overdue |= rules.maxLagMs() < Long.MAX_VALUE && isOverdue(segment, latestOverdue);
        }
        if (upTo <= from || dirtyBytes == 0) {
            return null;
        }
        return new CleanableRange(from, upTo, (double) dirtyBytes / (cleanBytes + dirtyBytes), overdue);
    }

    private static boolean isOverdue(Segment segment, long latestMs) throws IOException {
        RecordBatch first = segment.firstHeader();
        return first != null && first.maxTimestamp() > 0 && first.maxTimestamp() < latestMs;
    }

    boolean isEnough(LogConfig.Compaction rules) {
        return overdue || ratio > rules.minDirtyRatio();
    }
}

package io.gregor.broker.fetch;

import io.gregor.broker.fetch.FetchSession.Target;
import io.gregor.broker.replica.Partition;
import io.gregor.broker.replica.PartitionLookup;
import io.gregor.log.LogView;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/**
 * Decides as Apache Kafka does whether a fetch whose answer would be too small has to wait for more. What counts then
 * is not the answer, but what lies between the fetch offsets and the ends: batches that are too large for the limits
 * count as well, and nobody waits who reads a closed segment, or beyond the last stable offset. Confined to the
 * connection's loop.
 */
public final class ReadableBytes {
    private static final long UNKNOWN = -1;

    private final PartitionLookup lookup;
    private final List<Target> targets;
    private final boolean committed;
    /** The base offset of the segment that each target's reader was in when it began to wait. */
    private final long[] segments;

    public ReadableBytes(PartitionLookup lookup, List<Target> targets, byte isolationLevel) {
        this.lookup = lookup;
        this.targets = targets;
        committed = FetchPlan.isCommitted(isolationLevel);
        segments = new long[targets.size()];
        Arrays.fill(segments, UNKNOWN);
    }

    /** Whether it is of no use to wait for so many bytes: they are there, or will not be counted. */
    public boolean areAtLeast(int minBytes) {
        long bytes = 0;
        for (int i = 0; i < segments.length; i++) {
            long readable = readable(i);
            if (readable == Long.MAX_VALUE) {
                return true;
            }
            bytes += readable;
        }
        return bytes >= minBytes;
    }

    /** {@link Long#MAX_VALUE} if this partition alone is a reason to answer. */
    private long readable(int index) {
        Target target = targets.get(index);
        Partition partition = FetchPlan.find(lookup, target).partition();
        if (partition == null) {
            return Long.MAX_VALUE;
        }
        LogView view = partition.view();
        long offset = target.partition().fetchOffset();
        long end = FetchPlan.readableEnd(view, committed);
        try {
            if (segments[index] == UNKNOWN) {
                segments[index] = view.segmentAt(Math.min(offset, end));
            }
            if (offset > end || offset < end && segments[index] < view.segmentAt(end)) {
                return Long.MAX_VALUE;
            }
            return Math.min(view.bytesBetween(offset, end), target.partition().partitionMaxBytes());
        } catch (IOException e) {
            // The next plan says so.
            return Long.MAX_VALUE;
        }
    }
}

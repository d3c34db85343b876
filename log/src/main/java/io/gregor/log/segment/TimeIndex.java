package io.gregor.log.segment;

import io.gregor.wire.record.RecordBatch;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Sparse map from timestamp to offset in a segment: the file {@code .timeindex}. An entry is the largest timestamp so
 * far, eight bytes, and the offset relative to the segment's base of the batch that has it, four bytes; both only grow.
 * Changed on the partition's lane, read anywhere.
 */
final class TimeIndex {
    private static final int ENTRY_BYTES = 12;

    private final IndexFile entries;
    private final long baseOffset;

    TimeIndex(SegmentFile file, long baseOffset) throws IOException {
        entries = new IndexFile(file, ENTRY_BYTES);
        this.baseOffset = baseOffset;
    }

    IndexFile file() {
        return entries;
    }

    /** Adds an entry if its time is later than the last one's. */
    void addIfLater(long timestampMs, long offset) throws IOException {
        if (timestampMs > lastTimestampMs()) {
            entries.add(ByteBuffer.allocate(ENTRY_BYTES)
                    .putLong(timestampMs)
                    .putInt((int) (offset - baseOffset))
                    .flip());
        }
    }

    long lastTimestampMs() throws IOException {
        int count = entries.count();
        return count == 0 ? RecordBatch.NO_TIMESTAMP : entries.entry(count - 1).getLong(0);
    }

    /** Whether the file is there, whole, and ends with an entry that could be one. */
    boolean isSound() throws IOException {
        return entries.isThere()
                && entries.isWhole()
                && (entries.count() == 0 || entries.entry(entries.count() - 1).getInt(8) >= 0);
    }

    long timestampMs(int entry) throws IOException {
        return entries.entry(entry).getLong(0);
    }

    /** The last offset of the batch with that time, if the entry is true. */
    long offset(int entry) throws IOException {
        return baseOffset + entries.entry(entry).getInt(8);
    }

    /**
     * The last entry that is earlier than that time, or -1: if it is true, no record before its batch is as late. What
     * it says is a hint: the file may be damaged.
     */
    int floor(long timestampMs) throws IOException {
        int low = 0;
        int high = entries.count();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (entries.entry(middle).getLong(0) < timestampMs) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low - 1;
    }
}

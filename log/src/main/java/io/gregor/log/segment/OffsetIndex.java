package io.gregor.log.segment;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Sparse map from offset to position in a segment: the file {@code .index}. An entry is the last offset of a batch,
 * relative to the segment's base, and the batch's position, four bytes each. Changed on the partition's lane, read
 * anywhere.
 */
public final class OffsetIndex {
    private static final int ENTRY_BYTES = 8;

    private final IndexFile entries;
    private final long baseOffset;

    OffsetIndex(SegmentFile file, long baseOffset) throws IOException {
        entries = new IndexFile(file, ENTRY_BYTES);
        this.baseOffset = baseOffset;
    }

    public IndexFile file() {
        return entries;
    }

    void add(long lastOffset, int position) throws IOException {
        entries.add(ByteBuffer.allocate(ENTRY_BYTES)
                .putInt((int) (lastOffset - baseOffset))
                .putInt(position)
                .flip());
    }

    /** The offset of the first entry at or after that position, or -1 if there is none. */
    public long firstBehind(long position) throws IOException {
        int low = 0;
        int high = entries.count();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (entries.entry(middle).getInt(4) < position) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low == entries.count() ? -1 : baseOffset + entries.entry(low).getInt(0);
    }

    /** Whether the file is there, whole, and ends with an entry that points into a segment of that size. */
    boolean isSound(int segmentBytes) throws IOException {
        if (!entries.isThere() || !entries.isWhole()) {
            return false;
        }
        int count = entries.count();
        if (count == 0) {
            return true;
        }
        ByteBuffer last = entries.entry(count - 1);
        return last.getInt(0) >= 0 && last.getInt(4) >= 0 && last.getInt(4) < segmentBytes;
    }

    /** The last offset of the batch that an entry means, if the entry is true. */
    long lastOffset(int entry) throws IOException {
        return baseOffset + entries.entry(entry).getInt(0);
    }

    /** Where that batch begins, if the entry is true; in bytes. */
    int position(int entry) throws IOException {
        return entries.entry(entry).getInt(4);
    }

    /** The last entry that is not beyond that offset, or -1. What it says is a hint: the file may be damaged. */
    int floor(long offset) throws IOException {
        int low = 0;
        int high = entries.count();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (baseOffset + entries.entry(middle).getInt(0) <= offset) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low - 1;
    }
}

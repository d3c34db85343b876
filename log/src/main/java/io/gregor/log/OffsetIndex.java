package io.gregor.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * Sparse map from offset to position in a segment: the file {@code .index}. An entry is the last offset of a batch,
 * relative to the segment's base, and the batch's position, four bytes each. Changed on the partition's lane, read
 * anywhere.
 */
final class OffsetIndex {
    private static final int ENTRY_BYTES = 8;

    private final EntryFile entries;
    private final long baseOffset;

    OffsetIndex(Disk disk, Path folder, long baseOffset) throws IOException {
        entries = new EntryFile(disk, LogFiles.path(folder, baseOffset, LogFiles.OFFSET_INDEX), ENTRY_BYTES);
        this.baseOffset = baseOffset;
    }

    EntryFile file() {
        return entries;
    }

    void add(long lastOffset, int position) throws IOException {
        entries.add(ByteBuffer.allocate(ENTRY_BYTES)
                .putInt((int) (lastOffset - baseOffset))
                .putInt(position)
                .flip());
    }

    /** Where to begin to look for that offset: a position at or before the batch that holds it. */
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
        return low == 0 ? 0 : entries.entry(low - 1).getInt(4);
    }
}

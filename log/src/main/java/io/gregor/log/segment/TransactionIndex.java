package io.gregor.log.segment;

import io.gregor.log.disk.SyncRule;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The aborted transactions whose markers lie in a segment: the file {@code .txnindex}, which is there only if there are
 * any. An entry is the version (0) in two bytes, then producer id, first offset, last offset and last stable offset in
 * eight bytes each; last offsets grow. Changed on the partition's lane, read anywhere.
 */
public final class TransactionIndex {
    private static final short VERSION = 0;
    private static final int ENTRY_BYTES = 34;

    private final IndexFile entries;

    TransactionIndex(SegmentFile file) throws IOException {
        entries = new IndexFile(file, ENTRY_BYTES);
    }

    public void add(AbortedTransaction aborted) throws IOException {
        entries.add(ByteBuffer.allocate(ENTRY_BYTES)
                .putShort(VERSION)
                .putLong(aborted.producerId())
                .putLong(aborted.firstOffset())
                .putLong(aborted.lastOffset())
                .putLong(aborted.lastStableOffset())
                .flip());
    }

    public int count() {
        return entries.count();
    }

    public AbortedTransaction get(int i) throws IOException {
        ByteBuffer entry = entries.entry(i);
        return new AbortedTransaction(entry.getLong(2), entry.getLong(10), entry.getLong(18), entry.getLong(26));
    }

    /** Whether every entry is one, and lies in the segment: if not, the segment has to be read again. */
    boolean isSound(long baseOffset) throws IOException {
        if (!entries.isWhole()) {
            return false;
        }
        for (int i = 0; i < count(); i++) {
            if (entries.entry(i).getShort(0) != VERSION || get(i).lastOffset() < baseOffset) {
                return false;
            }
        }
        return true;
    }

    void clear() throws IOException {
        entries.truncate(0);
    }

    void flush() throws IOException {
        entries.flush();
    }

    void closeUntilNeeded() throws IOException {
        entries.closeUntilNeeded();
    }

    void force(SyncRule why) throws IOException {
        // Also when it has been emptied: entries of what was cut off must not come back.
        if (count() > 0 || entries.isThere()) {
            entries.force(why);
        }
    }
}

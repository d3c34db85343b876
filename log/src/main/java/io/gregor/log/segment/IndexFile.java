package io.gregor.log.segment;

import io.gregor.log.disk.SyncRule;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file of entries of one width, which only grows: what an index is kept in. Entries are added on the partition's
 * lane; those not yet written are in memory, and {@link #flush} writes them. Readers may be on any thread. An index can
 * be lost at any time: it is made again from the log. Entries: 2^31 at most.
 */
public final class IndexFile {
    private static final Logger LOG = LoggerFactory.getLogger(IndexFile.class);
    private static final int WRITE_FROM_BYTES = 4096;

    /** The entries that are not in the file yet; only {@code count} of them are there to be read. */
    private record Tail(int inFile, byte[] entries, int count) {}

    private final SegmentFile file;
    private final int width;
    private volatile Tail tail;

    IndexFile(SegmentFile file, int width) throws IOException {
        this.file = file;
        this.width = width;
        tail = new Tail((int) Math.min(file.sizeOnDisk() / width, Integer.MAX_VALUE), new byte[0], 0);
    }

    public int count() {
        Tail now = tail;
        return now.inFile + now.count;
    }

    public int width() {
        return width;
    }

    boolean isThere() {
        return file.exists();
    }

    /** Whether the file ends where an entry does. */
    boolean isWhole() throws IOException {
        return file.sizeOnDisk() % width == 0;
    }

    void add(ByteBuffer entry) {
        Tail now = tail;
        byte[] entries = now.entries;
        int used = now.count * width;
        if (used + width > entries.length) {
            entries = Arrays.copyOf(entries, Math.max(width * 16, entries.length * 2));
        }
        entry.get(entries, used, width);
        tail = new Tail(now.inFile, entries, now.count + 1);
        if (used + width >= WRITE_FROM_BYTES) {
            flushIfPossible();
        }
    }

    /** An index that cannot be written now must not fail the append: it stays in memory until it can be. */
    private void flushIfPossible() {
        try {
            flush();
        } catch (IOException e) {
            LOG.warn("Writing {} failed; it is tried again with the next entry", file.path(), e);
        }
    }

    /** Entry number {@code i}, as a buffer of its own. */
    ByteBuffer entry(int i) throws IOException {
        Tail now = tail;
        if (i >= now.inFile) {
            return ByteBuffer.wrap(now.entries, (i - now.inFile) * width, width).slice();
        }
        ByteBuffer entry = ByteBuffer.allocate(width);
        file.read(entry, (long) i * width);
        return entry.flip();
    }

    void create() throws IOException {
        file.create();
    }

    /** Writes what is in memory to the file, so that other tools see it. */
    void flush() throws IOException {
        Tail now = tail;
        if (now.count > 0) {
            file.create();
            file.write(ByteBuffer.wrap(now.entries, 0, now.count * width), (long) now.inFile * width);
            tail = new Tail(now.inFile + now.count, new byte[0], 0);
        }
    }

    void force(SyncRule why) throws IOException {
        flush();
        file.create();
        file.force(why);
    }

    /** Keeps the first entries only. */
    void truncate(int entries) throws IOException {
        if (entries == count() && isWhole()) {
            return;
        }
        flush();
        file.create();
        file.truncate((long) entries * width);
        tail = new Tail(entries, new byte[0], 0);
    }

    /** Lets go of the descriptor until it is needed again; nobody may use the file meanwhile. */
    void closeUntilNeeded() throws IOException {
        flush();
        file.closeUntilNeeded();
    }
}

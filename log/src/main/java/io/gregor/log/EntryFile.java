package io.gregor.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file of entries of one width, which only grows: what an index is kept in. Entries are added on the partition's
 * lane; those not yet written are in memory, and {@link #flush} writes them. Readers may be on any thread. An index can
 * be lost at any time: it is made again from the log.
 */
final class EntryFile {
    private static final Logger LOG = LoggerFactory.getLogger(EntryFile.class);
    private static final int WRITE_FROM_BYTES = 4096;

    /** The entries that are not in the file yet; only {@code count} of them are there to be read. */
    private record Tail(int inFile, byte[] entries, int count) {}

    private final Disk disk;
    private final Path path;
    private final int width;
    private volatile @Nullable DiskFile file;
    private volatile Tail tail;

    EntryFile(Disk disk, Path path, int width) throws IOException {
        this.disk = disk;
        this.path = path;
        this.width = width;
        tail = new Tail((int) (disk.size(path) / width), new byte[0], 0);
    }

    int count() {
        Tail now = tail;
        return now.inFile + now.count;
    }

    int width() {
        return width;
    }

    boolean isThere() {
        return disk.exists(path);
    }

    /** Whether the file ends where an entry does. */
    boolean isWhole() throws IOException {
        return disk.size(path) % width == 0;
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
            LOG.warn("Writing {} failed; it is tried again with the next entry", path, e);
        }
    }

    /** Entry number {@code i}, as a buffer of its own. */
    ByteBuffer entry(int i) throws IOException {
        Tail now = tail;
        if (i >= now.inFile) {
            return ByteBuffer.wrap(now.entries, (i - now.inFile) * width, width).slice();
        }
        ByteBuffer entry = ByteBuffer.allocate(width);
        open().read(entry, (long) i * width);
        return entry.flip();
    }

    void create() throws IOException {
        disk.create(path);
    }

    /** Writes what is in memory to the file, so that other tools see it. */
    void flush() throws IOException {
        Tail now = tail;
        if (now.count > 0) {
            openOrCreate().write(ByteBuffer.wrap(now.entries, 0, now.count * width), (long) now.inFile * width);
            tail = new Tail(now.inFile + now.count, new byte[0], 0);
        }
    }

    void force(SyncRule why) throws IOException {
        flush();
        openOrCreate().force(why);
    }

    /** Keeps the first entries only. */
    void truncate(int entries) throws IOException {
        if (entries == count() && isWhole()) {
            return;
        }
        flush();
        openOrCreate().truncate((long) entries * width);
        tail = new Tail(entries, new byte[0], 0);
    }

    /** Lets go of the file until it is needed again; nobody else may have it. */
    void close() throws IOException {
        flush();
        DiskFile opened = file;
        if (opened != null) {
            opened.close();
            file = null;
        }
    }

    /** An index may be missing until there is something to be written to it. */
    private DiskFile openOrCreate() throws IOException {
        if (file == null) {
            disk.create(path);
        }
        return open();
    }

    DiskFile open() throws IOException {
        DiskFile opened = file;
        return opened == null ? openOnce() : opened;
    }

    /** One at a time: whoever renames opens the file before, so that nobody opens it by its old name after that. */
    private synchronized DiskFile openOnce() throws IOException {
        DiskFile opened = file;
        if (opened == null) {
            opened = disk.open(path);
            file = opened;
        }
        return opened;
    }
}

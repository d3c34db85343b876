package io.gregor.log.segment;

import io.gregor.log.disk.Disk;
import io.gregor.log.disk.DiskFile;
import io.gregor.log.disk.SyncRule;
import io.gregor.wire.StoredFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One file of a segment, and its owner: it is opened, renamed and deleted through here only, so that it is always the
 * file that was meant, whatever has its name by now. Reads may run on any thread, writes on one. It is opened on first
 * use, at most once, and closed by the last of its {@link FileUsers}; every access counts as one while it runs.
 */
final class SegmentFile implements DiskFile, StoredFile {
    private static final Logger LOG = LoggerFactory.getLogger(SegmentFile.class);

    private final Disk disk;
    private final FileUsers users;
    private volatile Path path;
    private volatile @Nullable DiskFile opened;

    SegmentFile(Disk disk, Path path, FileUsers users) {
        this.disk = disk;
        this.path = path;
        this.users = users;
    }

    /** Its name at the moment. */
    Path path() {
        return path;
    }

    boolean exists() {
        return disk.exists(path);
    }

    /** In bytes, without opening it; 0 if it does not exist. */
    long sizeOnDisk() throws IOException {
        return disk.size(path);
    }

    /** In ms; 0 if it does not exist. */
    long lastModifiedMs() throws IOException {
        return disk.lastModifiedMs(path);
    }

    /** Makes it, empty, if it is not there. */
    synchronized void create() throws IOException {
        disk.create(path);
    }

    /** Gives it another name; a file that does not exist will have that name. */
    synchronized void rename(Path to) throws IOException {
        if (!path.equals(to) && disk.exists(path)) {
            disk.rename(path, to);
        }
        path = to;
    }

    /** Takes its name away; whoever reads it may go on. */
    synchronized void delete() throws IOException {
        if (opened == null && users.areReaders() && disk.exists(path)) {
            opened = disk.open(path);
        }
        disk.delete(path);
    }

    /** Lets go of the descriptor until it is needed again; nobody may use the file meanwhile. */
    synchronized void closeUntilNeeded() throws IOException {
        DiskFile now = opened;
        opened = null;
        if (now != null) {
            now.close();
        }
    }

    /** For the last user. */
    @Override
    public void close() {
        try {
            closeUntilNeeded();
        } catch (IOException e) {
            LOG.warn("Closing {} failed", path, e);
        }
    }

    private void enter() throws IOException {
        if (!users.retain()) {
            throw new SegmentGoneException(path);
        }
    }

    private DiskFile opened() throws IOException {
        DiskFile now = opened;
        return now == null ? open() : now;
    }

    private synchronized DiskFile open() throws IOException {
        DiskFile now = opened;
        if (now == null) {
            now = disk.open(path);
            opened = now;
        }
        return now;
    }

    @Override
    public long size() throws IOException {
        enter();
        try {
            return opened().size();
        } finally {
            users.release();
        }
    }

    @Override
    public int read(ByteBuffer into, long position) throws IOException {
        enter();
        try {
            return opened().read(into, position);
        } finally {
            users.release();
        }
    }

    @Override
    public void write(ByteBuffer from, long position) throws IOException {
        enter();
        try {
            opened().write(from, position);
        } finally {
            users.release();
        }
    }

    @Override
    public void truncate(long size) throws IOException {
        enter();
        try {
            opened().truncate(size);
        } finally {
            users.release();
        }
    }

    @Override
    public void force(SyncRule why) throws IOException {
        enter();
        try {
            opened().force(why);
        } finally {
            users.release();
        }
    }

    @Override
    public FileChannel channel() {
        DiskFile now = opened;
        if (now == null) {
            throw new IllegalStateException(path + " is not open");
        }
        return now.channel();
    }

    @Override
    public boolean retain() {
        return users.retain();
    }

    @Override
    public void release() {
        users.release();
    }
}

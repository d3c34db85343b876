package io.gregor.log.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The disk below one log directory. When it fails, the directory goes offline: from then on nothing in it can be read
 * or written, and only a restart brings it back. A full disk is no failure, nor is a file that is missing, nor a lack
 * of file descriptors; but once a disk could not keep what it was given, what it says later proves nothing.
 * Thread-safe.
 */
public final class LogDirDisk implements Disk {
    private static final int ATTEMPTS = 3;

    private final Disk disk;
    private final Path root;
    private final Consumer<IOException> whenOffline;
    private volatile @Nullable IOException failure;

    /** @param whenOffline told once, on the thread that met the failure */
    public LogDirDisk(Disk disk, Path root, Consumer<IOException> whenOffline) {
        this.disk = disk;
        this.root = root;
        this.whenOffline = whenOffline;
    }

    @Override
    public boolean isOffline() {
        return failure != null;
    }

    private interface Access<T> {
        T run() throws IOException;
    }

    private <T> T attempt(Access<T> access) throws IOException {
        check();
        try {
            return access.run();
        } catch (IOException e) {
            if (!works()) {
                fail(e);
            }
            throw e;
        }
    }

    private interface Step {
        void run() throws IOException;
    }

    private void attemptTo(Step step) throws IOException {
        attempt(() -> {
            step.run();
            return this;
        });
    }

    private void check() throws IOException {
        IOException known = failure;
        if (known != null) {
            throw new IOException("log directory " + root + " is offline", known);
        }
    }

    /** Whether a file can still be written, or could be if there were room and descriptors. */
    private boolean works() {
        for (int i = 0; i < ATTEMPTS; i++) {
            try {
                probe();
                return true;
            } catch (IOException e) {
                if (disk.isExhausted(root)) {
                    return true;
                }
            }
        }
        return false;
    }

    private void probe() throws IOException {
        Path probe = root.resolve(".probe");
        disk.create(probe);
        DiskFile file = disk.open(probe);
        try {
            file.write(ByteBuffer.wrap(new byte[1]), 0);
        } finally {
            file.close();
        }
        disk.delete(probe);
    }

    private void fail(IOException e) {
        boolean first;
        synchronized (this) {
            first = failure == null;
            if (first) {
                failure = e;
            }
        }
        if (first) {
            whenOffline.accept(e);
        }
    }

    @Override
    public DiskFile open(Path file) throws IOException {
        return attempt(() -> new File(disk.open(file)));
    }

    @Override
    public void create(Path file) throws IOException {
        attemptTo(() -> disk.create(file));
    }

    @Override
    public boolean exists(Path path) {
        return disk.exists(path);
    }

    @Override
    public long size(Path file) throws IOException {
        return attempt(() -> disk.size(file));
    }

    @Override
    public long lastModifiedMs(Path file) throws IOException {
        return attempt(() -> disk.lastModifiedMs(file));
    }

    @Override
    public List<Path> list(Path folder) throws IOException {
        return attempt(() -> disk.list(folder));
    }

    @Override
    public void createFolder(Path folder) throws IOException {
        attemptTo(() -> disk.createFolder(folder));
    }

    @Override
    public void delete(Path path) throws IOException {
        attemptTo(() -> disk.delete(path));
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        attemptTo(() -> disk.rename(from, to));
    }

    @Override
    public DiskFile openFolder(Path folder) throws IOException {
        return attempt(() -> new File(disk.openFolder(folder)));
    }

    @Override
    public boolean isExhausted(Path folder) {
        return disk.isExhausted(folder);
    }

    /** What could not be forced is lost, whatever the next attempt says. */
    private void force(Step step) throws IOException {
        check();
        try {
            step.run();
        } catch (IOException e) {
            fail(e);
            throw e;
        }
    }

    private final class File implements DiskFile {
        private final DiskFile file;

        File(DiskFile file) {
            this.file = file;
        }

        @Override
        public long size() throws IOException {
            return attempt(file::size);
        }

        @Override
        public int read(ByteBuffer into, long position) throws IOException {
            return attempt(() -> file.read(into, position));
        }

        @Override
        public void write(ByteBuffer from, long position) throws IOException {
            attemptTo(() -> file.write(from, position));
        }

        @Override
        public void truncate(long size) throws IOException {
            attemptTo(() -> file.truncate(size));
        }

        @Override
        public void force(SyncRule why) throws IOException {
            LogDirDisk.this.force(() -> file.force(why));
        }

        @Override
        public FileChannel channel() {
            return file.channel();
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}

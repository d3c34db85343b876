package io.gregor.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The disk below one log folder. When it fails, the folder goes offline: from then on nothing in it can be read or
 * written, and only a restart brings it back. A full disk is no failure, nor is a file that is missing; but once a
 * disk could not keep what it was given, what it says later proves nothing. Thread-safe.
 */
final class FolderDisk implements Disk {
    private static final String NO_DESCRIPTOR = "Too many open files";

    /** What the operating system says where trying again may help. */
    private static final List<String> PASSING =
            List.of("No space left on device", "Disk quota exceeded", NO_DESCRIPTOR);

    private final Disk disk;
    private final Path root;
    private final Consumer<IOException> whenOffline;
    private volatile @Nullable IOException failure;

    /** @param whenOffline told once, on the thread that met the failure */
    FolderDisk(Disk disk, Path root, Consumer<IOException> whenOffline) {
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
            if (!isPassing(e) && !works()) {
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
            throw new IOException("log folder " + root + " is offline", known);
        }
    }

    private static boolean isPassing(IOException e) {
        String message = String.valueOf(e.getMessage());
        return PASSING.stream().anyMatch(message::contains);
    }

    /** Whether a file can still be written. */
    private boolean works() {
        Path probe = root.resolve(".probe");
        try {
            DiskFile file = disk.open(probe);
            try {
                file.write(ByteBuffer.wrap(new byte[1]), 0);
            } finally {
                file.close();
            }
            disk.delete(probe);
            return true;
        } catch (IOException e) {
            return isPassing(e);
        }
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
    public void syncFolder(Path folder, SyncRule why) throws IOException {
        force(() -> disk.syncFolder(folder, why));
    }

    /**
     * What could not be forced is lost, whatever the next attempt says; unless the folder itself is gone, or could not
     * even be opened for want of a file descriptor.
     */
    private void force(Step step) throws IOException {
        check();
        try {
            step.run();
        } catch (NoSuchFileException e) {
            if (!works()) {
                fail(e);
            }
            throw e;
        } catch (IOException e) {
            if (!String.valueOf(e.getMessage()).contains(NO_DESCRIPTOR)) {
                fail(e);
            }
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
            FolderDisk.this.force(() -> file.force(why));
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

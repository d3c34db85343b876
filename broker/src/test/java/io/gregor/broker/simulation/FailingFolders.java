package io.gregor.broker.simulation;

import io.gregor.log.disk.DiskFile;
import io.gregor.log.disk.ForwardingDisk;
import io.gregor.log.disk.SimulatedDisk;
import io.gregor.log.disk.SyncRule;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Log directories on a simulated disk, each of which fails in its own way for a while. Of a write that fails any part
 * may be there. Confined to one thread.
 */
final class FailingFolders extends ForwardingDisk {
    /** What is wrong with a folder. */
    enum Fault {
        NONE,
        /** There is no room: nothing can be written. */
        FULL,
        /** What changes something fails now and then. */
        UNRELIABLE,
        /** Nothing works. */
        BROKEN
    }

    private static final int FAILS_ONCE_IN = 4;

    private final Random random;
    private final List<Path> roots;
    private final Map<Path, Fault> faults = new HashMap<>();

    FailingFolders(SimulatedDisk disk, Random random, List<Path> roots) {
        super(disk);
        this.random = random;
        this.roots = roots;
    }

    void set(Path root, Fault fault) {
        faults.put(root, fault);
    }

    private Fault faultOf(Path path) {
        for (Path root : roots) {
            if (path.startsWith(root)) {
                return faults.getOrDefault(root, Fault.NONE);
            }
        }
        throw new IllegalArgumentException(path + " is in none of the folders");
    }

    private void use(Path path) throws IOException {
        if (faultOf(path) == Fault.BROKEN) {
            throw new IOException("input/output error");
        }
    }

    private void change(Path path) throws IOException {
        use(path);
        if (faultOf(path) == Fault.UNRELIABLE && random.nextInt(FAILS_ONCE_IN) == 0) {
            throw new IOException("input/output error, now and then");
        }
    }

    private void grow(Path path) throws IOException {
        change(path);
        if (faultOf(path) == Fault.FULL) {
            throw new IOException("no space left on device");
        }
    }

    @Override
    public DiskFile open(Path file) throws IOException {
        use(file);
        return new FailingFile(file, super.open(file));
    }

    @Override
    public void create(Path file) throws IOException {
        if (!exists(file)) {
            grow(file);
        }
        super.create(file);
    }

    @Override
    public long size(Path file) throws IOException {
        use(file);
        return super.size(file);
    }

    @Override
    public List<Path> list(Path folder) throws IOException {
        use(folder);
        return super.list(folder);
    }

    @Override
    public void createFolder(Path folder) throws IOException {
        if (!exists(folder)) {
            grow(folder);
        }
        super.createFolder(folder);
    }

    @Override
    public void delete(Path path) throws IOException {
        change(path);
        super.delete(path);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        change(from);
        super.rename(from, to);
    }

    @Override
    public DiskFile openFolder(Path folder) throws IOException {
        use(folder);
        return new FailingFile(folder, super.openFolder(folder));
    }

    @Override
    public boolean isExhausted(Path folder) {
        return faultOf(folder) == Fault.FULL;
    }

    /** An open file, or an open folder. */
    private final class FailingFile implements DiskFile {
        private final Path path;
        private final DiskFile file;

        FailingFile(Path path, DiskFile file) {
            this.path = path;
            this.file = file;
        }

        @Override
        public long size() throws IOException {
            use(path);
            return file.size();
        }

        @Override
        public int read(ByteBuffer into, long position) throws IOException {
            use(path);
            return file.read(into, position);
        }

        @Override
        public void write(ByteBuffer from, long position) throws IOException {
            try {
                grow(path);
            } catch (IOException e) {
                int written = random.nextInt(from.remaining() + 1);
                file.write(from.slice(from.position(), written), position);
                throw e;
            }
            file.write(from, position);
        }

        @Override
        public void truncate(long size) throws IOException {
            change(path);
            file.truncate(size);
        }

        @Override
        public void force(SyncRule why) throws IOException {
            change(path);
            file.force(why);
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

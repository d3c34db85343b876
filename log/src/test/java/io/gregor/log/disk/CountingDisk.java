package io.gregor.log.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Knows which files are open, and fails the test that closes one twice or uses one that is closed. Thread-safe. */
public final class CountingDisk extends ForwardingDisk {
    private final Set<Counted> open = ConcurrentHashMap.newKeySet();
    private final Set<String> faults = ConcurrentHashMap.newKeySet();

    public CountingDisk(Disk disk) {
        super(disk);
    }

    /** By the names that they were opened with. */
    public List<String> open() {
        return open.stream().map(file -> file.path.toString()).sorted().toList();
    }

    /** What was done to files that were closed. */
    public Set<String> faults() {
        return faults;
    }

    @Override
    public DiskFile open(Path file) throws IOException {
        return new Counted(file, super.open(file));
    }

    @Override
    public DiskFile openFolder(Path folder) throws IOException {
        return new Counted(folder, super.openFolder(folder));
    }

    private final class Counted implements DiskFile {
        private final Path path;
        private final DiskFile file;

        Counted(Path path, DiskFile file) {
            this.path = path;
            this.file = file;
            open.add(this);
        }

        private DiskFile checked(String operation) {
            if (!open.contains(this)) {
                faults.add(operation + " of " + path + ", which is closed");
            }
            return file;
        }

        @Override
        public long size() throws IOException {
            return checked("size").size();
        }

        @Override
        public int read(ByteBuffer into, long position) throws IOException {
            return checked("read").read(into, position);
        }

        @Override
        public void write(ByteBuffer from, long position) throws IOException {
            checked("write").write(from, position);
        }

        @Override
        public void truncate(long size) throws IOException {
            checked("truncate").truncate(size);
        }

        @Override
        public void force(SyncRule why) throws IOException {
            checked("force").force(why);
        }

        @Override
        public FileChannel channel() {
            return checked("channel").channel();
        }

        @Override
        public void close() throws IOException {
            checked("close").close();
            open.remove(this);
        }
    }
}

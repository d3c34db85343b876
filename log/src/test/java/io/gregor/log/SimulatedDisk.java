package io.gregor.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/**
 * A file system in memory that forgets what was not forced. At a power loss each file keeps what was forced and, of
 * each write since, all, a part or nothing; each folder keeps the names that were synced and, in the order in which
 * they were made, some of the changes since. It also refuses writes when told to. Confined to one thread.
 */
final class SimulatedDisk implements Disk {
    private static final class Node {
        private byte[] content = new byte[0];
        private byte[] forced = new byte[0];
        private final List<byte[]> versions = new ArrayList<>();

        void changed() {
            versions.add(content.clone());
        }
    }

    private final Random random;
    private final Map<Path, Node> files = new TreeMap<>();
    private final Set<Path> folders = new HashSet<>();
    private final Map<Path, Node> durableFiles = new TreeMap<>();
    /** Changes of names that are not durable yet, in their order. */
    private final List<Runnable> namings = new ArrayList<>();

    private boolean full;
    private int writesUntilFull = Integer.MAX_VALUE;

    SimulatedDisk(Random random) {
        this.random = random;
    }

    /** From the so-many-th write on there is no space left, until {@link #makeRoom}. */
    void fillAfter(int writes) {
        writesUntilFull = writes;
    }

    void makeRoom() {
        full = false;
        writesUntilFull = Integer.MAX_VALUE;
    }

    /** What is on the disk after the power has come back. */
    void losePower() {
        int kept = namings.isEmpty() ? 0 : random.nextInt(namings.size() + 1);
        namings.subList(0, kept).forEach(Runnable::run);
        namings.clear();
        files.clear();
        files.putAll(durableFiles);
        Set<Node> seen = new HashSet<>();
        for (Node node : files.values()) {
            if (seen.add(node)) {
                loseUnforced(node);
            }
        }
        makeRoom();
    }

    private void loseUnforced(Node node) {
        byte[] left = node.forced;
        for (byte[] version : node.versions) {
            int fate = random.nextInt(3);
            if (fate == 0) {
                break;
            }
            left = fate == 1 || version.length <= left.length ? version : torn(left, version);
            if (fate == 2) {
                break;
            }
        }
        node.content = left;
        node.forced = left.clone();
        node.versions.clear();
    }

    /** A part of what was added; now and then its end is there and its beginning is zeros. */
    private byte[] torn(byte[] before, byte[] after) {
        int end = before.length + random.nextInt(after.length - before.length + 1);
        byte[] torn = Arrays.copyOf(after, end);
        if (random.nextInt(4) == 0) {
            int hole = before.length + random.nextInt(end - before.length + 1);
            Arrays.fill(torn, before.length, hole, (byte) 0);
        }
        return torn;
    }

    private void spend() throws IOException {
        if (writesUntilFull != Integer.MAX_VALUE && writesUntilFull-- <= 0) {
            full = true;
        }
        if (full) {
            throw new IOException("No space left on device");
        }
    }

    @Override
    public DiskFile open(Path file) throws IOException {
        create(file);
        return new Handle(Objects.requireNonNull(files.get(file), "it has just been made"));
    }

    @Override
    public void create(Path file) throws IOException {
        if (!files.containsKey(file)) {
            spend();
            Node node = new Node();
            files.put(file, node);
            namings.add(() -> durableFiles.put(file, node));
        }
    }

    @Override
    public boolean exists(Path path) {
        return files.containsKey(path) || folders.contains(path);
    }

    @Override
    public long size(Path file) {
        Node node = files.get(file);
        return node == null ? 0 : node.content.length;
    }

    @Override
    public long lastModifiedMs(Path file) {
        return 0;
    }

    @Override
    public List<Path> list(Path folder) {
        return files.keySet().stream()
                .filter(file -> folder.equals(file.getParent()))
                .toList();
    }

    @Override
    public void createFolder(Path folder) {
        folders.add(folder);
    }

    @Override
    public void delete(Path path) {
        if (files.remove(path) != null) {
            namings.add(() -> durableFiles.remove(path));
        }
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        Node node = files.remove(from);
        if (node == null) {
            throw new IOException(from + " does not exist");
        }
        files.put(to, node);
        namings.add(() -> {
            durableFiles.remove(from, node);
            durableFiles.put(to, node);
        });
    }

    @Override
    public void syncFolder(Path folder) {
        // File systems keep their journal in order: what came before is durable too.
        namings.forEach(Runnable::run);
        namings.clear();
    }

    private final class Handle implements DiskFile {
        private final Node node;

        Handle(Node node) {
            this.node = node;
        }

        @Override
        public long size() {
            return node.content.length;
        }

        @Override
        public int read(ByteBuffer into, long position) {
            int count = Math.max(0, Math.min(into.remaining(), node.content.length - (int) position));
            if (count > 0) {
                into.put(node.content, (int) position, count);
            }
            return count;
        }

        @Override
        public void write(ByteBuffer from, long position) throws IOException {
            byte[] written = new byte[from.remaining()];
            from.get(written);
            int take = written.length;
            IOException refusal = null;
            try {
                spend();
            } catch (IOException e) {
                refusal = e;
                take = random.nextInt(written.length + 1);
            }
            int end = Math.max(node.content.length, (int) position + take);
            node.content = Arrays.copyOf(node.content, end);
            System.arraycopy(written, 0, node.content, (int) position, take);
            node.changed();
            if (refusal != null) {
                throw refusal;
            }
        }

        @Override
        public void truncate(long size) {
            if (size < node.content.length) {
                node.content = Arrays.copyOf(node.content, (int) size);
                node.changed();
            }
        }

        @Override
        public void force() {
            node.forced = node.content.clone();
            node.versions.clear();
            // As on the file systems that matter, a forced file is found again under the name that it was made with.
            namings.forEach(Runnable::run);
            namings.clear();
        }

        @Override
        public FileChannel channel() {
            throw new UnsupportedOperationException("nothing is sent from here");
        }

        @Override
        public void close() {}
    }
}

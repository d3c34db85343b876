package io.gregor.log.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A file system in memory that forgets what was not forced. At a power loss each file keeps what was forced and, of
 * each write since, all, a part or nothing; each folder keeps the names that were synced and, in the order in which
 * they were made, some of the changes since. It also refuses writes when told to, dies after so many operations, and
 * ignores what is forced for a given reason. Confined to one thread.
 */
public final class SimulatedDisk implements Disk {
    private static final class Node {
        private byte[] content = new byte[0];
        private byte[] forced = new byte[0];
        private final List<byte[]> versions = new ArrayList<>();

        void changed() {
            versions.add(content.clone());
        }
    }

    private final Random random;
    private final Set<SyncRule> ignored;
    private Map<Path, Node> files = new TreeMap<>();
    private Set<Path> folders = new TreeSet<>();
    private final Map<Path, Node> durableFiles = new TreeMap<>();
    private final Set<Path> durableFolders = new TreeSet<>();
    private final Set<Path> everMade = new TreeSet<>();
    /** Of each folder, the changes of names that are not durable yet, in their order. */
    private final Map<Path, List<Runnable>> namings = new TreeMap<>();

    private boolean full;
    private boolean withoutDescriptors;
    private int failures;
    private int writesUntilFull = Integer.MAX_VALUE;
    private int changesUntilDeath = Integer.MAX_VALUE;

    public SimulatedDisk(Random random, SyncRule... ignored) {
        this.random = random;
        this.ignored = Set.of(ignored);
    }

    /** From the so-many-th write on there is no space left, until {@link #makeRoom}. */
    public void fillAfter(int writes) {
        writesUntilFull = writes;
    }

    public void makeRoom() {
        full = false;
        writesUntilFull = Integer.MAX_VALUE;
    }

    /** While it does, neither a file nor a folder can be opened. */
    void refuseDescriptors(boolean refuses) {
        withoutDescriptors = refuses;
    }

    /** The next so many attempts to open or make a file fail. */
    void failNext(int attempts) {
        failures = attempts;
    }

    private void failIfDue() throws IOException {
        if (failures > 0) {
            failures--;
            throw new IOException("it does so, now and then");
        }
    }

    private void takeDescriptor() throws IOException {
        failIfDue();
        if (withoutDescriptors) {
            throw new IOException("Zu viele offene Dateien");
        }
    }

    /** The so-many-th change from now on fails, and all after it until the power is lost or all starts again. */
    public void dieAfter(int changes) {
        changesUntilDeath = changes;
    }

    public boolean isDead() {
        return changesUntilDeath <= 0;
    }

    /** The broker is gone, but the operating system is not: nothing is lost. */
    public void startAgain() {
        changesUntilDeath = Integer.MAX_VALUE;
        makeRoom();
    }

    /** What is on the disk after the power has come back. */
    public void losePower() {
        for (List<Runnable> ofFolder : namings.values()) {
            int kept = ofFolder.isEmpty() ? 0 : random.nextInt(ofFolder.size() + 1);
            ofFolder.subList(0, kept).forEach(Runnable::run);
        }
        namings.clear();
        durableFiles.keySet().removeIf(file -> !durableFolders.contains(file.getParent()));
        files = new TreeMap<>(durableFiles);
        folders = new TreeSet<>(durableFolders);
        new LinkedHashSet<>(files.values()).forEach(this::loseUnforced);
        startAgain();
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

    private void live() throws IOException {
        if (changesUntilDeath != Integer.MAX_VALUE && changesUntilDeath-- <= 0) {
            changesUntilDeath = 0;
            throw new IOException("dead");
        }
    }

    private void spend() throws IOException {
        live();
        if (writesUntilFull != Integer.MAX_VALUE && writesUntilFull-- <= 0) {
            full = true;
        }
        if (full) {
            throw new IOException("Auf dem Gerät ist kein Speicherplatz mehr verfügbar");
        }
    }

    private static Path parent(Path path) {
        return Objects.requireNonNull(path.getParent(), "all lies in a folder");
    }

    private void name(Path named, Runnable change) {
        namings.computeIfAbsent(parent(named), f -> new ArrayList<>()).add(change);
    }

    @Override
    public DiskFile open(Path file) throws IOException {
        takeDescriptor();
        Node node = files.get(file);
        if (node == null) {
            throw new NoSuchFileException(file.toString());
        }
        return new Handle(node);
    }

    @Override
    public void create(Path file) throws IOException {
        failIfDue();
        if (!files.containsKey(file)) {
            spend();
            if (!folders.contains(file.getParent())) {
                throw new IOException("no folder for " + file);
            }
            Node node = new Node();
            files.put(file, node);
            name(file, () -> durableFiles.put(file, node));
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
        List<Path> found = new ArrayList<>(files.keySet());
        found.addAll(folders);
        found.removeIf(path -> !folder.equals(path.getParent()));
        return found;
    }

    @Override
    public void createFolder(Path folder) throws IOException {
        if (!folders.contains(folder)) {
            live();
            folders.add(folder);
            if (!everMade.add(folder)) {
                // Folders are told apart by their names here: the earlier one's new name has to be durable.
                makeDurable(parent(folder));
            }
            if (folder.getParent() == null || folder.getParent().equals(folder.getRoot())) {
                durableFolders.add(folder);
            } else {
                name(folder, () -> durableFolders.add(folder));
            }
        }
    }

    @Override
    public void delete(Path path) throws IOException {
        if (files.containsKey(path)) {
            live();
            files.remove(path);
            name(path, () -> durableFiles.remove(path));
        } else if (folders.contains(path)) {
            live();
            folders.remove(path);
            name(path, () -> durableFolders.remove(path));
        }
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        if (!exists(from)) {
            throw new IOException(from + " does not exist");
        }
        live();
        if (folders.contains(from)) {
            // What was in it is taken for durable: who renames a whole folder does not go on writing there.
            makeDurable(from);
            move(from, to, files, folders);
            name(to, () -> move(from, to, durableFiles, durableFolders));
            return;
        }
        Node node = Objects.requireNonNull(files.remove(from), "it exists");
        files.put(to, node);
        name(to, () -> {
            durableFiles.remove(from, node);
            durableFiles.put(to, node);
        });
    }

    private static void move(Path from, Path to, Map<Path, Node> files, Set<Path> folders) {
        if (folders.remove(from)) {
            folders.add(to);
        }
        for (Path file : List.copyOf(files.keySet())) {
            if (from.equals(file.getParent())) {
                files.put(to.resolve(file.getFileName()), Objects.requireNonNull(files.remove(file), "a key"));
            }
        }
    }

    @Override
    public DiskFile openFolder(Path folder) throws IOException {
        takeDescriptor();
        return new FolderHandle(folder);
    }

    @Override
    public boolean isExhausted(Path folder) {
        return full || withoutDescriptors;
    }

    private void makeDurable(Path folder) {
        namings.getOrDefault(folder, List.of()).forEach(Runnable::run);
        namings.remove(folder);
    }

    /** An open folder, of which only the names can be forced. */
    private final class FolderHandle implements DiskFile {
        private final Path folder;

        FolderHandle(Path folder) {
            this.folder = folder;
        }

        @Override
        public void force(SyncRule why) throws IOException {
            live();
            if (!ignored.contains(why)) {
                makeDurable(folder);
            }
        }

        @Override
        public long size() {
            throw isFolder();
        }

        @Override
        public int read(ByteBuffer into, long position) {
            throw isFolder();
        }

        @Override
        public void write(ByteBuffer from, long position) {
            throw isFolder();
        }

        @Override
        public void truncate(long size) {
            throw isFolder();
        }

        @Override
        public FileChannel channel() {
            throw isFolder();
        }

        private UnsupportedOperationException isFolder() {
            return new UnsupportedOperationException(folder + " is a folder");
        }

        @Override
        public void close() {}
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
        public void truncate(long size) throws IOException {
            if (size < node.content.length) {
                live();
                node.content = Arrays.copyOf(node.content, (int) size);
                node.changed();
            }
        }

        @Override
        public void force(SyncRule why) throws IOException {
            live();
            if (!ignored.contains(why)) {
                node.forced = node.content.clone();
                node.versions.clear();
            }
        }

        @Override
        public FileChannel channel() {
            throw new UnsupportedOperationException("nothing is sent from here");
        }

        @Override
        public void close() {}
    }
}

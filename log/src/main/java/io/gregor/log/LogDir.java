package io.gregor.log;

import io.gregor.log.disk.CorruptLogException;
import io.gregor.log.disk.LogDirDisk;
import io.gregor.log.disk.LogEnvironment;
import io.gregor.log.disk.LogFiles;
import io.gregor.log.disk.PartitionDir;
import io.gregor.log.disk.PartitionMetadataFile;
import io.gregor.log.disk.SmallFile;
import io.gregor.log.disk.SyncRule;
import io.gregor.log.segment.BatchReader;
import io.gregor.log.segment.Segment;
import io.gregor.wire.Uuid;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder of logs, one of {@code log.dirs}: a folder a partition, and the checkpoints that say from where a recovery
 * has to read. Thread-safe; each log in it belongs to its partition's lane.
 */
public final class LogDir {
    private static final Logger LOG = LoggerFactory.getLogger(LogDir.class);
    private static final String CLEAN_SHUTDOWN = ".kafka_cleanshutdown";
    private static final String CLEAN_SHUTDOWN_CONTENT = "{\"version\":0,\"brokerEpoch\":-1}";

    private static final String FUTURE = "future";
    private static final String STRAY = "stray";

    private final LogEnvironment environment;
    private final LogDirDisk disk;
    private final Path root;
    private final boolean clean;
    private final Checkpoints checkpoints;
    private final Map<String, PartitionLog> logs = new ConcurrentHashMap<>();
    /** Closed for everybody, but their folders could not be renamed so far. */
    private final Map<String, PartitionLog> undeleted = new ConcurrentHashMap<>();
    /** Before, the checkpoints are also about logs that are still to be opened. */
    private volatile boolean allOpened;

    /**
     * Opens the folder, which must exist and belong to this broker alone.
     *
     * @param whenOffline told if its disk fails later, once, on any thread
     */
    public LogDir(LogEnvironment environment, Path root, Consumer<IOException> whenOffline) throws IOException {
        this.disk = new LogDirDisk(environment.disk(), root, whenOffline);
        this.environment = environment.on(disk);
        this.root = root;
        checkpoints = new Checkpoints(disk, root);
        clean = disk.exists(root.resolve(CLEAN_SHUTDOWN));
    }

    /** From now on the logs change: if the broker dies, the next one has to recover them. */
    public void begin() throws IOException {
        if (!clean) {
            // The recovery has made indexes again that the old checkpoints take for durable.
            checkpoint();
        }
        disk.delete(root.resolve(CLEAN_SHUTDOWN));
        disk.syncFolder(root, SyncRule.START);
        allOpened = true;
    }

    /**
     * Gives the directories of partitions the names that the metadata have for their topics: see
     * {@link PartitionDirNames}. To be called before any of them is opened.
     *
     * @param topicNames by the topic's id, null for topics that do not exist
     */
    public synchronized void rename(Function<Uuid, @Nullable String> topicNames) throws IOException {
        List<PartitionDirNames.Rename> renames = new PartitionDirNames(disk, root, this::stray, topicNames).renames();
        checkpoints.rename(renames, new RenamedOffsets(disk, root), logs, () -> {
            for (PartitionDirNames.Rename rename : renames) {
                LOG.warn("{} is renamed to {}", root.resolve(rename.from()), rename.to());
                disk.rename(root.resolve(rename.from()), root.resolve(rename.to()));
            }
            syncNames();
        });
    }

    private String stray(String name) {
        return fileName(aside(name, STRAY));
    }

    public Path root() {
        return root;
    }

    /** Whether its disk has failed: nothing in it can be read or written until the next start. */
    public boolean isOffline() {
        return disk.isOffline();
    }

    /** How many logs are open in it. */
    public int count() {
        return logs.size();
    }

    /** Whether the last broker on this folder stopped in order. */
    public boolean wasStoppedCleanly() {
        return clean;
    }

    /**
     * The log of that partition: what lies in its folder, or an empty one. A folder of that name which holds another
     * topic's records is put aside under a name that ends with {@code -stray}.
     */
    public PartitionLog open(String topic, int partition, Uuid topicId, LogConfig config) throws IOException {
        String name = topic + "-" + partition;
        Path folder = root.resolve(name);
        boolean existed = disk.exists(folder);
        Uuid found = existed ? PartitionMetadataFile.read(disk, folder) : null;
        if (found != null && !found.equals(topicId)) {
            PartitionLog open = logs.get(name);
            putAside(name, STRAY, open == null ? undeleted.get(name) : open);
            undeleted.remove(name);
            existed = false;
        }
        if (!existed) {
            forget(name);
        }
        Checkpoints.Offsets known = existed ? checkpoints.of(name) : Checkpoints.Offsets.NONE;
        if (!topicId.equals(found)) {
            // Before any segment: nobody must take them for those of a later topic of that name.
            disk.createFolder(folder);
            PartitionMetadataFile.write(disk, folder, topicId);
        }
        boolean cutsDamage = !topicId.equals(Uuid.METADATA_TOPIC);
        PartitionLog log = new LogLoader(
                        inFolder(folder),
                        folder,
                        config,
                        known.start(),
                        known.recovered(),
                        known.compacted(),
                        clean || !existed,
                        cutsDamage)
                .load();
        PartitionLog before = logs.put(name, log);
        if (before != null) {
            before.leaveFiles();
        }
        return log;
    }

    private LogEnvironment inFolder(Path folder) {
        return environment.on(new PartitionDir(disk, folder));
    }

    private static PartitionDir folderOf(PartitionLog log) {
        if (log.environment().disk() instanceof PartitionDir folder) {
            return folder;
        }
        throw new IllegalArgumentException(log + " was not opened here");
    }

    /** What the checkpoints say of it is about a log that was deleted, or has left. */
    private synchronized void forget(String name) throws IOException {
        if (checkpoints.forget(name)) {
            checkpoint();
        }
    }

    /**
     * The copy of a partition that is on its way here from another folder: an empty one, or what there is of it. A copy
     * of a partition of another topic, which had that name before, is deleted.
     */
    public PartitionLog openFuture(String topic, int partition, Uuid topicId, LogConfig config, long startOffset)
            throws IOException {
        String name = topic + "-" + partition;
        if (!logs.containsKey(name)) {
            forget(name);
        }
        Path folder = null;
        for (Path future : futuresOf(name)) {
            if (topicId.equals(PartitionMetadataFile.read(disk, future))) {
                folder = future;
            } else {
                LOG.warn("Deleting {}: a copy of a partition of another topic", future);
                deleteFolder(future);
            }
        }
        if (folder != null) {
            try {
                return copyIn(folder, config, startOffset);
            } catch (CorruptLogException e) {
                LOG.warn("{}: the copy is deleted, and begun again", e.getMessage());
                deleteFolder(folder);
            }
        }
        Path begun = aside(name, FUTURE);
        disk.createFolder(begun);
        PartitionMetadataFile.write(disk, begun, topicId);
        return copyIn(begun, config, startOffset);
    }

    private PartitionLog copyIn(Path folder, LogConfig config, long startOffset) throws IOException {
        return new LogLoader(inFolder(folder), folder, config, startOffset, 0, 0, false).load();
    }

    /** The partitions of which a copy is on its way here, as topic-partition. */
    public Set<String> futures() throws IOException {
        Set<String> futures = new HashSet<>();
        for (Path path : disk.list(root)) {
            String name = partitionOf(path);
            if (name != null) {
                futures.add(name);
            }
        }
        return futures;
    }

    private List<Path> futuresOf(String partition) throws IOException {
        List<Path> futures = new ArrayList<>(disk.list(root));
        futures.removeIf(path -> !partition.equals(partitionOf(path)));
        return futures;
    }

    /** Which partition, as topic-partition, that folder is a copy of; null if it is none. */
    private static @Nullable String partitionOf(Path path) {
        String name = fileName(path);
        int id = name.lastIndexOf('.');
        return id > 0 && name.endsWith("-" + FUTURE) ? name.substring(0, id) : null;
    }

    /** From now on the partition lies here: its copy is complete, and on the disk. */
    public void promote(String topic, int partition, PartitionLog future) throws IOException {
        String name = topic + "-" + partition;
        folderOf(future).move(root.resolve(name));
        logs.put(name, future);
    }

    /** Makes what was promoted durable. */
    public void syncNames() throws IOException {
        disk.syncFolder(root, SyncRule.PARTITION_FOLDERS);
    }

    /**
     * Gives up the copy of a partition, if there is one.
     *
     * @param topicId only a copy of a partition of that topic; null for any
     */
    public void dropFuture(String name, @Nullable Uuid topicId) throws IOException {
        for (Path folder : futuresOf(name)) {
            if (topicId == null || topicId.equals(PartitionMetadataFile.read(disk, folder))) {
                deleteFolder(folder);
            }
        }
    }

    /** Where the sound records of a partition that lies here end, or -1 if it does not. */
    private long endOf(String topic, int partition) throws IOException {
        Path folder = root.resolve(topic + "-" + partition);
        if (!disk.exists(folder)) {
            return -1;
        }
        long end = 0;
        for (Path file : disk.list(folder)) {
            end = Math.max(end, LogFiles.offsetIn(file, LogFiles.LOG));
        }
        Segment last = new Segment(disk, folder, end, 0);
        try {
            BatchReader reader = BatchReader.of(last, 0, last.size());
            while (reader.next() instanceof BatchReader.Next.Batch next
                    && next.batch().hasRightChecksum()) {
                end = next.batch().header().nextOffset();
            }
        } finally {
            last.letGo();
        }
        return end;
    }

    /**
     * Which of these folders a partition lies in, or null. A broker that died while it put a copy in its place may have
     * left two: then the one that goes farther.
     *
     * @param topicId a folder that belongs to another topic does not count; null if that need not be looked up
     */
    public static @Nullable LogDir holding(List<LogDir> folders, String topic, int partition, @Nullable Uuid topicId)
            throws IOException {
        List<LogDir> holding = new ArrayList<>();
        for (LogDir folder : folders) {
            if (!folder.isOffline() && folder.holds(topic + "-" + partition, topicId)) {
                holding.add(folder);
            }
        }
        if (holding.size() < 2) {
            return holding.isEmpty() ? null : holding.get(0);
        }
        LogDir farthest = holding.get(0);
        for (LogDir folder : holding) {
            farthest = folder.endOf(topic, partition) > farthest.endOf(topic, partition) ? folder : farthest;
        }
        LOG.warn("{}-{} lies in several log directories: taken from {}", topic, partition, farthest.root);
        return farthest;
    }

    private boolean holds(String name, @Nullable Uuid topicId) throws IOException {
        Path folder = root.resolve(name);
        if (!disk.exists(folder)) {
            return false;
        }
        Uuid found = topicId == null ? null : PartitionMetadataFile.read(disk, folder);
        return found == null || found.equals(topicId);
    }

    /** Puts aside all partition folders that nobody opened, and deletes what was left of deleted ones. */
    public void putStraysAside() throws IOException {
        for (Path path : disk.list(root)) {
            String name = fileName(path);
            if (name.endsWith("-delete")) {
                deleteFolder(path);
            } else if (disk.exists(path.resolve("partition.metadata"))
                    && !logs.containsKey(name)
                    && !name.endsWith("-" + FUTURE)
                    && !name.endsWith("-" + STRAY)) {
                LOG.warn("Folder {} belongs to no topic of this cluster: put aside", path);
                putAside(name, STRAY, null);
            }
        }
    }

    /** Takes a partition out, at once; its files are deleted later, on the flusher. */
    public void delete(String topic, int partition) throws IOException {
        PartitionLog log = logs.get(topic + "-" + partition);
        if (log != null) {
            delete(log);
        }
    }

    /**
     * The same for one log; nothing happens if it is not here, or another one has its name by now.
     *
     * @throws IOException if its folder cannot be renamed: {@link #deleteUnopened} tries again
     */
    public void delete(PartitionLog log) throws IOException {
        String name = fileName(folderOf(log).current());
        if (logs.remove(name, log)) {
            undeleted.put(name, log);
            deleteFolder(name, log.config().deleteDelayMs());
        }
    }

    /**
     * Deletes what is left of a partition that is not open here: its deletion has failed, or its opening. Does nothing
     * if the folder is gone, or another topic's.
     *
     * @throws IOException if the folder cannot be renamed
     */
    public void deleteUnopened(String topic, int partition, Uuid topicId) throws IOException {
        String name = topic + "-" + partition;
        Path folder = root.resolve(name);
        if (!logs.containsKey(name)
                && disk.exists(folder)
                && (topicId.equals(PartitionMetadataFile.read(disk, folder)) || isHalfMade(folder))) {
            deleteFolder(name, 0);
        }
    }

    /** The first thing that is written into a folder is whose it is, before any segment. */
    private boolean isHalfMade(Path folder) throws IOException {
        return PartitionMetadataFile.read(disk, folder) == null
                && disk.list(folder).stream().noneMatch(file -> LogFiles.offsetIn(file, LogFiles.LOG) >= 0);
    }

    private void deleteFolder(String name, long delayMs) throws IOException {
        Path doomed = putAside(name, "delete", undeleted.get(name));
        undeleted.remove(name);
        environment
                .background()
                .run(
                        () -> {
                            try {
                                deleteFolder(doomed);
                            } catch (IOException e) {
                                LOG.error("Deleting {} failed; the next start tries again", doomed, e);
                            }
                        },
                        delayMs);
    }

    /** @param log which lies there, and goes along; null if none was opened */
    private Path putAside(String name, String reason, @Nullable PartitionLog log) throws IOException {
        Path aside = aside(name, reason);
        if (log == null) {
            disk.rename(root.resolve(name), aside);
        } else {
            folderOf(log).move(aside);
        }
        return aside;
    }

    /** A name as Kafka gives it: the partition, a random id in hexadecimal, the reason. */
    private Path aside(String name, String reason) {
        String id = "%016x%016x"
                .formatted(environment.random().nextLong(), environment.random().nextLong());
        int longest = 255 - id.length() - reason.length() - 2;
        String kept = name.length() > longest ? name.substring(0, longest) : name;
        return root.resolve(kept + "." + id + "-" + reason);
    }

    private void deleteFolder(Path folder) throws IOException {
        for (Path file : disk.list(folder)) {
            disk.delete(file);
        }
        disk.delete(folder);
    }

    private static String fileName(Path path) {
        return Objects.requireNonNull(path.getFileName(), "a folder has a name").toString();
    }

    /** Writes down from where a recovery has to read, and where the logs begin and are compact. */
    public synchronized void checkpoint() throws IOException {
        if (isOffline()) {
            return;
        }
        checkpoints.write(logs, !allOpened);
    }

    /** Lets go of the files of all logs, and leaves them as they are. No lane may run any more. */
    public void leaveFiles() {
        logs.values().forEach(PartitionLog::leaveFiles);
        undeleted.values().forEach(PartitionLog::leaveFiles);
    }

    /** Closes all logs and notes that there is nothing to recover. No lane may run any more. */
    public void close() throws IOException {
        if (isOffline()) {
            LOG.warn("{} is offline: the next start has to recover it", root);
            leaveFiles();
            return;
        }
        try {
            LogClosing.closeAll(logs.values());
        } finally {
            leaveFiles();
        }
        checkpoint();
        ByteBuffer content = StandardCharsets.UTF_8.encode(CLEAN_SHUTDOWN_CONTENT);
        new SmallFile(disk, root.resolve(CLEAN_SHUTDOWN)).replace(content);
    }
}

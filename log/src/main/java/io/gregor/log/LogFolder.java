package io.gregor.log;

import io.gregor.wire.Uuid;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder of logs, one of {@code log.dirs}: a folder a partition, and the checkpoints that say from where a recovery
 * has to read. Thread-safe; each log in it belongs to its partition's lane.
 */
public final class LogFolder {
    private static final Logger LOG = LoggerFactory.getLogger(LogFolder.class);
    private static final String CLEAN_SHUTDOWN = ".kafka_cleanshutdown";
    private static final String CLEAN_SHUTDOWN_CONTENT = "{\"version\":0,\"brokerEpoch\":-1}";

    private final LogEnvironment environment;
    private final Disk disk;
    private final Path root;
    private final boolean clean;
    private final CheckpointFile recoveryPoints;
    private final CheckpointFile startOffsets;
    private final CheckpointFile highWatermarks;
    private final CheckpointFile compactedUpTo;
    private final Map<String, Long> knownRecoveryPoints;
    private final Map<String, Long> knownStartOffsets;
    private final Map<String, Long> knownCompacted;
    private final Map<String, PartitionLog> logs = new ConcurrentHashMap<>();
    /** Whom the checkpoints on the disk speak of. */
    private volatile Set<String> checkpointed;

    /**
     * Opens the folder, which must exist and belong to this broker alone.
     */
    public LogFolder(LogEnvironment environment, Path root) throws IOException {
        this.environment = environment;
        this.disk = environment.disk();
        this.root = root;
        recoveryPoints = new CheckpointFile(disk, root.resolve("recovery-point-offset-checkpoint"));
        startOffsets = new CheckpointFile(disk, root.resolve("log-start-offset-checkpoint"));
        highWatermarks = new CheckpointFile(disk, root.resolve("replication-offset-checkpoint"));
        compactedUpTo = new CheckpointFile(disk, root.resolve("cleaner-offset-checkpoint"));
        knownCompacted = offsets(compactedUpTo);
        knownRecoveryPoints = offsets(recoveryPoints);
        knownStartOffsets = offsets(startOffsets);
        checkpointed = new HashSet<>(knownRecoveryPoints.keySet());
        checkpointed.addAll(knownStartOffsets.keySet());
        checkpointed.addAll(knownCompacted.keySet());
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
    }

    private static Map<String, Long> offsets(CheckpointFile file) throws IOException {
        Map<String, Long> offsets = new HashMap<>();
        file.read(words -> Map.entry(words[0] + "-" + words[1], Long.parseLong(words[2])))
                .forEach(entry -> offsets.put(entry.getKey(), entry.getValue()));
        return offsets;
    }

    public Path root() {
        return root;
    }

    /** Whether the last broker on this folder stopped in order. */
    public boolean wasStoppedCleanly() {
        return clean;
    }

    /** Whether a folder of that partition lies here. */
    public boolean holds(String topic, int partition) {
        return disk.exists(root.resolve(topic + "-" + partition));
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
            putAside(folder, "stray");
            existed = false;
        }
        if (!existed && checkpointed.contains(name)) {
            // What the checkpoints say is about a log that was deleted.
            checkpoint();
        }
        long start = existed ? knownStartOffsets.getOrDefault(name, 0L) : 0;
        long recovered = existed ? knownRecoveryPoints.getOrDefault(name, 0L) : 0;
        long compacted = existed ? knownCompacted.getOrDefault(name, 0L) : 0;
        if (!topicId.equals(found)) {
            // Before any segment: nobody must take them for those of a later topic of that name.
            disk.createFolder(folder);
            PartitionMetadataFile.write(disk, folder, topicId);
        }
        PartitionLog log =
                new LogLoader(environment, folder, config, start, recovered, compacted, clean || !existed).load();
        logs.put(name, log);
        return log;
    }

    /** Puts aside all partition folders that nobody opened, and deletes what was left of deleted ones. */
    public void putStraysAside() throws IOException {
        for (Path path : disk.list(root)) {
            String name = fileName(path);
            if (name.endsWith("-delete")) {
                deleteFolder(path);
            } else if (disk.exists(path.resolve("partition.metadata"))
                    && !logs.containsKey(name)
                    && !name.endsWith("-stray")) {
                LOG.warn("Folder {} belongs to no topic of this cluster: put aside", path);
                putAside(path, "stray");
            }
        }
    }

    /** Takes a partition out, at once; its files are deleted later, on the flusher. */
    public void delete(String topic, int partition) throws IOException {
        String name = topic + "-" + partition;
        PartitionLog log = logs.remove(name);
        if (log == null) {
            return;
        }
        Path doomed = putAside(root.resolve(name), "delete");
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
                        log.config().deleteDelayMs());
    }

    /** Renames a folder as Kafka does: name, a random id in hexadecimal, the reason. */
    private Path putAside(Path folder, String reason) throws IOException {
        String name = fileName(folder);
        String id = "%016x%016x"
                .formatted(environment.random().nextLong(), environment.random().nextLong());
        int longest = 255 - id.length() - reason.length() - 2;
        String kept = name.length() > longest ? name.substring(0, longest) : name;
        Path aside = root.resolve(kept + "." + id + "-" + reason);
        disk.rename(folder, aside);
        return aside;
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
        Set<String> names = new HashSet<>();
        List<String> points = new ArrayList<>();
        List<String> starts = new ArrayList<>();
        List<String> marks = new ArrayList<>();
        List<String> clean = new ArrayList<>();
        logs.forEach((name, log) -> {
            names.add(name);
            int dash = name.lastIndexOf('-');
            String partition = name.substring(0, dash) + " " + name.substring(dash + 1) + " ";
            LogView view = log.view();
            points.add(partition + log.recoveryPoint());
            marks.add(partition + view.highWatermark());
            if (view.startOffset() > 0) {
                starts.add(partition + view.startOffset());
            }
            if (log.compactUpTo() > 0) {
                clean.add(partition + log.compactUpTo());
            }
        });
        recoveryPoints.write(points);
        highWatermarks.write(marks);
        startOffsets.write(starts);
        compactedUpTo.write(clean);
        checkpointed = names;
    }

    /** Closes all logs and notes that there is nothing to recover. No lane may run any more. */
    public void close() throws IOException {
        for (PartitionLog log : logs.values()) {
            log.close();
        }
        checkpoint();
        ByteBuffer content = StandardCharsets.UTF_8.encode(CLEAN_SHUTDOWN_CONTENT);
        LogFiles.replace(disk, root.resolve(CLEAN_SHUTDOWN), content);
    }
}

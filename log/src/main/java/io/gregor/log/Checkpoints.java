package io.gregor.log;

import io.gregor.log.disk.CheckpointFile;
import io.gregor.log.disk.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The checkpoints of a log directory: from where recovery reads each log, where it begins, how far it is compacted.
 * Reading is thread-safe, all else is guarded by the {@link LogDir}. Logs are named by their folders.
 */
final class Checkpoints {
    /** What was written down of one log; 0 where nothing was. */
    record Offsets(long start, long recovered, long compacted) {
        static final Offsets NONE = new Offsets(0, 0, 0);
    }

    /** Renames folders. */
    @FunctionalInterface
    interface Renaming {
        void run() throws IOException;
    }

    private final CheckpointFile recoveryPoints;
    private final CheckpointFile startOffsets;
    private final CheckpointFile highWatermarks;
    private final CheckpointFile compactedUpTo;
    private final Map<String, Long> knownRecoveryPoints;
    private final Map<String, Long> knownStartOffsets;
    private final Map<String, Long> knownCompacted;
    /** The logs that the files on the disk name. */
    private volatile Set<String> written;

    Checkpoints(Disk disk, Path root) throws IOException {
        recoveryPoints = new CheckpointFile(disk, root.resolve("recovery-point-offset-checkpoint"));
        startOffsets = new CheckpointFile(disk, root.resolve("log-start-offset-checkpoint"));
        highWatermarks = new CheckpointFile(disk, root.resolve("replication-offset-checkpoint"));
        compactedUpTo = new CheckpointFile(disk, root.resolve("cleaner-offset-checkpoint"));
        knownCompacted = read(compactedUpTo);
        knownRecoveryPoints = read(recoveryPoints);
        knownStartOffsets = read(startOffsets);
        written = new HashSet<>(knownRecoveryPoints.keySet());
        written.addAll(knownStartOffsets.keySet());
        written.addAll(knownCompacted.keySet());
    }

    private static Map<String, Long> read(CheckpointFile file) throws IOException {
        Map<String, Long> offsets = new ConcurrentHashMap<>();
        file.read(words -> Map.entry(words[0] + "-" + words[1], Long.parseLong(words[2])))
                .forEach(entry -> offsets.put(entry.getKey(), entry.getValue()));
        return offsets;
    }

    /** What the files said at the start, and still holds. */
    Offsets of(String name) {
        return new Offsets(
                knownStartOffsets.getOrDefault(name, 0L),
                knownRecoveryPoints.getOrDefault(name, 0L),
                knownCompacted.getOrDefault(name, 0L));
    }

    /** What was read of that name no longer holds; true if the files have to be written again. */
    boolean forget(String name) {
        if (!written.contains(name)) {
            return false;
        }
        knownRecoveryPoints.remove(name);
        knownStartOffsets.remove(name);
        knownCompacted.remove(name);
        return true;
    }

    /**
     * Has folders renamed. While it happens the files say nothing of these names, so that after a crash no offset
     * counts for another log; afterwards each log has what was known of it, also if it takes several starts.
     */
    void rename(
            List<PartitionDirNames.Rename> renames,
            RenamedOffsets renamed,
            Map<String, PartitionLog> logs,
            Renaming renaming)
            throws IOException {
        Map<String, Offsets> moved = renamed.read();
        if (renames.isEmpty() && moved.isEmpty()) {
            return;
        }
        for (PartitionDirNames.Rename rename : renames) {
            Offsets offsets = of(rename.from());
            String owner = offsets.equals(Offsets.NONE) ? null : renamed.ownerOf(rename.from());
            if (owner != null) {
                moved.putIfAbsent(owner, offsets);
            }
        }
        renamed.write(moved);
        boolean changed = false;
        for (PartitionDirNames.Rename rename : renames) {
            changed |= forget(rename.from());
            changed |= forget(rename.to());
        }
        if (changed) {
            write(logs, true);
        }
        renaming.run();
        renamed.byName(moved).forEach((name, offsets) -> {
            knownStartOffsets.put(name, offsets.start());
            knownRecoveryPoints.put(name, offsets.recovered());
            knownCompacted.put(name, offsets.compacted());
        });
        write(logs, true);
        renamed.delete();
    }

    /**
     * Writes the files.
     *
     * @param logs those that are open, by name
     * @param withUnopened whether what was read at the start still counts for logs that are not open
     */
    void write(Map<String, PartitionLog> logs, boolean withUnopened) throws IOException {
        Map<String, Long> points = new TreeMap<>(withUnopened ? knownRecoveryPoints : Map.of());
        Map<String, Long> starts = new TreeMap<>(withUnopened ? knownStartOffsets : Map.of());
        Map<String, Long> compacted = new TreeMap<>(withUnopened ? knownCompacted : Map.of());
        Map<String, Long> marks = new TreeMap<>();
        logs.forEach((name, log) -> {
            points.put(name, log.recoveryPoint());
            starts.put(name, log.view().startOffset());
            compacted.put(name, log.compactUpTo());
            marks.put(name, log.view().highWatermark());
        });
        starts.values().removeIf(offset -> offset == 0);
        compacted.values().removeIf(offset -> offset == 0);
        recoveryPoints.write(entries(points));
        highWatermarks.write(entries(marks));
        startOffsets.write(entries(starts));
        compactedUpTo.write(entries(compacted));
        Set<String> names = new HashSet<>(points.keySet());
        names.addAll(starts.keySet());
        names.addAll(compacted.keySet());
        written = names;
    }

    private static List<String> entries(Map<String, Long> offsets) {
        List<String> entries = new ArrayList<>();
        offsets.forEach((name, offset) -> {
            int dash = name.lastIndexOf('-');
            entries.add(name.substring(0, dash) + " " + name.substring(dash + 1) + " " + offset);
        });
        return entries;
    }
}

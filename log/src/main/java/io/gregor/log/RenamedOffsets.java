package io.gregor.log;

import io.gregor.log.Checkpoints.Offsets;
import io.gregor.log.disk.CheckpointFile;
import io.gregor.log.disk.Disk;
import io.gregor.log.disk.PartitionMetadataFile;
import io.gregor.log.disk.SyncRule;
import io.gregor.wire.Uuid;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the checkpoints of a log directory said of partitions whose folders get other names, by the topic's id: a file
 * that is there until the checkpoints say it of the new names, however often the broker dies meanwhile. Confined to one
 * thread.
 */
final class RenamedOffsets {
    private static final String NAME = "gregor-renamed-offset-checkpoint";

    private final Disk disk;
    private final Path root;
    private final CheckpointFile file;

    RenamedOffsets(Disk disk, Path root) {
        this.disk = disk;
        this.root = root;
        file = new CheckpointFile(disk, root.resolve(NAME));
    }

    /** What the file says, by {@link #ownerOf}. */
    Map<String, Offsets> read() throws IOException {
        Map<String, Offsets> offsets = new TreeMap<>();
        file.read(words -> Map.entry(
                        words[0] + " " + words[1],
                        new Offsets(Long.parseLong(words[2]), Long.parseLong(words[3]), Long.parseLong(words[4]))))
                .forEach(entry -> offsets.put(entry.getKey(), entry.getValue()));
        return offsets;
    }

    /** Durable when it returns. */
    void write(Map<String, Offsets> offsets) throws IOException {
        List<String> entries = new ArrayList<>();
        offsets.forEach((owner, known) ->
                entries.add(owner + " " + known.start() + " " + known.recovered() + " " + known.compacted()));
        file.write(entries);
    }

    /** For good: later they would be out of date. */
    void delete() throws IOException {
        disk.delete(root.resolve(NAME));
        disk.syncFolder(root, SyncRule.SMALL_FILE_NAMES);
    }

    /** The partition in the folder of that name: the id of its topic, its number; null if that is not known. */
    @Nullable
    String ownerOf(String name) throws IOException {
        Uuid topicId = PartitionMetadataFile.read(disk, root.resolve(name));
        return topicId == null ? null : topicId + " " + name.substring(name.lastIndexOf('-') + 1);
    }

    /** What is known of the partitions by the names that their folders have now. */
    Map<String, Offsets> byName(Map<String, Offsets> byOwner) throws IOException {
        Map<String, Offsets> offsets = new TreeMap<>();
        for (Path folder : disk.list(root)) {
            String name = String.valueOf(folder.getFileName());
            String owner = PartitionDirNames.isStray(name) ? null : ownerOf(name);
            Offsets known = owner == null ? null : byOwner.get(owner);
            if (known != null) {
                offsets.put(name, known);
            }
        }
        return offsets;
    }
}

package io.gregor.log;

import io.gregor.log.disk.Disk;
import io.gregor.log.disk.LogFiles;
import io.gregor.log.disk.PartitionMetadataFile;
import io.gregor.wire.Uuid;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Which folders of a log directory do not have the name that the metadata have for their topic: the topic was renamed,
 * or the folder was put aside for another topic of that name. Confined to one thread, before any log is opened. Nothing
 * is deleted, and a folder that has the right name and records stays where it is.
 */
final class PartitionDirNames {
    private static final String STRAY = "-stray";
    /** Behind the name of a folder that was put aside: a dot, a random id in hexadecimal, the reason. */
    private static final int ASIDE_LENGTH = 1 + 32 + STRAY.length();
    /** A longer name lost its end when it was put aside, and with it the number of the partition. */
    private static final int NAME_MAX = 255;

    /** One folder gets another name. */
    record Rename(String from, String to) {}

    private final Disk disk;
    private final Path root;
    private final UnaryOperator<String> strayName;
    private final Function<Uuid, @Nullable String> topicNames;

    /**
     * @param root a log directory
     * @param strayName a new name for a folder that is put aside, each time another one
     * @param topicNames by the topic's id, null for topics that do not exist
     */
    PartitionDirNames(
            Disk disk, Path root, UnaryOperator<String> strayName, Function<Uuid, @Nullable String> topicNames) {
        this.disk = disk;
        this.root = root;
        this.strayName = strayName;
        this.topicNames = topicNames;
    }

    static boolean isStray(String name) {
        return name.endsWith(STRAY);
    }

    /**
     * What has to be renamed, in this order. Of several folders of one partition the largest gets the name; the others
     * stay beside it, or are put aside.
     */
    List<Rename> renames() throws IOException {
        Map<String, String> chosen = new LinkedHashMap<>();
        for (Path folder : disk.list(root)) {
            String right = rightName(folder);
            if (right != null) {
                String name = String.valueOf(folder.getFileName());
                String other = chosen.get(right);
                chosen.put(right, other == null || isBetter(name, other, right) ? name : other);
            }
        }
        List<Rename> renames = new ArrayList<>();
        // First those in whose place another one comes, which may have a place of their own.
        for (String right : List.copyOf(chosen.keySet())) {
            if (!right.equals(chosen.get(right)) && disk.exists(root.resolve(right))) {
                String aside = strayName.apply(right);
                renames.add(new Rename(right, aside));
                chosen.replaceAll((name, folder) -> folder.equals(right) ? aside : folder);
            }
        }
        chosen.forEach((right, folder) -> {
            if (!right.equals(folder)) {
                renames.add(new Rename(folder, right));
            }
        });
        return renames;
    }

    /** The name that the folder should have; null if it is none of a partition whose topic exists. */
    private @Nullable String rightName(Path folder) throws IOException {
        String name = String.valueOf(folder.getFileName());
        boolean stray = isStray(name);
        String partition = stray ? name.substring(0, Math.max(0, name.length() - ASIDE_LENGTH)) : name;
        int dash = partition.lastIndexOf('-');
        boolean isPartition = dash > 0
                && partition.substring(dash + 1).matches("[0-9]{1,9}")
                && !(stray && name.length() >= NAME_MAX);
        Uuid id = isPartition ? PartitionMetadataFile.read(disk, folder) : null;
        String topic = id == null ? null : topicNames.apply(id);
        return topic == null ? null : topic + partition.substring(dash);
    }

    private boolean isBetter(String folder, String other, String right) throws IOException {
        if (folder.equals(right) || other.equals(right)) {
            return folder.equals(right) == recordBytes(right) > 0;
        }
        return recordBytes(folder) > recordBytes(other);
    }

    private long recordBytes(String folder) throws IOException {
        long bytes = 0;
        for (Path file : disk.list(root.resolve(folder))) {
            bytes += LogFiles.offsetIn(file, LogFiles.LOG) >= 0 ? disk.size(file) : 0;
        }
        return bytes;
    }
}

package io.gregor.broker.storage;

import io.gregor.broker.config.InvalidConfigException;
import io.gregor.log.disk.Disk;
import io.gregor.log.disk.SmallFile;
import io.gregor.wire.Uuid;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The file {@code meta.properties} of a data folder: which cluster, node and folder it is. Written once. */
public record MetaProperties(String clusterId, int nodeId, Uuid directoryId) {
    /**
     * Null if the folder has no such file yet.
     *
     * @throws IOException if the file cannot be read, or is damaged
     */
    public static @Nullable MetaProperties read(Disk disk, Path folder, RandomGenerator random) throws IOException {
        SmallFile file = file(disk, folder);
        ByteBuffer content = file.read();
        if (content == null) {
            return null;
        }
        Map<String, String> values = values(content);
        String node = values.getOrDefault("node.id", values.getOrDefault("broker.id", ""));
        String directory = values.get("directory.id");
        try {
            return new MetaProperties(
                    values.getOrDefault("cluster.id", ""),
                    Integer.parseInt(node),
                    directory == null ? Uuid.random(random) : Uuid.parse(directory));
        } catch (IllegalArgumentException e) {
            throw new IOException(file.path() + " is damaged", e);
        }
    }

    /**
     * What holds for this node, from what the folders say; written where nothing is.
     *
     * @param known by folder, the first of which holds the metadata
     * @param newClusterId of a cluster that begins here, or null to make one up
     * @throws InvalidConfigException if a folder belongs to another node or cluster
     */
    public static MetaProperties settle(
            Disk disk,
            Map<Path, Optional<MetaProperties>> known,
            @Nullable String newClusterId,
            int nodeId,
            RandomGenerator random)
            throws IOException {
        MetaProperties first = known.values().stream()
                .flatMap(Optional::stream)
                .findFirst()
                .orElseGet(() -> new MetaProperties(
                        newClusterId == null ? Uuid.random(random).toString() : newClusterId,
                        nodeId,
                        Uuid.random(random)));
        for (Map.Entry<Path, Optional<MetaProperties>> folder : known.entrySet()) {
            MetaProperties found = folder.getValue().orElse(first);
            check(folder.getKey(), "node.id", "" + found.nodeId, "" + nodeId);
            check(folder.getKey(), "cluster.id", found.clusterId, first.clusterId);
        }
        Uuid directory = first.directoryId;
        for (Map.Entry<Path, Optional<MetaProperties>> folder : known.entrySet()) {
            if (folder.getValue().isEmpty()) {
                new MetaProperties(first.clusterId, nodeId, directory).write(disk, folder.getKey());
            }
            directory = Uuid.random(random);
        }
        return first;
    }

    private static void check(Path folder, String key, String found, String expected) {
        if (!found.equals(expected)) {
            throw new InvalidConfigException(
                    "log.dirs=" + folder + ": the directory has " + key + "=" + found + ", allowed is " + expected);
        }
    }

    private static Map<String, String> values(ByteBuffer content) {
        Map<String, String> values = new HashMap<>();
        for (String line :
                StandardCharsets.UTF_8.decode(content).toString().lines().toList()) {
            int equals = line.indexOf('=');
            if (!line.startsWith("#") && equals > 0) {
                values.put(
                        line.substring(0, equals).trim(),
                        line.substring(equals + 1).trim());
            }
        }
        return values;
    }

    private static SmallFile file(Disk disk, Path folder) {
        return new SmallFile(disk, folder.resolve("meta.properties"));
    }

    private void write(Disk disk, Path folder) throws IOException {
        file(disk, folder)
                .replace(StandardCharsets.UTF_8.encode("cluster.id=" + clusterId + "\ndirectory.id=" + directoryId
                        + "\nnode.id=" + nodeId + "\nversion=1\n"));
    }
}

package io.gregor.broker.storage;

import io.gregor.broker.config.InvalidConfigException;
import io.gregor.wire.Uuid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The file {@code meta.properties} of a data folder: which cluster, node and folder it is. Written once. */
public record MetaProperties(String clusterId, int nodeId, Uuid directoryId) {
    private static final String NAME = "meta.properties";

    /**
     * Null if the folder has no such file yet.
     *
     * @throws IOException if the file cannot be read, or is damaged
     */
    public static @Nullable MetaProperties read(Path folder, RandomGenerator random) throws IOException {
        Path file = folder.resolve(NAME);
        if (!Files.exists(file)) {
            return null;
        }
        Map<String, String> values = values(file);
        String node = values.getOrDefault("node.id", values.getOrDefault("broker.id", ""));
        String directory = values.get("directory.id");
        try {
            return new MetaProperties(
                    values.getOrDefault("cluster.id", ""),
                    Integer.parseInt(node),
                    directory == null ? Uuid.random(random) : Uuid.parse(directory));
        } catch (IllegalArgumentException e) {
            throw new IOException(file + " is damaged", e);
        }
    }

    /**
     * What holds for this node, from what the folders say; written where nothing is.
     *
     * @param known by folder, the first of which holds the metadata
     * @throws InvalidConfigException if a folder belongs to another node or cluster
     */
    public static MetaProperties settle(Map<Path, Optional<MetaProperties>> known, int nodeId, RandomGenerator random)
            throws IOException {
        MetaProperties first = known.values().stream()
                .flatMap(Optional::stream)
                .findFirst()
                .orElseGet(() -> new MetaProperties(Uuid.random(random).toString(), nodeId, Uuid.random(random)));
        for (Map.Entry<Path, Optional<MetaProperties>> folder : known.entrySet()) {
            MetaProperties found = folder.getValue().orElse(first);
            check(folder.getKey(), "node.id", "" + found.nodeId, "" + nodeId);
            check(folder.getKey(), "cluster.id", found.clusterId, first.clusterId);
        }
        Uuid directory = first.directoryId;
        for (Map.Entry<Path, Optional<MetaProperties>> folder : known.entrySet()) {
            if (folder.getValue().isEmpty()) {
                new MetaProperties(first.clusterId, nodeId, directory).write(folder.getKey());
            }
            directory = Uuid.random(random);
        }
        return first;
    }

    private static void check(Path folder, String key, String found, String expected) {
        if (!found.equals(expected)) {
            throw new InvalidConfigException(
                    "log.dirs=" + folder + ": the folder has " + key + "=" + found + ", allowed is " + expected);
        }
    }

    private static Map<String, String> values(Path file) throws IOException {
        Map<String, String> values = new HashMap<>();
        for (String line : Files.readAllLines(file)) {
            int equals = line.indexOf('=');
            if (!line.startsWith("#") && equals > 0) {
                values.put(
                        line.substring(0, equals).trim(),
                        line.substring(equals + 1).trim());
            }
        }
        return values;
    }

    private void write(Path folder) throws IOException {
        Path temporary = folder.resolve(NAME + ".tmp");
        Files.writeString(
                temporary,
                "cluster.id=" + clusterId + "\ndirectory.id=" + directoryId + "\nnode.id=" + nodeId + "\nversion=1\n");
        Files.move(temporary, folder.resolve(NAME), StandardCopyOption.ATOMIC_MOVE);
    }
}

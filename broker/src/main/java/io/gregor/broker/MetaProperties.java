package io.gregor.broker;

import io.gregor.broker.config.InvalidConfigException;
import io.gregor.wire.Uuid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The file {@code meta.properties} of a data folder: which cluster, node and folder it is. Written once. */
record MetaProperties(String clusterId, int nodeId, Uuid directoryId) {
    private static final String NAME = "meta.properties";

    /**
     * Reads the file of each folder, and writes it where it is missing.
     *
     * @throws InvalidConfigException if a folder belongs to another node or cluster
     */
    static MetaProperties loadOrCreate(List<Path> folders, int nodeId, RandomGenerator random) throws IOException {
        String clusterId = null;
        MetaProperties first = null;
        for (Path folder : folders) {
            Path file = folder.resolve(NAME);
            if (Files.exists(file)) {
                Map<String, String> values = read(file);
                check(folder, "node.id", values.getOrDefault("node.id", values.get("broker.id")), "" + nodeId);
                if (clusterId != null) {
                    check(folder, "cluster.id", values.get("cluster.id"), clusterId);
                }
                clusterId = values.getOrDefault("cluster.id", "");
                Uuid directory = values.containsKey("directory.id")
                        ? Uuid.parse(values.getOrDefault("directory.id", ""))
                        : Uuid.random(random);
                first = first == null ? new MetaProperties(clusterId, nodeId, directory) : first;
            }
        }
        if (first == null) {
            first = new MetaProperties(Uuid.random(random).toString(), nodeId, Uuid.random(random));
        }
        for (Path folder : folders) {
            if (!Files.exists(folder.resolve(NAME))) {
                Uuid directory = folder.equals(folders.get(0)) ? first.directoryId : Uuid.random(random);
                new MetaProperties(first.clusterId, nodeId, directory).write(folder);
            }
        }
        return first;
    }

    private static void check(Path folder, String key, @Nullable String found, String expected) {
        if (found != null && !found.equals(expected)) {
            throw new InvalidConfigException(
                    "log.dirs=" + folder + ": the folder has " + key + "=" + found + ", allowed is " + expected);
        }
    }

    private static Map<String, String> read(Path file) throws IOException {
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

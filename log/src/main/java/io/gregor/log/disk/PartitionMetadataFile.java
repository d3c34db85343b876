package io.gregor.log.disk;

import io.gregor.wire.Uuid;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The file {@code partition.metadata}: which topic id the records in a partition's folder belong to. */
public final class PartitionMetadataFile {
    private static final String NAME = "partition.metadata";
    private static final String TOPIC_ID = "topic_id: ";

    private PartitionMetadataFile() {}

    /** Null if the file is missing or damaged: the cluster's metadata knows the id too. */
    public static @Nullable Uuid read(Disk disk, Path folder) throws IOException {
        ByteBuffer content = new SmallFile(disk, folder.resolve(NAME)).readIfPossible();
        if (content == null) {
            return null;
        }
        for (String line : StandardCharsets.UTF_8.decode(content).toString().split("\n", -1)) {
            if (line.startsWith(TOPIC_ID)) {
                try {
                    return Uuid.parse(line.substring(TOPIC_ID.length()));
                } catch (IllegalArgumentException e) {
                    return null;
                }
            }
        }
        return null;
    }

    public static void write(Disk disk, Path folder, Uuid topicId) throws IOException {
        String text = "version: 0\n" + TOPIC_ID + topicId;
        new SmallFile(disk, folder.resolve(NAME)).replaceAtomically(StandardCharsets.UTF_8.encode(text));
    }
}

package io.gregor.log.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A text file of Kafka's checkpoint format: a line with the version (0), a line with the number of entries, then a line
 * an entry. Written whole each time. Thread-safe as far as the disk is.
 */
public final class CheckpointFile {
    private static final Logger LOG = LoggerFactory.getLogger(CheckpointFile.class);

    private final SmallFile file;

    public CheckpointFile(Disk disk, Path file) {
        this.file = new SmallFile(disk, file);
    }

    /**
     * The entries; none if the file is missing or damaged, since what it says can be found in the logs.
     *
     * @param parse reads one entry, given its words
     */
    public <T> List<T> read(Function<String[], T> parse) throws IOException {
        ByteBuffer content = file.readIfPossible();
        if (content == null) {
            return List.of();
        }
        List<String> lines =
                StandardCharsets.UTF_8.decode(content).toString().lines().toList();
        boolean whole =
                lines.size() >= 2 && lines.get(0).equals("0") && lines.get(1).equals(String.valueOf(lines.size() - 2));
        try {
            if (whole) {
                return lines.subList(2, lines.size()).stream()
                        .map(line -> parse.apply(line.split(" ", -1)))
                        .toList();
            }
        } catch (NumberFormatException | IndexOutOfBoundsException e) {
            LOG.debug("{} holds an entry that is none", file.path(), e);
        }
        LOG.warn("{} is damaged, and made again from the logs", file.path());
        return List.of();
    }

    /** Durable when it returns. */
    public void write(List<String> entries) throws IOException {
        file.replace(encode(entries));
    }

    /** Durable some time later: for what a recovery finds out again. */
    public void writeLazily(List<String> entries) throws IOException {
        file.replaceLazily(encode(entries));
    }

    private static ByteBuffer encode(List<String> entries) {
        StringBuilder text = new StringBuilder("0\n").append(entries.size()).append('\n');
        entries.forEach(entry -> text.append(entry).append('\n'));
        return StandardCharsets.UTF_8.encode(text.toString());
    }
}

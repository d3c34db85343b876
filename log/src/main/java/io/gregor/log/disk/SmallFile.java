package io.gregor.log.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A small file that is only read and replaced as a whole: checkpoints, snapshots, the state of a node. Thread-safe as
 * far as the disk is, for one writer at a time. Its content is held in memory, {@value #BYTES_MAX} bytes at most.
 */
public record SmallFile(Disk disk, Path path) {
    private static final Logger LOG = LoggerFactory.getLogger(SmallFile.class);
    /** What the name of a file ends with that is not whole yet. */
    public static final String TEMPORARY = ".tmp";

    private static final int BYTES_MAX = 64 * 1024 * 1024;

    /**
     * The whole content, or null if there is no such file.
     *
     * @throws CorruptLogException if it is larger than any such file gets
     */
    public @Nullable ByteBuffer read() throws IOException {
        if (!disk.exists(path)) {
            return null;
        }
        DiskFile in;
        try {
            in = disk.open(path);
        } catch (NoSuchFileException e) {
            return null;
        }
        try {
            long size = in.size();
            if (size > BYTES_MAX) {
                throw new CorruptLogException(path, BYTES_MAX, "a file of " + size + " bytes");
            }
            ByteBuffer content = ByteBuffer.allocate((int) size);
            in.read(content, 0);
            return content.flip();
        } finally {
            in.close();
        }
    }

    /** As {@link #read}; null, too, for a file that is larger than any such file gets. */
    @Nullable
    public ByteBuffer readIfPossible() throws IOException {
        try {
            return read();
        } catch (CorruptLogException e) {
            LOG.warn("{}: it is passed over", e.getMessage());
            return null;
        }
    }

    /** Replaces the content; the new one is durable on return. */
    public void replace(ByteBuffer content) throws IOException {
        replaceAtomically(content);
        disk.syncFolder(LogFiles.parent(path), SyncRule.SMALL_FILE_NAMES);
    }

    /** Writes the content of a file into another one, which is empty, in as many pieces as it likes. */
    public interface Content {
        void writeTo(DiskFile file) throws IOException;
    }

    /** Replaces the content by one that need not be in memory; the new one is durable on return. */
    public void replace(Content content) throws IOException {
        disk.rename(writeTemporary(content, true), path);
        disk.syncFolder(LogFiles.parent(path), SyncRule.SMALL_FILE_NAMES);
    }

    /** Replaces the content; after a power loss the old or the new one is there. */
    void replaceAtomically(ByteBuffer content) throws IOException {
        disk.rename(writeTemporary(file -> file.write(content, 0), true), path);
    }

    /** Replaces the content, which must be such that it can be made again: after a power loss it may be torn. */
    public void replaceLazily(ByteBuffer content) throws IOException {
        disk.rename(writeTemporary(file -> file.write(content, 0), false), path);
    }

    private Path writeTemporary(Content content, boolean durable) throws IOException {
        Path temporary = path.resolveSibling(path.getFileName() + TEMPORARY);
        disk.create(temporary);
        DiskFile out = disk.open(temporary);
        try {
            out.truncate(0);
            content.writeTo(out);
            if (durable) {
                out.force(SyncRule.SMALL_FILES);
            }
        } finally {
            out.close();
        }
        return temporary;
    }
}

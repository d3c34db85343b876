package io.gregor.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A small file that is only read and replaced as a whole: checkpoints, snapshots, the state of a node. Thread-safe as
 * far as the disk is, for one writer at a time. Its content is held in memory, 2 GB at most.
 */
public record SmallFile(Disk disk, Path path) {
    /** The whole content, or null if there is no such file. */
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
            ByteBuffer content = ByteBuffer.allocate(Math.toIntExact(in.size()));
            in.read(content, 0);
            return content.flip();
        } finally {
            in.close();
        }
    }

    /** Replaces the content; the new one is durable on return. */
    public void replace(ByteBuffer content) throws IOException {
        replaceAtomically(content);
        disk.syncFolder(LogFiles.parent(path), SyncRule.SMALL_FILE_NAMES);
    }

    /** Replaces the content; after a power loss the old or the new one is there. */
    void replaceAtomically(ByteBuffer content) throws IOException {
        disk.rename(writeTemporary(content, true), path);
    }

    /** Replaces the content, which must be such that it can be made again: after a power loss it may be torn. */
    void replaceLazily(ByteBuffer content) throws IOException {
        disk.rename(writeTemporary(content, false), path);
    }

    private Path writeTemporary(ByteBuffer content, boolean durable) throws IOException {
        Path temporary = path.resolveSibling(path.getFileName() + ".tmp");
        disk.create(temporary);
        DiskFile out = disk.open(temporary);
        try {
            out.truncate(0);
            out.write(content, 0);
            if (durable) {
                out.force(SyncRule.SMALL_FILES);
            }
        } finally {
            out.close();
        }
        return temporary;
    }
}

package io.gregor.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Names of the files in a log's folder, and whole small files written so that a crash leaves the old or the new one.
 */
final class LogFiles {
    static final int OFFSET_DIGITS = 20;
    static final String LOG = ".log";
    static final String OFFSET_INDEX = ".index";
    static final String TIME_INDEX = ".timeindex";
    static final String TRANSACTION_INDEX = ".txnindex";
    static final String SNAPSHOT = ".snapshot";

    /** Suffixes behind the usual ones: what compaction has begun, what it has finished, what is to be deleted. */
    static final String CLEANED = ".cleaned";

    static final String SWAP = ".swap";
    static final String DELETED = ".deleted";

    /** All files of a segment, the log first: what has a log is a segment. */
    static final List<String> OF_SEGMENT = List.of(LOG, OFFSET_INDEX, TIME_INDEX, TRANSACTION_INDEX);

    private LogFiles() {}

    /** The base offset with 20 digits, then the suffix. */
    static Path path(Path folder, long offset, String suffix) {
        return folder.resolve("%020d%s".formatted(offset, suffix));
    }

    /** The offset in a name that ends with that suffix, or -1 if it is no such name. */
    static long offsetIn(Path file, String suffix) {
        String name = file.getFileName().toString();
        if (!name.endsWith(suffix) || name.length() != OFFSET_DIGITS + suffix.length()) {
            return -1;
        }
        for (int i = 0; i < OFFSET_DIGITS; i++) {
            if (!Character.isDigit(name.charAt(i))) {
                return -1;
            }
        }
        return Long.parseLong(name.substring(0, OFFSET_DIGITS));
    }

    /** Replaces a file that can be made again from the log: after a power failure it may be torn. */
    static void replaceLazily(Disk disk, Path file, ByteBuffer content) throws IOException {
        disk.rename(writeTemporary(disk, file, content, false), file);
    }

    /** Replaces a file so that, whatever happens, the old or the new one is there. */
    static void replaceWhole(Disk disk, Path file, ByteBuffer content) throws IOException {
        disk.rename(writeTemporary(disk, file, content, true), file);
    }

    /** The same, but the new one is there after it returns. */
    static void replace(Disk disk, Path file, ByteBuffer content) throws IOException {
        replaceWhole(disk, file, content);
        disk.syncFolder(parent(file), SyncRule.SMALL_FILE_NAMES);
    }

    private static Path writeTemporary(Disk disk, Path file, ByteBuffer content, boolean durable) throws IOException {
        Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
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

    /** The whole file, or null if there is none. */
    static @Nullable ByteBuffer readAll(Disk disk, Path file) throws IOException {
        if (!disk.exists(file)) {
            return null;
        }
        DiskFile in = disk.open(file);
        try {
            ByteBuffer content = ByteBuffer.allocate(Math.toIntExact(in.size()));
            in.read(content, 0);
            return content.flip();
        } finally {
            in.close();
        }
    }

    static Path parent(Path file) {
        Path parent = file.getParent();
        if (parent == null) {
            throw new IllegalArgumentException(file + " has no folder");
        }
        return parent;
    }
}

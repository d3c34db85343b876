package io.gregor.log.disk;

import java.nio.file.Path;
import java.util.List;

/** Names of the files in a log's folder. Pure. */
public final class LogFiles {
    public static final int OFFSET_DIGITS = 20;
    public static final String LOG = ".log";
    public static final String OFFSET_INDEX = ".index";
    static final String TIME_INDEX = ".timeindex";
    static final String TRANSACTION_INDEX = ".txnindex";
    public static final String SNAPSHOT = ".snapshot";

    /** Suffixes behind the usual ones: what compaction has begun, what it has finished, what is to be deleted. */
    public static final String CLEANED = ".cleaned";

    public static final String SWAP = ".swap";
    /** What is sound in a damaged {@link #SWAP} file, until it takes that one's place. */
    public static final String RESCUED = ".rescued";

    public static final String DELETED = ".deleted";

    /** All files of a segment, the log first: what has a log is a segment. */
    public static final List<String> OF_SEGMENT = List.of(LOG, OFFSET_INDEX, TIME_INDEX, TRANSACTION_INDEX);

    private LogFiles() {}

    /** The base offset with 20 digits, then the suffix. */
    public static Path path(Path folder, long offset, String suffix) {
        return folder.resolve("%020d%s".formatted(offset, suffix));
    }

    /** The offset in a name that ends with that suffix, or -1 if it is no such name. */
    public static long offsetIn(Path file, String suffix) {
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

    public static Path parent(Path file) {
        Path parent = file.getParent();
        if (parent == null) {
            throw new IllegalArgumentException(file + " has no folder");
        }
        return parent;
    }
}

package io.gregor.log.disk;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Bytes of a log's file that are not what was written there. Immutable. It concerns one partition: others go on, and so
 * does all of this one that lies elsewhere.
 */
public final class CorruptLogException extends IOException {
    /**
     * @param position where in the file the damage begins, in bytes
     * @param reason what is wrong there
     */
    public CorruptLogException(Path file, long position, String reason) {
        super(file + " is damaged at position " + position + ": " + reason);
    }
}

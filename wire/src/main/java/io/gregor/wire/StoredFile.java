package io.gregor.wire;

import java.nio.channels.FileChannel;

/**
 * A file of which pieces are sent as parts of messages. It is open as long as somebody uses it: whoever sends from it
 * retains it first and releases it once after. Thread-safe.
 */
public interface StoredFile {
    /** To be used between {@link #retain} and {@link #release} only. */
    FileChannel channel();

    /** Keeps the file open; false if it is closed already, and then for good. */
    boolean retain();

    /** The last one who releases the file closes it. */
    void release();
}

package io.gregor.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * An open file. Reads may run on any thread, writes on one. What readers may have is closed by the garbage collector,
 * once none can reach it any more: a sendfile in flight never finds its file closed.
 */
public interface DiskFile {
    /** In bytes. */
    long size() throws IOException;

    /**
     * Fills the buffer from that position on, as far as there is data.
     *
     * @return the number of bytes read, which is less than the buffer had room for only at the end of the file
     */
    int read(ByteBuffer into, long position) throws IOException;

    /** Writes all that remains in the buffer. If it throws, any part of it may have been written. */
    void write(ByteBuffer from, long position) throws IOException;

    void truncate(long size) throws IOException;

    /** Returns when all that was written is on the disk. */
    void force(SyncRule why) throws IOException;

    /** For sendfile. */
    FileChannel channel();

    /** For files that nobody else has: temporary ones, and all as long as nobody reads the log yet. */
    void close() throws IOException;
}

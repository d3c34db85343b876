package io.gregor.log.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * An open file, closed once by whoever has opened it. Reads may run on any thread, writes on one.
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

    /** Nobody may use it any more. */
    void close() throws IOException;
}

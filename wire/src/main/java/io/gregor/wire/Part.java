package io.gregor.wire;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** A run of bytes of a message, wherever it lies: what a message sink yields, and what a records field holds. */
public sealed interface Part {
    Part EMPTY = new InMemory(ByteBuffer.allocate(0).asReadOnlyBuffer());

    /** In bytes. */
    int size();

    /** Bytes between the buffer's position and limit. Whoever reads them works on a duplicate. */
    record InMemory(ByteBuffer bytes) implements Part {
        @Override
        public int size() {
            return bytes.remaining();
        }
    }

    /** Bytes of a file that nobody needs to read into memory: they go to a socket by sendfile. */
    record InFile(FileChannel file, long position, int size) implements Part {}
}

package io.gregor.wire;

import java.nio.ByteBuffer;

/** A run of bytes of a message, wherever it lies: what a message sink yields, and what a records field holds. */
public sealed interface Part {
    Part EMPTY = new InMemory(ByteBuffer.allocate(0).asReadOnlyBuffer());

    /** In bytes. */
    int size();

    /** It will not be sent: lets go of the file that was retained for it. */
    void release();

    /** Bytes between the buffer's position and limit. Whoever reads them works on a duplicate. */
    record InMemory(ByteBuffer bytes) implements Part {
        @Override
        public int size() {
            return bytes.remaining();
        }

        @Override
        public void release() {
            // Memory needs nobody to let go of it.
        }
    }

    /**
     * Bytes of a file that nobody needs to read into memory: they go to a socket by sendfile. The part alone does not
     * keep the file open.
     */
    record InFile(StoredFile file, long position, int size) implements Part {
        @Override
        public void release() {
            file.release();
        }
    }
}

package io.gregor.broker.net;

import io.gregor.wire.Part;
import io.gregor.wire.StoredFile;
import io.netty.buffer.ByteBuf;
import io.netty.channel.DefaultFileRegion;
import java.io.EOFException;
import java.io.IOException;

/**
 * Records in a file on their way to a socket. Netty's epoll transport sends exactly this class by sendfile. The file
 * belongs to the log: when the region has been sent, or the connection is gone, it is released, not closed.
 */
final class StoredRegion extends DefaultFileRegion {
    private final StoredFile file;

    /** @param part of a file that was retained for this region */
    StoredRegion(Part.InFile part) {
        super(part.file().channel(), part.position(), part.size());
        file = part.file();
    }

    /** Fills the buffer with what is in the region from {@code done} bytes on. */
    void read(long done, ByteBuf into) throws IOException {
        while (into.isWritable()) {
            long position = position() + done + into.readableBytes();
            if (into.writeBytes(file.channel(), position, into.writableBytes()) < 0) {
                throw new EOFException("a file ended within the records that were to be sent");
            }
        }
    }

    @Override
    protected void deallocate() {
        file.release();
    }
}

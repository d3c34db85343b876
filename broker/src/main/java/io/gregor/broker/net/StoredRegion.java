package io.gregor.broker.net;

import io.gregor.wire.Part;
import io.gregor.wire.StoredFile;
import io.netty.channel.DefaultFileRegion;

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

    @Override
    protected void deallocate() {
        file.release();
    }
}

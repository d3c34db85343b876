package io.gregor.broker.net;

import io.gregor.wire.Part;
import io.netty.channel.DefaultFileRegion;

/**
 * Records in a file on their way to a socket. Netty's epoll transport sends exactly this class by sendfile; the file
 * belongs to the log, so nothing is closed when the region has been sent.
 */
final class StoredRegion extends DefaultFileRegion {
    StoredRegion(Part.InFile part) {
        super(part.file(), part.position(), part.size());
    }

    @Override
    protected void deallocate() {
        // The log's file stays open.
    }
}

package io.gregor.broker.net;

import io.gregor.broker.access.Caller;
import org.jspecify.annotations.Nullable;

/**
 * Who is at the other end of a connection. Used on the connection's loop; what a request needs elsewhere is its caller.
 */
public interface Peer {
    /** Who it is now. */
    Caller caller();

    /** What it last said that it is. */
    ClientSoftware software();

    void software(ClientSoftware software);

    /** How it authenticates; null where it need not. */
    @Nullable
    Authentication authentication();
}

package io.gregor.broker.net;

import io.gregor.broker.access.Caller;

/** Who is at the other end of a connection. Used on the connection's loop. */
public interface Peer extends Caller {
    /** What it last said that it is. */
    ClientSoftware software();

    void software(ClientSoftware software);
}

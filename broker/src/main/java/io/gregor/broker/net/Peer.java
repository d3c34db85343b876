package io.gregor.broker.net;

import java.net.InetSocketAddress;

/** Who is at the other end of a connection. Used on the connection's loop. */
public interface Peer {
    InetSocketAddress address();

    /** The name of the listener that it came through. */
    String listener();

    /** What it last said that it is. */
    ClientSoftware software();

    void software(ClientSoftware software);
}

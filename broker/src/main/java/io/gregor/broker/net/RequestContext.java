package io.gregor.broker.net;

import io.gregor.broker.partition.Lane;
import java.net.InetAddress;

/**
 * Who asks, how, and on which I/O loop the answer is expected.
 *
 * @param bytes how long the request is
 * @param listener the name of the listener that the client came through
 * @param loop the connection's own lane
 */
public record RequestContext(
        short version, int bytes, String clientId, InetAddress clientAddress, String listener, Lane loop) {
    /** The address as group descriptions show it. */
    public String clientHost() {
        return "/" + clientAddress.getHostAddress();
    }
}

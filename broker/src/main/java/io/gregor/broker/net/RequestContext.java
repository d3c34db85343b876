package io.gregor.broker.net;

import io.gregor.broker.lane.Lane;

/**
 * Who asks, how, and on which I/O loop the answer is expected.
 *
 * @param bytes how long the request is
 * @param loop the connection's own lane
 */
public record RequestContext(short version, int bytes, String clientId, Peer peer, Lane loop) {
    /** The name of the listener that the client came through. */
    public String listener() {
        return peer.listener();
    }

    /** The address as group descriptions show it. */
    public String clientHost() {
        return "/" + peer.address().getAddress().getHostAddress();
    }
}

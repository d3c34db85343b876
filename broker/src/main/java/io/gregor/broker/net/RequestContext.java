package io.gregor.broker.net;

import io.gregor.broker.access.Access;
import io.gregor.broker.access.AclOperation;
import io.gregor.broker.access.ResourceType;
import io.gregor.broker.lane.Lane;

/**
 * Who asks, how, and on which I/O loop the answer is expected.
 *
 * @param bytes how long the request is
 * @param loop the connection's own lane
 * @param access decides what the peer may do
 */
public record RequestContext(short version, int bytes, String clientId, Peer peer, Lane loop, Access access) {
    /** Whether the client may do that with the resource. */
    public boolean allows(AclOperation operation, ResourceType type, String name) {
        return access.allows(peer, operation, type, name);
    }

    /** All that the client may do with the resource, as answers show it. */
    public int allowedOperations(ResourceType type, String name) {
        return access.allowedOperations(peer, type, name);
    }

    /** The name of the listener that the client came through. */
    public String listener() {
        return peer.listener();
    }

    /** The address as group descriptions show it. */
    public String clientHost() {
        return "/" + peer.address().getAddress().getHostAddress();
    }
}

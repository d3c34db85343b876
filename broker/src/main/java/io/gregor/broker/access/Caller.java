package io.gregor.broker.access;

import java.net.InetSocketAddress;

/**
 * Whoever sends a request, as far as access depends on it: who it was when the request came. Immutable.
 *
 * @param listener the name of the listener that it came through
 */
public record Caller(Principal principal, InetSocketAddress address, String listener) {
    /** The address without the port, as ACLs name it. */
    String host() {
        return address.getAddress().getHostAddress();
    }
}

package io.gregor.broker.access;

import java.net.InetSocketAddress;

/** Whoever sends a request, as far as access depends on it. */
public interface Caller {
    Principal principal();

    InetSocketAddress address();

    /** The name of the listener that it came through. */
    String listener();
}

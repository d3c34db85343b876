package io.gregor.coordinator.runtime;

import java.util.function.Predicate;

/**
 * Who asks.
 *
 * @param host as Java shows addresses, with a slash
 * @param version that of the request
 * @param maySee tells which topics it may know of, by their names; called on any thread
 */
public record Client(String clientId, String host, short version, Predicate<String> maySee) {
    /** A client that may know of all topics. */
    public Client(String clientId, String host, short version) {
        this(clientId, host, version, topic -> true);
    }
}

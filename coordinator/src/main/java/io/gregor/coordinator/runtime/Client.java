package io.gregor.coordinator.runtime;

/**
 * Who asks.
 *
 * @param host as Java shows addresses, with a slash
 * @param version that of the request
 */
public record Client(String clientId, String host, short version) {}

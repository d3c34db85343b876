package io.gregor.broker.cluster;

import io.gregor.broker.config.Listener;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What clients are told of this broker.
 *
 * @param advertised where it can be reached, by the name of the listener that the client came through
 * @param forControllers the names of those listeners at which it is the controller
 */
public record ClusterInfo(
        String clusterId,
        int nodeId,
        @Nullable String rack,
        Map<String, Listener> advertised,
        Set<String> forControllers) {
    public Listener reachableThrough(String listener) {
        return Objects.requireNonNull(advertised.get(listener), listener);
    }
}

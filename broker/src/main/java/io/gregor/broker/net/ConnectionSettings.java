package io.gregor.broker.net;

import io.gregor.broker.access.Access;
import io.gregor.broker.net.refusal.RefusedClients;
import io.gregor.broker.quota.RequestTime;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What all connections of a listener have in common. Immutable.
 *
 * @param listener its name
 * @param idleMaxMs how long a client may be silent, as {@code connections.max.idle.ms} says; negative: for ever
 * @param timing begins to measure how long a request takes, by client id
 * @param observer sees connections and answers; null if nobody looks
 * @param access decides what clients may do
 * @param authentication what clients must do first; null where they need not
 * @param refused is told of clients that cannot be served
 * @param whenClosed called with each connection that has ended, on its loop
 */
record ConnectionSettings(
        ApiRegistry apis,
        String listener,
        long idleMaxMs,
        Function<String, RequestTime> timing,
        NetMemory memory,
        @Nullable TrafficObserver observer,
        Access access,
        Authentication.@Nullable Rules authentication,
        RefusedClients refused,
        Consumer<Peer> whenClosed) {}

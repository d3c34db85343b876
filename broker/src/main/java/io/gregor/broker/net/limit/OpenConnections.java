package io.gregor.broker.net.limit;

import io.gregor.broker.net.limit.Verdict.Fate;
import io.netty.channel.Channel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connections of listeners that share limits, as long as they are open, and which new ones are served. Guarded by
 * its own lock. Nothing is known of an address without a connection.
 */
final class OpenConnections {
    private static final Logger LOG = LoggerFactory.getLogger(OpenConnections.class);

    private final Set<String> listeners;
    private final String interBroker;
    private final LongSupplier nanoTime;
    private final Map<Channel, Open> open = new LinkedHashMap<>();
    private final Map<String, Integer> byListener = new HashMap<>();
    private final Map<ByteBuffer, Integer> byAddress = new HashMap<>();
    private final Set<Channel> closing = new HashSet<>();
    private final Set<Gate> waiting = new HashSet<>();
    private @Nullable LimitSettings limits;
    private @Nullable CreationRates rates;

    /** One connection; when it was used is known only while there is a limit that asks for it. */
    private static final class Open {
        private final Gate gate;
        private final ByteBuffer address;
        private @Nullable LastUse use;

        Open(Gate gate, ByteBuffer address) {
            this.gate = gate;
            this.address = address;
        }

        long lastNanos() {
            return use == null ? 0 : use.lastNanos();
        }
    }

    /**
     * @param interBroker the listener for which others make room
     * @param nanoTime as {@link System#nanoTime}
     */
    OpenConnections(Set<String> listeners, String interBroker, LongSupplier nanoTime) {
        this.listeners = Set.copyOf(listeners);
        this.interBroker = interBroker;
        this.nanoTime = nanoTime;
    }

    /** An address as a key: two that are the same have the same one, and they have an order. */
    static ByteBuffer key(InetAddress address) {
        return ByteBuffer.wrap(address.getAddress());
    }

    Set<String> listeners() {
        return listeners;
    }

    /** From now on these limits hold, also for the connections that there are. */
    void limit(@Nullable LimitSettings newLimits, @Nullable CreationRates newRates) {
        List<Gate> woken;
        synchronized (this) {
            limits = newLimits;
            rates = newRates;
            if (noticesUse()) {
                open.forEach(this::noticeUse);
            }
            woken = takeWaiting();
        }
        woken.forEach(Gate::wake);
        closeExcess();
    }

    private boolean noticesUse() {
        return limits != null && limits.open().ofBroker() != Limits.NONE;
    }

    private void noticeUse(Channel channel, Open connection) {
        if (connection.use == null && !isProtected(connection.gate.listener())) {
            LastUse use = new LastUse(nanoTime);
            connection.use = use;
            channel.pipeline().addFirst(use);
        }
    }

    /** A connection has come to a listener; returns for how many milliseconds that one takes no others. */
    synchronized int arrived(String listener) {
        return limits == null || rates == null ? 0 : rates.record(listener, isProtected(listener), limits.made());
    }

    /** What becomes of a connection; one that is served counts until it has {@link #ended}. */
    Verdict decide(Gate gate, Channel channel) {
        Verdict verdict = decideAndCount(gate, channel);
        if (verdict.fate() == Fate.SERVED && isProtected(gate.listener())) {
            closeExcess();
        }
        return verdict;
    }

    private synchronized Verdict decideAndCount(Gate gate, Channel channel) {
        ByteBuffer address = key(((InetSocketAddress) channel.remoteAddress()).getAddress());
        Verdict verdict = limits == null ? Verdict.SERVED : decide(gate, channel, address, limits);
        if (verdict.fate() != Fate.SERVED) {
            return verdict;
        }
        Open connection = new Open(gate, address);
        open.put(channel, connection);
        byListener.merge(gate.listener(), 1, Integer::sum);
        byAddress.merge(address, 1, Integer::sum);
        if (noticesUse()) {
            noticeUse(channel, connection);
        }
        return verdict;
    }

    private Verdict decide(Gate gate, Channel channel, ByteBuffer address, LimitSettings now) {
        String listener = gate.listener();
        if (!hasRoom(listener, now.open())) {
            waiting.add(gate);
            return Verdict.WAITS;
        }
        int throttleMs = Objects.requireNonNull(rates).record(address, listener, isProtected(listener), now.made());
        if (throttleMs > 0) {
            LOG.debug("Closing the connection from {} after {} ms: too many in a second", channel, throttleMs);
            return new Verdict(Fate.CLOSED, throttleMs);
        }
        int most = now.open().ofAddress(address);
        if (byAddress.getOrDefault(address, 0) >= most) {
            gate.tell(channel, "max.connections.per.ip allows no more from its address than " + most);
            return Verdict.CLOSED;
        }
        return Verdict.SERVED;
    }

    private boolean hasRoom(String listener, Limits most) {
        return byListener.getOrDefault(listener, 0) < most.ofListener(listener)
                && (isProtected(listener) || open.size() < most.ofBroker());
    }

    private boolean isProtected(String listener) {
        return listener.equals(interBroker) && listeners.size() > 1;
    }

    /** A connection that was served is closed. */
    void ended(Channel channel) {
        List<Gate> woken;
        synchronized (this) {
            Open connection = open.remove(channel);
            if (connection == null) {
                return;
            }
            closing.remove(channel);
            byListener.merge(connection.gate.listener(), -1, OpenConnections::sumOrNothing);
            byAddress.merge(connection.address, -1, OpenConnections::sumOrNothing);
            woken = takeWaiting();
        }
        woken.forEach(Gate::wake);
    }

    private static @Nullable Integer sumOrNothing(int one, int other) {
        return one + other == 0 ? null : one + other;
    }

    private List<Gate> takeWaiting() {
        List<Gate> woken = List.copyOf(waiting);
        waiting.clear();
        return woken;
    }

    /** Where there are more connections than the broker may have, those go that were not used for the longest time. */
    private void closeExcess() {
        excess().forEach(Channel::close);
    }

    private synchronized List<Channel> excess() {
        int most = limits == null ? Limits.NONE : limits.open().ofBroker();
        int many = open.size() - closing.size() - most;
        if (many <= 0) {
            return List.of();
        }
        List<Channel> unused = new ArrayList<>();
        open.forEach((channel, connection) -> {
            if (!isProtected(connection.gate.listener()) && !closing.contains(channel)) {
                unused.add(channel);
            }
        });
        Map<Channel, Long> uses = new HashMap<>();
        unused.forEach(channel ->
                uses.put(channel, Objects.requireNonNull(open.get(channel)).lastNanos()));
        unused.sort(Comparator.comparing(uses::get));
        List<Channel> excess = List.copyOf(unused.subList(0, Math.min(many, unused.size())));
        for (Channel channel : excess) {
            closing.add(channel);
            Objects.requireNonNull(open.get(channel)).gate.tell(channel, "max.connections allows no more than " + most);
        }
        return excess;
    }

    /** From how many addresses there are connections. */
    synchronized int addresses() {
        return byAddress.size();
    }
}

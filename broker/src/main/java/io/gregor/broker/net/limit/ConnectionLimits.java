package io.gregor.broker.net.limit;

import io.gregor.broker.config.BrokerConfig;
import io.gregor.broker.config.ConnectionKeys;
import io.gregor.broker.config.DynamicConfig;
import io.gregor.broker.config.InvalidConfigException;
import io.gregor.broker.config.Listener;
import io.gregor.broker.lane.Lane;
import io.gregor.broker.net.refusal.ConnectionLimit;
import io.gregor.broker.net.refusal.RefusedClients;
import io.gregor.controller.ClientQuotas;
import io.gregor.controller.ImageListener;
import io.gregor.controller.MetadataImage;
import io.gregor.controller.QuotaEntity;
import io.gregor.wire.ByteBudget;
import io.netty.channel.EventLoop;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows what the configuration and the quotas of addresses say of connections, and makes a {@link Gate} of each
 * listener. Guarded by its own lock. Listeners for clients share limits of how many connections are open, and so do
 * those of the controller; the rates are those of all, as in Kafka. Without limits there are no rates and no settings.
 */
public final class ConnectionLimits implements ImageListener {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionLimits.class);
    private static final int NANOS_OF_A_MS = 1_000_000;

    private final BrokerConfig config;
    private final Executor lookups;
    private final LongSupplier nanoTime;
    private final ByteBudget memory;
    private final OpenConnections ofClients;
    private final OpenConnections ofController;
    private @Nullable CreationRates rates;
    private long changes;

    /**
     * @param nanoTime as {@link System#nanoTime}
     * @param memory for what is known of addresses
     * @param lookups asks the name service
     */
    public ConnectionLimits(BrokerConfig config, LongSupplier nanoTime, ByteBudget memory, Executor lookups) {
        this.config = config;
        this.nanoTime = nanoTime;
        this.memory = memory;
        this.lookups = lookups;
        ofClients = new OpenConnections(names(config.listeners()), config.interBrokerListener(), nanoTime);
        ofController = new OpenConnections(names(config.controllerListeners()), "", nanoTime);
    }

    private static Set<String> names(List<Listener> listeners) {
        return listeners.stream().map(Listener::name).collect(Collectors.toSet());
    }

    /**
     * What lets in the connections of a listener.
     *
     * @param refused is told of connections that are closed
     * @param descriptors whether there is a descriptor for one more; null as long as nobody is let in
     * @param lanes the lane of each loop
     */
    public Gate gate(
            String listener,
            RefusedClients refused,
            Supplier<@Nullable ConnectionLimit> descriptors,
            Function<EventLoop, ? extends Lane> lanes) {
        OpenConnections group = ofController.listeners().contains(listener) ? ofController : ofClients;
        return new Gate(listener, group, refused, descriptors, lanes);
    }

    /**
     * Takes what holds when the broker starts.
     *
     * @throws InvalidConfigException if the address of a host with a limit is not known
     */
    public void load(MetadataImage image) {
        String overrides = config.string(ConnectionKeys.OVERRIDES);
        for (String host : ConnectionKeys.overrides(overrides).keySet()) {
            if (address(host) == null) {
                throw new InvalidConfigException(ConnectionKeys.OVERRIDES + "=" + overrides + ": the address of " + host
                        + " is not known, allowed is a list of host:number");
            }
        }
        follow(image, Runnable::run);
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // What did not change is the same object.
    public void published(MetadataImage before, MetadataImage after, long endOffset) {
        if (before.configs() != after.configs() || before.quotas() != after.quotas()) {
            follow(after, lookups);
        }
    }

    /** Limits of addresses hold at once, those of names when the name service has answered. */
    private void follow(MetadataImage image, Executor forLookups) {
        DynamicConfig now = DynamicConfig.of(image, config);
        long change = nextChange();
        if (!isLimited(image.quotas(), now)) {
            limit(change, null);
            return;
        }
        Set<String> listeners = new HashSet<>(ofClients.listeners());
        listeners.addAll(ofController.listeners());
        List<String> names = new ArrayList<>();
        limit(change, LimitSettings.of(now, image.quotas(), listeners, host -> {
            InetAddress literal = NetUtil.createInetAddressFromIpAddressString(host);
            if (literal == null) {
                names.add(host);
            }
            return literal;
        }));
        if (!names.isEmpty()) {
            forLookups.execute(
                    () -> limit(change, LimitSettings.of(now, image.quotas(), listeners, ConnectionLimits::address)));
        }
    }

    private static boolean isLimited(ClientQuotas quotas, DynamicConfig now) {
        return Stream.of(now.ofBroker(), now.ofCluster(), now.atStart().given())
                        .anyMatch(given -> given.keySet().stream().anyMatch(ConnectionKeys::limits))
                || quotas.all().keySet().stream()
                        .anyMatch(entity -> entity.names().containsKey(QuotaEntity.IP));
    }

    private static @Nullable InetAddress address(String host) {
        try {
            return InetAddress.getByName(host);
        } catch (UnknownHostException e) {
            LOG.warn("Connections from {} are not limited: its address is not known", host);
            return null;
        }
    }

    private synchronized long nextChange() {
        return ++changes;
    }

    /** The answer of a name service may be late: then something else holds by now. */
    private synchronized void limit(long change, @Nullable LimitSettings settings) {
        if (change != changes) {
            return;
        }
        if (settings != null && rates == null) {
            rates = newRates();
        }
        ofClients.limit(settings, rates);
        ofController.limit(settings, rates);
    }

    private CreationRates newRates() {
        return new CreationRates(
                config.integer("quota.window.num"),
                1000L * config.integer("quota.window.size.seconds"),
                () -> nanoTime.getAsLong() / NANOS_OF_A_MS,
                memory);
    }

    /** Forgets addresses from which nobody connects any more; to be called now and then. */
    public synchronized void forgetPast() {
        if (rates != null) {
            rates.forgetPast();
        }
    }

    /** From how many addresses there are connections. */
    int addresses() {
        return ofClients.addresses() + ofController.addresses();
    }
}

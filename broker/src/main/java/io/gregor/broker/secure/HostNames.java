package io.gregor.broker.secure;

import io.gregor.broker.config.BrokerConfig;
import io.gregor.broker.config.InvalidConfigException;
import io.gregor.broker.config.Listener;
import java.net.IDN;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Names and addresses by which clients may know a broker. Immutable. */
record HostNames(BrokerConfig config) {

    /**
     * Without any of these clients would refuse it. The machine's own name is asked for only where clients may be told
     * of it, since the name service may be slow.
     *
     * @throws InvalidConfigException if one of them can be in no certificate
     */
    Set<String> needed() {
        Set<String> hosts = new LinkedHashSet<>(List.of("localhost", "127.0.0.1", Certificates.canonical("::1")));
        List<Listener> all = config.listeners();
        if (all.stream().anyMatch(Listener::isOnAllAddresses)) {
            hosts.addAll(own());
        }
        for (Listener listener : all) {
            if (!listener.isOnAllAddresses()) {
                hosts.add(checked("listeners", listener.host()));
            }
        }
        for (Listener told : config.advertised(all, "localhost").values()) {
            hosts.add(checked("advertised.listeners", told.host()));
        }
        return hosts;
    }

    private String checked(String key, String host) {
        try {
            return Certificates.canonical(host.contains(":") ? host : IDN.toASCII(host));
        } catch (IllegalArgumentException e) {
            throw new InvalidConfigException(key + "=" + config.string(key) + ": " + host
                    + " can be in no certificate, allowed is a name or an address of this host");
        }
    }

    /** What this machine calls itself; none if it does not know. */
    static Set<String> own() {
        Set<String> hosts = new LinkedHashSet<>();
        try {
            InetAddress address = InetAddress.getLocalHost();
            hosts.add(address.getHostName());
            hosts.add(address.getCanonicalHostName());
        } catch (UnknownHostException e) {
            return Set.of();
        }
        hosts.removeIf(host -> !host.matches("[A-Za-z0-9.-]{1,253}"));
        return hosts;
    }
}

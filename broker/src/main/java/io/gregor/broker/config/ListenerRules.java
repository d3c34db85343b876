package io.gregor.broker.config;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Checks that listeners, what is advertised of them, and their protocols fit together, as Apache Kafka does. Immutable.
 * One listener on all addresses without an advertised one is allowed: clients on this machine can reach it.
 */
final class ListenerRules {
    private static final String LISTENERS = "listeners";
    private static final String ADVERTISED = "advertised.listeners";
    private static final String PROTOCOLS = "listener.security.protocol.map";
    private static final String CONTROLLERS = "controller.listener.names";
    private static final String INTER_BROKER = "inter.broker.listener.name";
    private static final String INTER_BROKER_MECHANISM = "sasl.mechanism.inter.broker.protocol";
    private static final String INTER_BROKER_PROTOCOL = "security.inter.broker.protocol";

    private final BrokerConfig config;
    private final List<Listener> listeners;

    ListenerRules(BrokerConfig config) {
        this.config = config;
        listeners = Stream.concat(config.listeners().stream(), config.controllerListeners().stream())
                .toList();
    }

    /** Of all listeners. */
    Set<String> names() {
        return names(listeners);
    }

    private static Set<String> names(List<Listener> listeners) {
        Set<String> names = new TreeSet<>();
        listeners.forEach(listener -> names.add(listener.name()));
        return names;
    }

    /** @throws InvalidConfigException if clients could not reach a listener, or one is none of those that there are */
    void check() {
        Map<String, SecurityProtocol> protocols = protocols();
        for (Listener listener : listeners) {
            requireProtocol(LISTENERS, listener, protocols);
        }
        requireDistinctNames(LISTENERS, listeners);
        requireDistinctPorts();
        List<Listener> advertised = advertised();
        requireDistinctNames(ADVERTISED, advertised);
        for (Listener listener : advertised) {
            requireProtocol(ADVERTISED, listener, protocols);
            if (!names().contains(listener.name())) {
                throw refused(ADVERTISED, listener.name() + " is none of the listeners " + names());
            }
            if (listener.host().equals("0.0.0.0")) {
                throw refused(ADVERTISED, "no client can reach 0.0.0.0, allowed is a name or an address of this host");
            }
        }
        for (String name : ConfigDefinition.elements(config.string(CONTROLLERS))) {
            if (!names().contains(name)) {
                throw refused(CONTROLLERS, name + " is none of the listeners " + names());
            }
        }
        checkInterBroker(protocols, advertised);
    }

    private List<Listener> advertised() {
        String value = config.given(ADVERTISED);
        return value == null ? List.of() : Listener.parse(ADVERTISED, value);
    }

    /** The protocol of each name in the map, which may be of listeners that there are not. */
    Map<String, SecurityProtocol> protocols() {
        Map<String, SecurityProtocol> protocols = new HashMap<>();
        Map<String, String> spellings = new HashMap<>();
        for (String entry : ConfigDefinition.elements(config.string(PROTOCOLS))) {
            int colon = entry.lastIndexOf(':');
            SecurityProtocol protocol = protocol(entry.substring(colon + 1).trim());
            if (colon < 0 || protocol == null) {
                throw refused(
                        PROTOCOLS,
                        "allowed is a list of NAME:protocol, with one of "
                                + Arrays.toString(SecurityProtocol.values()));
            }
            String spelling = entry.substring(0, colon).trim();
            String name = spelling.toUpperCase(Locale.ROOT);
            if (!spelling.equals(spellings.getOrDefault(name, spelling))) {
                throw refused(PROTOCOLS, name + " is there twice");
            }
            spellings.put(name, spelling);
            protocols.put(name, protocol);
        }
        if (config.given(PROTOCOLS) == null) {
            for (String name : config.controllerListenerNames()) {
                protocols.putIfAbsent(name, SecurityProtocol.PLAINTEXT);
            }
        }
        return protocols;
    }

    private static @Nullable SecurityProtocol protocol(String name) {
        return Arrays.stream(SecurityProtocol.values())
                .filter(protocol -> protocol.name().equals(name.toUpperCase(Locale.ROOT)))
                .findFirst()
                .orElse(null);
    }

    private void requireProtocol(String key, Listener listener, Map<String, SecurityProtocol> protocols) {
        if (protocols.get(listener.name()) == null) {
            throw refused(key, "listener " + listener.name() + " is not in " + PROTOCOLS);
        }
    }

    private void requireDistinctNames(String key, List<Listener> all) {
        if (names(all).size() < all.size()) {
            throw refused(key, "each listener must have a name of its own");
        }
    }

    /** Two may share a port if one has an address of IPv4 and the other one of IPv6. */
    private void requireDistinctPorts() {
        Map<Integer, Set<@Nullable String>> taken = new HashMap<>();
        for (Listener listener : listeners) {
            boolean isNew = taken.computeIfAbsent(listener.port(), port -> new HashSet<>())
                    .add(family(listener.host()));
            if (listener.port() != 0 && !isNew) {
                throw refused(LISTENERS, "each listener must have a port of its own");
            }
        }
        taken.forEach((port, families) -> {
            if (port != 0 && families.size() > 1 && families.contains("")) {
                throw refused(LISTENERS, "each listener must have a port of its own");
            }
        });
    }

    private static String family(String host) {
        if (host.contains(":")) {
            return "IPv6";
        }
        return host.matches("[0-9.]+") ? "IPv4" : "";
    }

    private void checkInterBroker(Map<String, SecurityProtocol> protocols, List<Listener> advertised) {
        String given = config.given(INTER_BROKER);
        if (given != null && config.given(INTER_BROKER_PROTOCOL) != null) {
            throw refused(INTER_BROKER, "allowed is only one of this and " + INTER_BROKER_PROTOCOL);
        }
        String key = given == null ? INTER_BROKER_PROTOCOL : INTER_BROKER;
        String name = config.string(key).toUpperCase(Locale.ROOT);
        Set<String> brokers = names(config.given(ADVERTISED) == null ? listeners : advertised);
        brokers.removeAll(config.controllerListenerNames());
        if (!brokers.contains(name) || !protocols.containsKey(name)) {
            throw refused(
                    key,
                    name + " is no listener that is advertised, allowed is one of " + brokers
                            + (given == null ? " in " + INTER_BROKER : ""));
        }
        checkInterBrokerMechanism(name);
    }

    private void checkInterBrokerMechanism(String name) {
        ListenerConfig listener = config.ofListener(name);
        List<String> enabled = listener.list("sasl.enabled.mechanisms");
        if (listener.protocol().usesSasl() && !enabled.contains(config.string(INTER_BROKER_MECHANISM))) {
            throw refused(INTER_BROKER_MECHANISM, "allowed is one of sasl.enabled.mechanisms, which are " + enabled);
        }
    }

    private InvalidConfigException refused(String key, String reason) {
        return new InvalidConfigException(key + "=" + config.string(key) + ": " + reason);
    }
}

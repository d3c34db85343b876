package io.gregor.broker.config;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Checks that a configuration is one of a node that is the whole cluster: broker, controller, and its only voter.
 * Immutable. Looks up the name of a host only where it is neither this node's own nor the loopback's.
 */
final class SingleNode {
    private static final String ROLES = "process.roles";
    private static final String VOTERS = "controller.quorum.voters";
    private static final String SERVERS = "controller.quorum.bootstrap.servers";

    private final BrokerConfig config;

    SingleNode(BrokerConfig config) {
        this.config = config;
    }

    /** @throws InvalidConfigException if the node would belong to a cluster of several */
    void check() {
        List<String> roles = entries(ROLES);
        if (!roles.isEmpty() && !Set.copyOf(roles).equals(Set.of("broker", "controller"))) {
            throw refused(ROLES, "a node with one role is not supported, set broker,controller");
        }
        String self = config.nodeId() + "@";
        List<String> voters = entries(VOTERS);
        if (voters.size() > 1 || (voters.size() == 1 && !voters.get(0).startsWith(self))) {
            throw refused(VOTERS, "voters other than this node are not supported, set " + self + "host:port");
        }
        for (String server : entries(SERVERS)) {
            if (!isOwn(server)) {
                throw refused(
                        SERVERS,
                        "controllers of other nodes are not supported, leave it out or set the address of"
                                + " its own controller listener");
            }
        }
    }

    private InvalidConfigException refused(String key, String reason) {
        return new InvalidConfigException(key + "=" + config.given(key) + ": " + reason);
    }

    private List<String> entries(String key) {
        if (config.given(key) == null) {
            return List.of();
        }
        return Arrays.stream(config.string(key).split(","))
                .map(String::trim)
                .filter(entry -> !entry.isEmpty())
                .toList();
    }

    /** Whether an address, host:port, is one of this node's controller listener; any port if it has none. */
    private boolean isOwn(String address) {
        int colon = address.lastIndexOf(':');
        String port = address.substring(colon + 1);
        List<Listener> own = config.controllerListeners();
        boolean portIsOwn =
                own.isEmpty() || own.stream().anyMatch(listener -> port.equals(String.valueOf(listener.port())));
        if (colon < 0 || port.isEmpty() || !portIsOwn) {
            return false;
        }
        String host = address.substring(0, colon).replaceAll("^\\[|]$", "");
        return host.equals("localhost")
                || Stream.concat(own.stream(), advertised().stream())
                        .anyMatch(listener -> listener.host().equals(host))
                || isThisMachine(host);
    }

    private List<Listener> advertised() {
        String value = config.string("advertised.listeners");
        return value.isEmpty() ? List.of() : Listener.parse("advertised.listeners", value);
    }

    private static boolean isThisMachine(String host) {
        try {
            InetAddress address = InetAddress.getByName(host);
            return address.isLoopbackAddress() || NetworkInterface.getByInetAddress(address) != null;
        } catch (IOException e) {
            // A name that nobody knows is not this machine's.
            return false;
        }
    }
}

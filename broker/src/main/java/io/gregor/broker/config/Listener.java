package io.gregor.broker.config;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An address that the broker listens on or tells clients: {@code NAME://host:port}; an empty host means all. */
public record Listener(String name, String host, int port) {
    private static final Pattern LOOPBACK = Pattern.compile("127(\\.\\d{1,3}){3}");
    private static final Pattern FORM = Pattern.compile("([A-Za-z0-9_.-]+)://(\\[[0-9A-Fa-f:.%]+]|[^:]*):(\\d{1,9})");

    /** What is there twice counts once, as in Kafka's lists. */
    public static List<Listener> parse(String key, String value) {
        List<Listener> listeners = new ArrayList<>();
        Set<String> texts = new LinkedHashSet<>();
        for (String text : value.split(",", -1)) {
            texts.add(text.trim());
        }
        for (String text : texts) {
            Matcher matcher = FORM.matcher(text);
            if (!matcher.matches() || Integer.parseInt(matcher.group(3)) > 65535) {
                throw new InvalidConfigException(
                        key + "=" + value + ": allowed is a list of NAME://host:port, separated by commas,"
                                + " such as PLAINTEXT://localhost:9092");
            }
            String host = matcher.group(2).replaceAll("^\\[|]$", "");
            listeners.add(
                    new Listener(matcher.group(1).toUpperCase(Locale.ROOT), host, Integer.parseInt(matcher.group(3))));
        }
        return List.copyOf(listeners);
    }

    /** Whether it is bound to all addresses of this host. */
    public boolean isOnAllAddresses() {
        return host.isEmpty() || host.equals("0.0.0.0") || host.equals("::");
    }

    /**
     * Whether the host is this machine for whoever looks it up; by its text, since a name may be known to clients
     * alone.
     */
    public boolean isLoopback() {
        return host.equals("localhost")
                || host.equals("::1")
                || LOOPBACK.matcher(host).matches();
    }

    /** As clients can reach it. */
    Listener reachable(String ownHost) {
        return isOnAllAddresses() ? new Listener(name, ownHost, port) : this;
    }

    public Listener withPort(int actual) {
        return new Listener(name, host, actual);
    }

    @Override
    public String toString() {
        return name + "://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}

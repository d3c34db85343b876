package io.gregor.broker.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An address that the broker listens on or tells clients: {@code NAME://host:port}; an empty host means all. */
public record Listener(String name, String host, int port) {
    private static final Pattern FORM = Pattern.compile("([A-Za-z0-9_.-]+)://(\\[[0-9A-Fa-f:.%]+]|[^:]*):(\\d{1,9})");

    static List<Listener> parse(String key, String value) {
        List<Listener> listeners = new ArrayList<>();
        for (String text : value.split(",", -1)) {
            Matcher matcher = FORM.matcher(text.trim());
            if (!matcher.matches() || Integer.parseInt(matcher.group(3)) > 65535) {
                throw new InvalidConfigException(
                        key + "=" + value + ": allowed is a list of NAME://host:port, separated by commas");
            }
            String host = matcher.group(2).replaceAll("^\\[|]$", "");
            listeners.add(
                    new Listener(matcher.group(1).toUpperCase(Locale.ROOT), host, Integer.parseInt(matcher.group(3))));
        }
        return List.copyOf(listeners);
    }

    /** As clients can reach it. */
    Listener reachable(String ownHost) {
        boolean any = host.isEmpty() || host.equals("0.0.0.0") || host.equals("::");
        return any ? new Listener(name, ownHost, port) : this;
    }

    public Listener withPort(int actual) {
        return new Listener(name, host, actual);
    }

    static Map<String, String> protocols(String value) {
        Map<String, String> map = new HashMap<>();
        for (String entry : value.split(",", -1)) {
            int colon = entry.indexOf(':');
            if (colon > 0) {
                map.put(
                        entry.substring(0, colon).trim().toUpperCase(Locale.ROOT),
                        entry.substring(colon + 1).trim());
            }
        }
        return map;
    }

    @Override
    public String toString() {
        return name + "://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}

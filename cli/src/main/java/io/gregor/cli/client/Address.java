package io.gregor.cli.client;

import java.util.ArrayList;
import java.util.List;

/** The host and port of a broker. Immutable. */
public record Address(String host, int port) {
    private static final int PORT_MAX = 65_535;
    private static final String ALLOWED = "allowed is HOST:PORT, such as localhost:9092";

    /**
     * A comma-separated list, as {@code bootstrap.servers} has it.
     *
     * @throws IllegalArgumentException with what is allowed, if it is no such list
     */
    public static List<Address> parseAll(String text) {
        List<Address> addresses = new ArrayList<>();
        for (String one : text.split(",", -1)) {
            addresses.add(parse(one.trim()));
        }
        return addresses;
    }

    /**
     * {@code host:port}, where the host may be an IPv6 address in brackets.
     *
     * @throws IllegalArgumentException with what is allowed, if it is nothing of that form
     */
    public static Address parse(String text) {
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? text : text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        } else if (host.indexOf(':') >= 0) {
            throw new IllegalArgumentException(text + ": " + ALLOWED);
        }
        if (colon < 0 || host.isEmpty()) {
            throw new IllegalArgumentException(text + ": " + ALLOWED);
        }
        return new Address(host, port(text, text.substring(colon + 1)));
    }

    private static int port(String whole, String text) {
        try {
            int port = Integer.parseInt(text);
            if (port > 0 && port <= PORT_MAX) {
                return port;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(whole + ": " + ALLOWED, e);
        }
        throw new IllegalArgumentException(whole + ": a port is a number from 1 to " + PORT_MAX);
    }

    @Override
    public String toString() {
        return host.indexOf(':') < 0 ? host + ":" + port : "[" + host + "]:" + port;
    }
}

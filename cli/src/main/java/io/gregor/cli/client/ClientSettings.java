package io.gregor.cli.client;

import io.gregor.cli.security.ClientSecurity;
import java.util.List;
import java.util.Map;

/**
 * Where the brokers are, and how long to wait for them. Immutable.
 *
 * @param requestTimeoutMs the longest that one answer may take, beyond what the request itself asks to wait
 * @param apiTimeoutMs how long something is tried again
 */
public record ClientSettings(
        List<Address> bootstrap,
        String clientId,
        int connectTimeoutMs,
        int requestTimeoutMs,
        int apiTimeoutMs,
        int retryBackoffMs,
        ClientSecurity security) {

    /**
     * From keys of Apache Kafka's clients; those that say nothing to this client are not looked at.
     *
     * @throws IllegalArgumentException with the key and what is allowed
     */
    public static ClientSettings of(List<Address> bootstrap, Map<String, String> properties) {
        return new ClientSettings(
                bootstrap,
                properties.getOrDefault("client.id", "gregor"),
                number(properties, "socket.connection.setup.timeout.ms", 10_000),
                number(properties, "request.timeout.ms", 30_000),
                number(properties, "default.api.timeout.ms", 60_000),
                number(properties, "retry.backoff.ms", 100),
                ClientSecurity.of(properties));
    }

    /** The same for other brokers, and without patience: whoever looks for a fault wants to see it. */
    public ClientSettings forLookingAt(Address address) {
        int timeoutMs = 5_000;
        return new ClientSettings(
                List.of(address),
                clientId,
                Math.min(connectTimeoutMs, timeoutMs),
                Math.min(requestTimeoutMs, timeoutMs),
                Math.min(apiTimeoutMs, timeoutMs),
                retryBackoffMs,
                security);
    }

    private static int number(Map<String, String> properties, String key, int otherwise) {
        String text = properties.get(key);
        if (text == null) {
            return otherwise;
        }
        try {
            int value = Integer.parseInt(text.trim());
            if (value >= 0) {
                return value;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(key + "=" + text + ": allowed is a number of milliseconds", e);
        }
        throw new IllegalArgumentException(key + "=" + text + ": allowed is a number of milliseconds, from 0 on");
    }
}

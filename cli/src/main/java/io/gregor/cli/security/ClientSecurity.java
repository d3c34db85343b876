package io.gregor.cli.security;

import java.io.IOException;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whether a client speaks TLS, and as whom it logs in. Immutable. Nothing that TLS or SASL needs is loaded for a client
 * that has neither.
 *
 * @param tls null: connections are not encrypted
 * @param login null: the client does not say who it is
 */
public record ClientSecurity(
        @Nullable TlsClient tls, @Nullable Login login) {
    public static final ClientSecurity NONE = new ClientSecurity(null, null);

    private static final String PROTOCOL = "security.protocol";
    private static final String MECHANISM = "sasl.mechanism";
    private static final List<String> MECHANISMS = List.of("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512");

    /** Who logs in, and how. */
    public record Login(String mechanism, String user, String password) {
        /** An exchange for one connection. */
        public SaslExchange begin() {
            return mechanism.equals("PLAIN")
                    ? new PlainExchange(user, password)
                    : ScramExchange.of(mechanism.substring("SCRAM-".length()), user, password);
        }

        /** Without the password. */
        @Override
        public String toString() {
            return mechanism + " as " + user;
        }
    }

    /**
     * From keys of Apache Kafka's clients.
     *
     * @throws IllegalArgumentException with the key and what is allowed
     */
    public static ClientSecurity of(Map<String, String> properties) {
        String protocol = properties.getOrDefault(PROTOCOL, "PLAINTEXT").trim();
        return switch (protocol) {
            case "PLAINTEXT" -> NONE;
            case "SSL" -> new ClientSecurity(TlsClient.of(properties), null);
            case "SASL_PLAINTEXT" -> new ClientSecurity(null, login(properties));
            case "SASL_SSL" -> new ClientSecurity(TlsClient.of(properties), login(properties));
            default ->
                throw new IllegalArgumentException(
                        PROTOCOL + "=" + protocol + ": allowed is PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL");
        };
    }

    private static Login login(Map<String, String> properties) {
        // Apache Kafka's clients have another default, which these commands do not speak.
        String mechanism = properties.getOrDefault(MECHANISM, "GSSAPI").trim();
        if (!MECHANISMS.contains(mechanism)) {
            throw new IllegalArgumentException(
                    MECHANISM + "=" + mechanism + ": these commands speak " + String.join(", ", MECHANISMS));
        }
        Map<String, String> options = JaasOptions.of(properties);
        return new Login(mechanism, JaasOptions.wanted(options, "username"), JaasOptions.wanted(options, "password"));
    }

    /**
     * The socket over which the client speaks with that broker.
     *
     * @param timeoutMs how long a handshake may wait for the broker
     * @throws IOException if the handshake fails, or the broker's certificate is not trusted
     */
    public Socket protect(Socket connected, String host, int port, int timeoutMs) throws IOException {
        return tls == null ? connected : tls.protect(connected, host, port, timeoutMs);
    }
}

package io.gregor.broker.config;

import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Checks what was given for TLS and authentication, and refuses what cannot be had: a listener is never more open than
 * its configuration says. Immutable. Key stores are looked at when the listeners are bound.
 */
final class SecurityRules {
    private static final String LISTENER_PREFIX = "listener.name.";

    /** Keys that change what a listener does. */
    private static final Set<String> MEANINGFUL = Set.of(
            "connection.failed.authentication.delay.ms",
            "connections.max.reauth.ms",
            "principal.builder.class",
            "sasl.enabled.mechanisms",
            "sasl.jaas.config",
            "sasl.login.callback.handler.class",
            "sasl.login.class",
            "sasl.mechanism.controller.protocol",
            "sasl.mechanism.inter.broker.protocol",
            "sasl.server.callback.handler.class",
            "sasl.server.max.receive.size",
            "security.inter.broker.protocol",
            "security.providers",
            "ssl.cipher.suites",
            "ssl.client.auth",
            "ssl.enabled.protocols",
            "ssl.engine.factory.class",
            "ssl.key.password",
            "ssl.keymanager.algorithm",
            "ssl.keystore.certificate.chain",
            "ssl.keystore.key",
            "ssl.keystore.location",
            "ssl.keystore.password",
            "ssl.keystore.type",
            "ssl.principal.mapping.rules",
            "ssl.protocol",
            "ssl.provider",
            "ssl.secure.random.implementation",
            "ssl.trustmanager.algorithm",
            "ssl.truststore.certificates",
            "ssl.truststore.location",
            "ssl.truststore.password",
            "ssl.truststore.type");

    private record PlugIn(String key, String allowed) {}

    /** Plug-ins, of which only Apache Kafka's own is to be had. */
    private static final List<PlugIn> PLUG_INS = List.of(
            new PlugIn(
                    "principal.builder.class",
                    "org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder"),
            new PlugIn("ssl.engine.factory.class", "org.apache.kafka.common.security.ssl.DefaultSslEngineFactory"),
            new PlugIn("security.providers", ""));

    private final BrokerConfig config;

    SecurityRules(BrokerConfig config) {
        this.config = config;
    }

    /** Whether a key, be it of one listener, changes anything. */
    static boolean hasMeaning(String key) {
        if (MEANINGFUL.contains(key)) {
            return true;
        }
        int end = key.startsWith(LISTENER_PREFIX) ? key.indexOf('.', LISTENER_PREFIX.length()) : -1;
        String ofListener = end < 0 ? "" : key.substring(end + 1);
        // A mechanism has keys of its own, too.
        return MEANINGFUL.contains(ofListener)
                || MEANINGFUL.contains(ofListener.substring(ofListener.indexOf('.') + 1));
    }

    /** @throws InvalidConfigException if a listener could not be what was asked for */
    void check() {
        Stream.concat(config.listeners().stream(), config.controllerListeners().stream())
                .map(listener -> config.ofListener(listener.name()))
                .forEach(this::check);
    }

    private void check(ListenerConfig listener) {
        listener.check(config.given().keySet());
        if (listener.protocol() == SecurityProtocol.PLAINTEXT) {
            return;
        }
        for (PlugIn plugIn : PLUG_INS) {
            String value = listener.string(plugIn.key());
            if (!value.isEmpty() && !value.equals(plugIn.allowed())) {
                throw listener.refused(
                        plugIn.key(), "allowed is " + (plugIn.allowed().isEmpty() ? "none" : plugIn.allowed()));
            }
        }
    }
}

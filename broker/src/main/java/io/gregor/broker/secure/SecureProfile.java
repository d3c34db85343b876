package io.gregor.broker.secure;

import io.gregor.broker.config.BrokerConfig;
import io.gregor.broker.config.InvalidConfigException;
import io.gregor.broker.config.Listener;
import io.gregor.broker.config.ListenerConfig;
import io.gregor.broker.config.Profile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The settings of {@code --secure}: what is not given has them, and what is given must not open what they close. Pure.
 */
final class SecureProfile {
    static final String USER = "admin";
    static final String PLAIN_MODULE = "org.apache.kafka.common.security.plain.PlainLoginModule required";
    static final String SCRAM_MODULE = "org.apache.kafka.common.security.scram.ScramLoginModule required";
    static final String SCRAM = "SCRAM-SHA-512";
    private static final String LISTENERS = "listeners";
    private static final String ADDRESS = "localhost:9092";
    private static final String CONTROLLERS = "controller.listener.names";
    private static final String CLIENT_AUTH = "ssl.client.auth";

    private SecureProfile() {}

    /**
     * What holds for this kind where it is not given.
     *
     * @param broker the file with the broker's key and certificate
     * @param authority the file with the authority's certificate
     * @param password of the only user, where the kind keeps it in the settings
     */
    static Profile of(SecureKind kind, Map<String, String> given, Path broker, Path authority, String password) {
        Map<String, String> keys = new LinkedHashMap<>();
        keys.put(LISTENERS, kind.protocol() + "://" + ADDRESS);
        List<Listener> listeners = Listener.parse(LISTENERS, given.getOrDefault(LISTENERS, keys.get(LISTENERS)));
        if (!given.containsKey("security.inter.broker.protocol")) {
            keys.put("inter.broker.listener.name", firstOfClients(listeners, given));
        }
        putTls(kind, given, keys, broker, authority);
        switch (kind) {
            case PLAIN -> {
                keys.put("sasl.enabled.mechanisms", "PLAIN");
                keys.put("sasl.mechanism.inter.broker.protocol", "PLAIN");
                String users = PLAIN_MODULE + " user_" + USER + "=\"" + password + "\";";
                listeners.forEach(listener -> keys.put(jaas(listener, "plain"), users));
            }
            case SCRAM -> {
                keys.put("sasl.enabled.mechanisms", SCRAM + ",SCRAM-SHA-256");
                keys.put("sasl.mechanism.inter.broker.protocol", SCRAM);
                for (Listener listener : listeners) {
                    keys.put(jaas(listener, "scram-sha-512"), SCRAM_MODULE + ";");
                    keys.put(jaas(listener, "scram-sha-256"), SCRAM_MODULE + ";");
                }
            }
            case MTLS -> {
                keys.put(CLIENT_AUTH, "required");
                // The user's name is what the certificate calls it, as for the other kinds.
                keys.put("ssl.principal.mapping.rules", "RULE:^CN=([^,=+]+)$/$1/,DEFAULT");
            }
        }
        keys.put("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer");
        keys.put("super.users", "User:" + USER);
        keys.put("allow.everyone.if.no.acl.found", "false");
        return new Profile(keys);
    }

    /** Where a key store is given, no part of it comes from here. */
    private static void putTls(
            SecureKind kind, Map<String, String> given, Map<String, String> keys, Path broker, Path authority) {
        if (given.keySet().stream().noneMatch(key -> key.startsWith("ssl.keystore."))) {
            keys.put("ssl.keystore.type", "PEM");
            keys.put("ssl.keystore.location", broker.toString());
        }
        if (kind == SecureKind.MTLS && given.keySet().stream().noneMatch(key -> key.startsWith("ssl.truststore."))) {
            keys.put("ssl.truststore.type", "PEM");
            keys.put("ssl.truststore.location", authority.toString());
        }
    }

    private static String firstOfClients(List<Listener> listeners, Map<String, String> given) {
        List<String> controllers = List.of(given.getOrDefault(CONTROLLERS, "").split("\\s*,\\s*", -1));
        return listeners.stream()
                .map(Listener::name)
                .filter(name -> !controllers.contains(name))
                .findFirst()
                .orElse(listeners.get(0).name());
    }

    private static String jaas(Listener listener, String mechanism) {
        return "listener.name." + listener.name().toLowerCase(Locale.ROOT) + "." + mechanism + ".sasl.jaas.config";
    }

    /** @throws InvalidConfigException if somebody could come in without saying who it is, or not encrypted */
    static void requireClosed(SecureKind kind, BrokerConfig config) {
        List<Listener> all = new ArrayList<>(config.listeners());
        all.addAll(config.controllerListeners());
        for (Listener listener : all) {
            ListenerConfig settings = config.ofListener(listener.name());
            if (settings.protocol() != kind.protocol()) {
                throw new InvalidConfigException(LISTENERS + "=" + config.string(LISTENERS) + ": " + listener.name()
                        + " has the protocol " + settings.protocol() + ", allowed with " + kind.option() + " is "
                        + kind.protocol() + ", as in " + kind.protocol() + "://" + ADDRESS);
            }
            String auth = settings.string(CLIENT_AUTH);
            if (kind == SecureKind.MTLS && !auth.equalsIgnoreCase("required")) {
                throw settings.refused(CLIENT_AUTH, "allowed with " + kind.option() + " is required");
            }
        }
    }
}

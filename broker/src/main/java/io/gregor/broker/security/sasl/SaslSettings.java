package io.gregor.broker.security.sasl;

import io.gregor.broker.config.InvalidConfigException;
import io.gregor.broker.config.ListenerConfig;
import io.gregor.broker.security.sasl.JaasConfig.Module;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import javax.security.auth.login.AppConfigurationEntry;
import javax.security.auth.login.Configuration;
import org.jspecify.annotations.Nullable;

/** With what clients of one listener can authenticate. Immutable. */
public final class SaslSettings {
    private static final String ENABLED = "sasl.enabled.mechanisms";
    private static final String JAAS = "sasl.jaas.config";
    private static final String MAX_REAUTH = "connections.max.reauth.ms";
    private static final String JAAS_FILE = "java.security.auth.login.config";
    private static final String JAAS_CONTEXT = "KafkaServer";
    private static final String PLAIN = "PLAIN";
    private static final String PLAIN_MODULE = "org.apache.kafka.common.security.plain.PlainLoginModule";
    private static final String SCRAM_MODULE = "org.apache.kafka.common.security.scram.ScramLoginModule";
    private static final String USER_OPTION = "user_";
    private static final int NONCE_CHARACTERS = 26;
    private static final String NONCE_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789";

    /** Classes that may be named for each mechanism; one that is given there runs nowhere else. */
    private static final List<String> PLUG_INS =
            List.of("sasl.server.callback.handler.class", "sasl.login.callback.handler.class", "sasl.login.class");

    private static final Set<String> MECHANISMS = Set.of(PLAIN, "SCRAM-SHA-256", "SCRAM-SHA-512");

    /**
     * One that is enabled.
     *
     * @param maxReauthMs how long a session may be; 0: for ever
     */
    record Mechanism(SaslExchange first, long maxReauthMs) {}

    private final Map<String, Mechanism> mechanisms;

    private SaslSettings(Map<String, Mechanism> mechanisms) {
        this.mechanisms = mechanisms;
    }

    /**
     * @param random where nonces come from: nobody may guess them
     * @throws InvalidConfigException if a mechanism cannot be had with these settings
     */
    public static SaslSettings of(ListenerConfig listener, ScramCredentials credentials, RandomGenerator random) {
        Map<String, Mechanism> mechanisms = new LinkedHashMap<>();
        Supplier<String> nonces = () -> nonce(random);
        for (String name : listener.list(ENABLED)) {
            if (!MECHANISMS.contains(name)) {
                throw listener.refused(
                        ENABLED, name + " cannot be had, allowed are PLAIN, SCRAM-SHA-256, SCRAM-SHA-512");
            }
            String prefix = name.toLowerCase(Locale.ROOT) + ".";
            refusePlugIns(listener, prefix);
            Optional<ScramHash> hash = ScramHash.of(name);
            Map<String, String> options =
                    options(listener, prefix + JAAS, hash.isPresent() ? SCRAM_MODULE : PLAIN_MODULE);
            SaslExchange first = hash.isPresent()
                    ? new ScramExchange(hash.get(), credentials, nonces)
                    : new PlainExchange(passwords(options));
            mechanisms.put(name, new Mechanism(first, maxReauthMs(listener, prefix)));
        }
        if (mechanisms.isEmpty()) {
            throw listener.refused(ENABLED, "allowed is at least one mechanism");
        }
        return new SaslSettings(mechanisms);
    }

    private static String nonce(RandomGenerator random) {
        StringBuilder nonce = new StringBuilder();
        for (int i = 0; i < NONCE_CHARACTERS; i++) {
            nonce.append(NONCE_ALPHABET.charAt(random.nextInt(NONCE_ALPHABET.length())));
        }
        return nonce.toString();
    }

    private static void refusePlugIns(ListenerConfig listener, String prefix) {
        for (String key : PLUG_INS) {
            for (String full : List.of(prefix + key, key)) {
                if (listener.given(full) != null) {
                    throw listener.refused(full, "allowed is none, since no class of others can be had");
                }
            }
        }
    }

    private static long maxReauthMs(ListenerConfig listener, String prefix) {
        String own = listener.given(prefix + MAX_REAUTH);
        try {
            return own == null ? listener.number(MAX_REAUTH) : Long.parseLong(own);
        } catch (NumberFormatException e) {
            throw listener.refused(prefix + MAX_REAUTH, "allowed is a number of milliseconds");
        }
    }

    private static Map<String, String> passwords(Map<String, String> options) {
        Map<String, String> passwords = new HashMap<>();
        options.forEach((name, value) -> {
            if (name.startsWith(USER_OPTION)) {
                passwords.put(name.substring(USER_OPTION.length()), value);
            }
        });
        return Map.copyOf(passwords);
    }

    /** What the login module is told, in the configuration or in the file of the JVM. */
    private static Map<String, String> options(ListenerConfig listener, String key, String module) {
        String text = listener.given(key);
        List<Module> modules;
        try {
            modules = text == null ? ofFile(listener.name()) : JaasConfig.parse(text);
        } catch (IllegalArgumentException | SecurityException e) {
            throw listener.refused(key, "it is no JAAS configuration, " + e.getMessage());
        }
        if (text != null && modules.size() != 1) {
            throw listener.refused(key, "allowed is one login module, there are " + modules.size());
        }
        for (Module one : modules) {
            if (one.name().equals(module)) {
                return one.options();
            }
        }
        throw listener.refused(
                key,
                "allowed is " + module + " with its options, here or in the section " + JAAS_CONTEXT
                        + " of the file in " + JAAS_FILE);
    }

    private static List<Module> ofFile(String listener) {
        if (System.getProperty(JAAS_FILE) == null) {
            return List.of();
        }
        Configuration file = Configuration.getConfiguration();
        AppConfigurationEntry @Nullable [] entries =
                file.getAppConfigurationEntry(listener.toLowerCase(Locale.ROOT) + "." + JAAS_CONTEXT);
        if (entries == null) {
            entries = file.getAppConfigurationEntry(JAAS_CONTEXT);
        }
        List<Module> modules = new ArrayList<>();
        if (entries != null) {
            Arrays.stream(entries).forEach(entry -> {
                Map<String, String> options = new HashMap<>();
                entry.getOptions().forEach((name, value) -> options.put(name, String.valueOf(value)));
                modules.add(new Module(entry.getLoginModuleName(), options));
            });
        }
        return modules;
    }

    /** In the order in which they are given. */
    List<String> names() {
        return List.copyOf(mechanisms.keySet());
    }

    @Nullable
    Mechanism find(String name) {
        return mechanisms.get(name);
    }
}

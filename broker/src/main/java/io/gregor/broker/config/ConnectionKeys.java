package io.gregor.broker.config;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The keys that limit connections. Pure. */
public final class ConnectionKeys {
    /** How many may be open, at all listeners or at one. */
    public static final String MOST = "max.connections";

    /** How many may be made in a second, at all listeners or at one. */
    public static final String RATE = "max.connection.creation.rate";

    /** How many may be open from one address. */
    public static final String OF_ADDRESS = "max.connections.per.ip";

    /** The same for some addresses. */
    public static final String OVERRIDES = "max.connections.per.ip.overrides";

    private static final Pattern HOST = Pattern.compile("[0-9a-zA-Z\\-%._:]*");
    private static final Set<String> OF_LISTENERS = Set.of(MOST, RATE);
    private static final Set<String> ALL = Set.of(MOST, RATE, OF_ADDRESS, OVERRIDES);

    private ConnectionKeys() {}

    /** Whether a key, be it of one listener, limits connections. */
    public static boolean limits(String key) {
        return ALL.contains(key) || OF_LISTENERS.contains(BrokerConfigs.withoutListener(key));
    }

    /** The key as it is for one listener alone. */
    public static String ofListener(String listener, String key) {
        return ListenerConfig.prefix(listener) + key;
    }

    /**
     * Why brokers cannot have these limits while they run, in Kafka's words, or null if they can.
     *
     * @param configs those that are new, every value valid by itself
     */
    static @Nullable String objection(Map<String, String> configs, BrokerConfig atStart) {
        Map<String, Integer> overrides;
        try {
            overrides = overrides(value(configs, atStart, OVERRIDES));
        } catch (NumberFormatException e) {
            return e.getMessage();
        } catch (IndexOutOfBoundsException e) {
            return "Error parsing configuration property '" + OVERRIDES + "': " + e.getMessage();
        }
        if (number(configs, atStart, OF_ADDRESS) == 0 && overrides.isEmpty()) {
            return "requirement failed: " + OF_ADDRESS + " can be set to zero only if " + OVERRIDES
                    + " property is set.";
        }
        List<String> bad = badHosts(overrides);
        return bad.isEmpty()
                ? objectionOfListeners(configs, atStart)
                : OVERRIDES + " contains invalid addresses : " + String.join(",", bad);
    }

    private static List<String> badHosts(Map<String, Integer> overrides) {
        return overrides.keySet().stream()
                .filter(host -> !HOST.matcher(host).matches())
                .toList();
    }

    /** Whether that can be a value of {@link #OVERRIDES}. */
    static boolean areOverrides(String value) {
        try {
            return badHosts(overrides(value)).isEmpty();
        } catch (NumberFormatException | IndexOutOfBoundsException e) {
            return false;
        }
    }

    private static @Nullable String objectionOfListeners(Map<String, String> configs, BrokerConfig atStart) {
        for (Listener listener : atStart.listeners()) {
            for (String key : List.of(MOST, RATE)) {
                String own = ofListener(listener.name(), key);
                String holds = value(configs, atStart, own).isEmpty() ? key : own;
                if (configs.containsKey(holds) && number(configs, atStart, holds) <= 0) {
                    return "Invalid value org.apache.kafka.common.config.ConfigException: Invalid " + key + " "
                            + number(configs, atStart, holds) + " for configuration Invalid dynamic configuration";
                }
            }
        }
        return null;
    }

    private static int number(Map<String, String> configs, BrokerConfig atStart, String key) {
        return Integer.parseInt(value(configs, atStart, key));
    }

    private static String value(Map<String, String> configs, BrokerConfig atStart, String key) {
        String given = configs.get(key);
        return given == null ? atStart.string(key) : given.trim();
    }

    /**
     * The hosts and their limits in a value of {@link #OVERRIDES}.
     *
     * @throws IndexOutOfBoundsException if one is not parted from its number
     * @throws NumberFormatException if that is none
     */
    public static Map<String, Integer> overrides(String value) {
        Map<String, Integer> limits = new HashMap<>();
        for (String override : ConfigDefinition.elements(value)) {
            int colon = override.lastIndexOf(':');
            limits.put(
                    override.substring(0, colon).trim(),
                    Integer.parseInt(override.substring(colon + 1).trim()));
        }
        return limits;
    }
}

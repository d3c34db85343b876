package io.gregor.broker.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Settings that an option of the command line stands for: they hold where nobody says otherwise. Immutable.
 *
 * @param keys in the order in which they are shown
 */
public record Profile(Map<String, String> keys) {
    private static final String HIDDEN = "(not shown)";
    /** Of a listener and a mechanism, too, and then in none of Kafka's tables. */
    private static final String JAAS = "sasl.jaas.config";

    public Profile {
        keys = Collections.unmodifiableMap(new LinkedHashMap<>(keys));
    }

    /** The profile, and over it what was given. */
    public Map<String, String> under(Map<String, String> given) {
        Map<String, String> settings = new HashMap<>(keys);
        settings.putAll(given);
        return Map.copyOf(settings);
    }

    /** What holds of the profile, and what was given in place of it, for the log: without passwords. */
    public String describe(Map<String, String> given) {
        List<String> holds = new ArrayList<>();
        List<String> otherwise = new ArrayList<>();
        keys.forEach((key, value) -> {
            if (given.containsKey(key)) {
                otherwise.add(key + "=" + shown(key, given.get(key)));
            } else {
                holds.add(key + "=" + shown(key, value));
            }
        });
        return String.join(", ", holds) + (otherwise.isEmpty() ? "" : "; yours: " + String.join(", ", otherwise));
    }

    private static String shown(String key, String value) {
        boolean secret = key.endsWith(JAAS) || BrokerConfigs.definition(key).type() == ConfigDefinition.Type.PASSWORD;
        return secret ? HIDDEN : value;
    }
}

package io.gregor.broker;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What {@code gregor start --dev} says in place of whoever says nothing: what people set by hand to develop and test.
 * Immutable. The launcher gives the JVM a smaller heap, too.
 */
final class DevProfile {
    private static final Map<String, String> KEYS = keys();

    private DevProfile() {}

    private static Map<String, String> keys() {
        Map<String, String> keys = new LinkedHashMap<>();
        // A group begins at once, not three seconds after its first member has come.
        keys.put("group.initial.rebalance.delay.ms", "0");
        // Few files, and little to load at a start.
        keys.put("offsets.topic.num.partitions", "3");
        keys.put("transaction.state.log.num.partitions", "3");
        keys.put("auto.create.topics.enable", "true");
        // What is deleted gives its room back soon.
        keys.put("log.segment.delete.delay.ms", "1000");
        return keys;
    }

    /** The profile, and over it what was given. */
    static Map<String, String> under(Map<String, String> given) {
        Map<String, String> settings = new HashMap<>(KEYS);
        settings.putAll(given);
        return Map.copyOf(settings);
    }

    /** What holds of the profile, and what was given in place of it, for the log. */
    static String describe(Map<String, String> given) {
        List<String> holds = new ArrayList<>();
        List<String> otherwise = new ArrayList<>();
        KEYS.forEach((key, value) -> {
            if (given.containsKey(key)) {
                otherwise.add(key + "=" + given.get(key));
            } else {
                holds.add(key + "=" + value);
            }
        });
        return String.join(", ", holds) + (otherwise.isEmpty() ? "" : "; yours: " + String.join(", ", otherwise));
    }
}

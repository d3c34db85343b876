package io.gregor.broker.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What keys that Apache Kafka does not have may be meant to be: most are typing errors. Pure. */
final class UnknownKeys {
    private static final int LONG_KEY = 12;

    private UnknownKeys() {}

    /** The keys, each with the one of Kafka's that it resembles most, if it resembles any. */
    static List<String> withSuggestions(List<String> keys) {
        return keys.stream()
                .map(key -> {
                    String closest = closest(key);
                    return closest == null ? key : key + " (" + closest + "?)";
                })
                .toList();
    }

    private static @Nullable String closest(String key) {
        String closest = null;
        int least = key.length() < LONG_KEY ? 3 : 4;
        for (ConfigDefinition definition : ConfigDefinitions.BROKER.all()) {
            int distance = distance(key, definition.name());
            if (distance < least) {
                least = distance;
                closest = definition.name();
            }
        }
        return closest;
    }

    /** How many letters have to be added, taken out or replaced to make one text the other. */
    private static int distance(String one, String other) {
        int[] before = new int[other.length() + 1];
        for (int j = 0; j <= other.length(); j++) {
            before[j] = j;
        }
        for (int i = 1; i <= one.length(); i++) {
            int[] now = new int[other.length() + 1];
            now[0] = i;
            for (int j = 1; j <= other.length(); j++) {
                int replaced = before[j - 1] + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                now[j] = Math.min(replaced, 1 + Math.min(before[j], now[j - 1]));
            }
            before = now;
        }
        return before[other.length()];
    }
}

package io.gregor.broker.config;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.gregor.coordinator.runtime.LinearPattern;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a subscription of clients' metrics says (KIP-714). Immutable.
 *
 * @param metrics prefixes of names, {@code *} for all
 * @param match what the attributes of a client must look like; in RE2's syntax, which has no look-around and no
 *     references back, as Java's have that Apache Kafka takes: a match may take it for ever
 */
public record ClientMetricsConfigs(Set<String> metrics, int intervalMs, Map<String, Pattern> match) {
    public static final int DEFAULT_INTERVAL_MS = 300_000;

    private static final String METRICS = "metrics";
    private static final String INTERVAL = "interval.ms";
    private static final String MATCH = "match";
    private static final int SHORTEST_INTERVAL_MS = 100;
    private static final int LONGEST_INTERVAL_MS = 3_600_000;
    private static final Set<String> MATCHED = Set.of(
            "client_instance_id",
            "client_id",
            "client_software_name",
            "client_software_version",
            "client_source_address",
            "client_source_port");

    /** @param configs to which there is no {@link #objection} */
    public static ClientMetricsConfigs of(Map<String, String> configs) {
        Map<String, Pattern> match = new HashMap<>();
        for (String text : ConfigDefinition.elements(configs.getOrDefault(MATCH, ""))) {
            Match one = match(text);
            if (one != null) {
                match.put(one.attribute(), one.pattern());
            }
        }
        String interval = configs.get(INTERVAL);
        return new ClientMetricsConfigs(
                // A hash set, since its order is Kafka's.
                new HashSet<>(ConfigDefinition.elements(configs.getOrDefault(METRICS, ""))),
                interval == null ? DEFAULT_INTERVAL_MS : Integer.parseInt(interval.trim()),
                Map.copyOf(match));
    }

    /**
     * Why a subscription cannot say that, or null.
     *
     * @param ofRequest whether it is the request that is wrong, and not only a value
     */
    public record Objection(boolean ofRequest, String message) {}

    public static @Nullable Objection objection(String subscription, Map<String, String> configs) {
        if (subscription.isEmpty()) {
            return new Objection(true, "Subscription name can't be empty");
        }
        for (String key : configs.keySet()) {
            if (ConfigDefinitions.CLIENT_METRICS.find(key) == null) {
                return new Objection(true, "Unknown client metrics configuration: " + key);
            }
        }
        for (Map.Entry<String, String> one : configs.entrySet()) {
            ConfigDefinition definition = ConfigDefinitions.CLIENT_METRICS.find(one.getKey());
            String objection = definition == null ? null : definition.objection(one.getValue());
            if (objection != null) {
                return new Objection(false, objection);
            }
        }
        String interval = configs.get(INTERVAL);
        if (interval != null) {
            int ms = Integer.parseInt(interval.trim());
            if (ms < SHORTEST_INTERVAL_MS || ms > LONGEST_INTERVAL_MS) {
                return new Objection(
                        true,
                        "Invalid value " + ms + " for " + INTERVAL
                                + ", interval must be between 100 and 3600000 (1 hour)");
            }
        }
        for (String text : ConfigDefinition.elements(configs.getOrDefault(MATCH, ""))) {
            if (match(text) == null) {
                return new Objection(false, "Illegal client matching pattern: " + text);
            }
        }
        return null;
    }

    private record Match(String attribute, Pattern pattern) {}

    /** {@code attribute=pattern}, or null if it is none. */
    private static @Nullable Match match(String text) {
        // As Kafka splits it: what is empty at the end does not count.
        String[] pair = text.split("=");
        if (pair.length != 2 || !MATCHED.contains(pair[0].trim())) {
            return null;
        }
        try {
            return new Match(pair[0].trim(), LinearPattern.compile(pair[1].trim()));
        } catch (PatternSyntaxException e) {
            return null;
        }
    }

    /** All values that the configuration could have, the one that holds first, as DescribeConfigs lists them. */
    public static List<TopicConfig.Value> values(ConfigDefinition definition, Map<String, String> configs) {
        List<TopicConfig.Value> values = new ArrayList<>();
        String own = configs.get(definition.name());
        if (own != null) {
            values.add(
                    new TopicConfig.Value(definition.name(), definition.shown(own), TopicConfig.Source.CLIENT_METRICS));
        }
        return values;
    }
}

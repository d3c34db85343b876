package io.gregor.broker.telemetry;

import io.gregor.broker.config.ClientMetricsConfigs;
import io.gregor.controller.ConfigResource;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32C;

/** All that administrators want to know of clients, at one moment. Immutable. */
final class Subscriptions {
    static final Subscriptions NONE = new Subscriptions(Map.of());

    private static final String ALL = "*";

    private final Map<String, Map<String, String>> configs;
    private final List<ClientMetricsConfigs> parsed;

    private Subscriptions(Map<String, Map<String, String>> configs) {
        this.configs = configs;
        parsed = configs.values().stream().map(ClientMetricsConfigs::of).toList();
    }

    /** What one client is asked for by all subscriptions that match it. */
    record Merged(List<String> metrics, int intervalMs, int checksum) {}

    /** This, or what the metadata say now, if that is something else. */
    Subscriptions following(Map<ConfigResource, Map<String, String>> all) {
        Map<String, Map<String, String>> now = new HashMap<>();
        all.forEach((resource, values) -> {
            if (resource.type() == ConfigResource.CLIENT_METRICS) {
                now.put(resource.name(), values);
            }
        });
        return now.equals(configs) ? this : new Subscriptions(now);
    }

    Merged of(ClientIdentity client) {
        // A hash set, since its order is that in which Kafka lists and sums them.
        Set<String> metrics = new HashSet<>();
        int intervalMs = ClientMetricsConfigs.DEFAULT_INTERVAL_MS;
        for (ClientMetricsConfigs subscription : parsed) {
            if (matches(client, subscription)) {
                metrics.addAll(subscription.metrics());
                intervalMs = Math.min(intervalMs, subscription.intervalMs());
            }
        }
        if (metrics.contains(ALL)) {
            metrics = Set.of(ALL);
        }
        CRC32C checksum = new CRC32C();
        checksum.update((metrics.toString() + intervalMs).getBytes(StandardCharsets.UTF_8));
        return new Merged(List.copyOf(metrics), intervalMs, (int) checksum.getValue());
    }

    private static boolean matches(ClientIdentity client, ClientMetricsConfigs subscription) {
        return subscription.match().entrySet().stream().allMatch(one -> {
            String attribute = client.attribute(one.getKey());
            return attribute != null && one.getValue().matcher(attribute).matches();
        });
    }
}

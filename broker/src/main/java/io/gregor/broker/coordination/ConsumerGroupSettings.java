package io.gregor.broker.coordination;

import io.gregor.broker.cluster.ClusterMetadata;
import io.gregor.broker.config.BrokerConfig;
import io.gregor.broker.config.DynamicConfig;
import io.gregor.broker.config.GroupAssignors;
import io.gregor.controller.ConfigResource;
import io.gregor.coordinator.group.consumer.ConsumerGroupConfig;
import io.gregor.coordinator.group.consumer.assignor.Assignor;
import io.gregor.coordinator.group.consumer.assignor.RangeAssignor;
import io.gregor.coordinator.group.consumer.assignor.UniformAssignor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * The settings for consumer groups: those of a group, within the limits of the broker, else those of the broker. Read
 * on any lane.
 */
final class ConsumerGroupSettings implements ConsumerGroupConfig {
    private static final String PREFIX = "group.consumer.";
    private static final Map<String, Assignor> BUILT_IN =
            Map.of("uniform", new UniformAssignor(), "range", new RangeAssignor());

    private final BrokerConfig config;
    private final ClusterMetadata metadata;
    private final List<Assignor> assignors;
    private final Migration migration;

    ConsumerGroupSettings(BrokerConfig config, ClusterMetadata metadata) {
        this.config = config;
        this.metadata = metadata;
        assignors = assignors(config.string(PREFIX + "assignors"));
        migration = Migration.valueOf(
                config.string(PREFIX + "migration.policy").trim().toUpperCase(Locale.ROOT));
    }

    private static List<Assignor> assignors(String names) {
        List<Assignor> assignors = new ArrayList<>();
        for (String name : names.split(",", -1)) {
            assignors.add(Objects.requireNonNull(BUILT_IN.get(GroupAssignors.name(name.trim())), name));
        }
        return List.copyOf(assignors);
    }

    private int ofGroup(String groupId, String key) {
        String value = metadata.image()
                .configOf(new ConfigResource(ConfigResource.GROUP, groupId))
                .get("consumer." + key);
        if (value == null) {
            return ofBroker(PREFIX + key);
        }
        int least = config.integer(PREFIX + "min." + key);
        int most = config.integer(PREFIX + "max." + key);
        return Math.max(least, Math.min(most, Integer.parseInt(value.trim())));
    }

    private int ofBroker(String key) {
        return Integer.parseInt(DynamicConfig.of(metadata.image(), config).string(key));
    }

    @Override
    public int sessionTimeoutMs(String groupId) {
        return ofGroup(groupId, "session.timeout.ms");
    }

    @Override
    public int heartbeatIntervalMs(String groupId) {
        return ofGroup(groupId, "heartbeat.interval.ms");
    }

    @Override
    public int assignmentIntervalMs(String groupId) {
        return ofGroup(groupId, "assignment.interval.ms");
    }

    @Override
    public int maxSize() {
        return config.integer(PREFIX + "max.size");
    }

    @Override
    public List<Assignor> assignors() {
        return assignors;
    }

    @Override
    public Migration migration() {
        return migration;
    }

    @Override
    public int regexRefreshIntervalMs() {
        return config.integer(PREFIX + "regex.refresh.interval.ms");
    }
}

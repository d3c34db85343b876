package io.gregor.broker.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What can be set for one group, within the limits that the broker sets for all. Pure. */
public final class GroupConfigs {
    /** Keys with limits, in the order in which they are checked; some are checked only if they are set. */
    private static final List<Limited> LIMITED = List.of(
            new Limited("consumer", "heartbeat.interval.ms", true),
            new Limited("consumer", "session.timeout.ms", true),
            new Limited("consumer", "assignment.interval.ms", false),
            new Limited("share", "heartbeat.interval.ms", true),
            new Limited("share", "session.timeout.ms", true),
            new Limited("share", "record.lock.duration.ms", true),
            new Limited("share", "delivery.count.limit", true),
            new Limited("share", "partition.max.record.locks", true),
            new Limited("share", "assignment.interval.ms", false),
            new Limited("streams", "heartbeat.interval.ms", true),
            new Limited("streams", "session.timeout.ms", true),
            new Limited("streams", "assignment.interval.ms", false));

    private record Limited(String kind, String key, boolean always) {
        String name() {
            return kind + "." + key;
        }

        String broker(String limit) {
            return "group." + kind + "." + limit + "." + key;
        }
    }

    private GroupConfigs() {}

    /** Why a group cannot have these configurations, in Kafka's words, or null if it can. */
    public static @Nullable String objection(Map<String, String> configs, DynamicConfig broker) {
        String unknown = unknown(configs);
        if (unknown != null) {
            return "Unknown group config name: " + unknown;
        }
        for (ConfigDefinition definition : ConfigDefinitions.GROUP.all()) {
            String value = configs.get(definition.name());
            String objection = value == null ? null : definition.objection(value);
            if (objection != null) {
                return objection;
            }
        }
        for (Limited limited : LIMITED) {
            String objection = objection(limited, configs, broker);
            if (objection != null) {
                return objection;
            }
        }
        int standbys = number("streams.num.standby.replicas", configs, broker);
        if (standbys > brokerNumber("group.streams.max.standby.replicas", broker)) {
            return "streams.num.standby.replicas must be less than or equal to group.streams.max.standby.replicas";
        }
        for (String kind : List.of("consumer", "share", "streams")) {
            String session = kind + ".session.timeout.ms";
            String heartbeat = kind + ".heartbeat.interval.ms";
            if (number(session, configs, broker) <= number(heartbeat, configs, broker)) {
                return session + " must be greater than " + heartbeat;
            }
        }
        return null;
    }

    /** The first that Kafka finds, which looks through all that a group has. */
    private static @Nullable String unknown(Map<String, String> configs) {
        Map<String, Boolean> isUnknown = new HashMap<>();
        ConfigDefinitions.GROUP.all().forEach(one -> isUnknown.put(one.name(), false));
        configs.keySet().forEach(name -> isUnknown.putIfAbsent(name, true));
        return isUnknown.entrySet().stream()
                .filter(Map.Entry::getValue)
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(null);
    }

    private static @Nullable String objection(Limited limited, Map<String, String> configs, DynamicConfig broker) {
        if (!limited.always() && !configs.containsKey(limited.name())) {
            return null;
        }
        int value = number(limited.name(), configs, broker);
        if (value < brokerNumber(limited.broker("min"), broker)) {
            return limited.name() + " must be greater than or equal to " + limited.broker("min");
        }
        if (value > brokerNumber(limited.broker("max"), broker)) {
            return limited.name() + " must be less than or equal to " + limited.broker("max");
        }
        return null;
    }

    private static int number(String name, Map<String, String> configs, DynamicConfig broker) {
        String value = configs.get(name);
        return value == null ? brokerNumber("group." + name, broker) : Integer.parseInt(value.trim());
    }

    private static int brokerNumber(String name, DynamicConfig broker) {
        List<TopicConfig.Value> values = broker.values(name);
        String value = values.isEmpty() ? null : values.get(0).value();
        return value == null ? 0 : Integer.parseInt(value.trim());
    }

    /** All values that the configuration could have, the one that holds first, as DescribeConfigs lists them. */
    public static List<TopicConfig.Value> values(
            ConfigDefinition definition, Map<String, String> configs, DynamicConfig broker) {
        List<TopicConfig.Value> values = new ArrayList<>();
        String own = configs.get(definition.name());
        if (own != null) {
            values.add(new TopicConfig.Value(definition.name(), definition.shown(own), TopicConfig.Source.GROUP));
        }
        if (definition.synonyms().isEmpty()) {
            values.add(new TopicConfig.Value(definition.name(), definition.defaultValue(), TopicConfig.Source.DEFAULT));
        } else {
            values.addAll(broker.values(definition.synonyms().get(0).name()));
        }
        return values;
    }
}

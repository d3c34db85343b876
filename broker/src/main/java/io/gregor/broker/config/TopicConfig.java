package io.gregor.broker.config;

import io.gregor.log.BatchValidation;
import io.gregor.log.LogConfig;
import io.gregor.wire.record.Compression;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What holds for one topic: what was set for it, else the broker's synonyms, else Kafka's default. Immutable.
 */
public record TopicConfig(LogConfig log, BatchValidation.Rules rules) {
    private static final String SMALL_SEGMENTS = "internal.segment.bytes";

    /** Where a value comes from, as DescribeConfigs numbers it. */
    public enum Source {
        TOPIC(1),
        BROKER(2),
        CLUSTER(3),
        STATIC_BROKER(4),
        DEFAULT(5),
        CLIENT_METRICS(7),
        GROUP(8);

        /** Those that a broker's configuration can come from, the strongest first. */
        public static final List<Source> OF_BROKERS = List.of(BROKER, CLUSTER, STATIC_BROKER);

        private final byte id;

        Source(int id) {
            this.id = (byte) id;
        }

        public byte id() {
            return id;
        }
    }

    /** A value that a configuration has or could have. */
    public record Value(String name, @Nullable String value, Source source) {}

    /**
     * The value that holds: what was set for the topic, else the strongest synonym that is set anywhere, else a
     * default.
     */
    public static Value value(ConfigDefinition definition, Map<String, String> overrides, DynamicConfig broker) {
        String override = overrides.get(definition.name());
        if (override != null) {
            return new Value(definition.name(), definition.shown(override), Source.TOPIC);
        }
        for (ConfigDefinition.Synonym synonym : definition.synonyms()) {
            for (Source source : Source.OF_BROKERS) {
                String given = broker.given(synonym.name(), source);
                if (given != null) {
                    return new Value(synonym.name(), definition.shown(synonym.convert(given)), source);
                }
            }
        }
        List<Value> defaults = defaults(definition);
        return defaults.isEmpty()
                ? new Value(definition.name(), definition.defaultValue(), Source.DEFAULT)
                : defaults.get(0);
    }

    private static List<Value> defaults(ConfigDefinition definition) {
        List<Value> defaults = new ArrayList<>();
        for (ConfigDefinition.Synonym synonym : definition.synonyms()) {
            ConfigDefinition brokers = ConfigDefinitions.BROKER.find(synonym.name());
            String text = brokers == null ? null : brokers.defaultValue();
            if (text != null) {
                defaults.add(new Value(synonym.name(), synonym.convert(text), Source.DEFAULT));
            }
        }
        return defaults;
    }

    /** All values that the configuration could have, as DescribeConfigs lists them, in the units of their keys. */
    public static List<Value> synonyms(
            ConfigDefinition definition, Map<String, String> overrides, DynamicConfig broker) {
        List<String> names = definition.synonyms().stream()
                .map(ConfigDefinition.Synonym::name)
                .toList();
        List<Value> values = new ArrayList<>();
        String override = overrides.get(definition.name());
        if (override != null) {
            values.add(new Value(definition.name(), definition.shown(override), Source.TOPIC));
        }
        values.addAll(names.isEmpty() ? List.of() : broker.values(names, names.get(0)));
        return values;
    }

    /** @param overrides what was set for the topic, every value valid */
    public static TopicConfig of(Map<String, String> overrides, DynamicConfig broker) {
        Map<String, String> effective = new HashMap<>();
        for (ConfigDefinition definition : ConfigDefinitions.TOPIC.all()) {
            String value = value(definition, overrides, broker).value();
            effective.put(definition.name(), value == null ? "" : value.trim());
        }
        return new TopicConfig(log(effective), rules(effective));
    }

    private static LogConfig log(Map<String, String> effective) {
        String policy = effective.getOrDefault("cleanup.policy", "");
        // For tests, which want smaller segments than segment.bytes may ask for.
        boolean small = !effective.getOrDefault(SMALL_SEGMENTS, "").isEmpty();
        return new LogConfig(
                new LogConfig.Rolling(
                        (int) number(effective, small ? SMALL_SEGMENTS : "segment.bytes"),
                        number(effective, "segment.ms"),
                        number(effective, "segment.jitter.ms"),
                        (int) number(effective, "segment.index.bytes")),
                new LogConfig.Retention(
                        policy.contains("delete"),
                        number(effective, "retention.ms"),
                        number(effective, "retention.bytes")),
                new LogConfig.Compaction(
                        policy.contains("compact"),
                        Double.parseDouble(effective.getOrDefault("min.cleanable.dirty.ratio", "")),
                        number(effective, "min.compaction.lag.ms"),
                        number(effective, "max.compaction.lag.ms"),
                        number(effective, "delete.retention.ms")),
                new LogConfig.Flushing(number(effective, "flush.messages"), number(effective, "flush.ms")),
                (int) number(effective, "index.interval.bytes"),
                number(effective, "file.delete.delay.ms"),
                "true".equalsIgnoreCase(effective.get("preallocate")));
    }

    private static BatchValidation.Rules rules(Map<String, String> effective) {
        return new BatchValidation.Rules(
                (int) number(effective, "max.message.bytes"),
                effective.getOrDefault("cleanup.policy", "").contains("compact"),
                "LogAppendTime".equals(effective.get("message.timestamp.type")),
                number(effective, "message.timestamp.before.max.ms"),
                number(effective, "message.timestamp.after.max.ms"),
                recompression(effective));
    }

    private static BatchValidation.@Nullable Recompression recompression(Map<String, String> effective) {
        String type = effective.getOrDefault("compression.type", "");
        if (type.equals("producer")) {
            return null;
        }
        Compression codec =
                type.equals("uncompressed") ? Compression.NONE : Compression.valueOf(type.toUpperCase(Locale.ROOT));
        String level = effective.get("compression." + type + ".level");
        return new BatchValidation.Recompression(
                codec, level == null ? Compression.DEFAULT_LEVEL : Integer.parseInt(level));
    }

    private static long number(Map<String, String> values, String key) {
        return Long.parseLong(values.getOrDefault(key, ""));
    }

    /**
     * Why a topic cannot be given these settings, in Kafka's words, or null if it can.
     *
     * @param broker what it was started with: holds where the topic has no setting of its own
     */
    public static @Nullable String objection(Map<String, String> settings, BrokerConfig broker) {
        for (String name : settings.keySet()) {
            if (ConfigDefinitions.TOPIC.find(name) == null) {
                return "Unknown topic config name: " + name;
            }
        }
        for (ConfigDefinition definition : ConfigDefinitions.TOPIC.inOrder()) {
            String value = settings.get(definition.name());
            String objection = value == null ? null : definition.objection(value);
            if (objection != null) {
                return objection;
            }
        }
        long min = lag("min.compaction.lag.ms", settings, broker);
        long max = lag("max.compaction.lag.ms", settings, broker);
        if (min > max) {
            return "conflict topic config setting min.compaction.lag.ms (" + min + ") > max.compaction.lag.ms (" + max
                    + ")";
        }
        if (Boolean.parseBoolean(
                settings.getOrDefault("remote.storage.enable", "").trim())) {
            return "Tiered Storage functionality is disabled in the broker."
                    + " Topic cannot be configured with remote log storage.";
        }
        return null;
    }

    private static long lag(String key, Map<String, String> settings, BrokerConfig broker) {
        String own = settings.get(key);
        return own == null ? broker.number("log.cleaner." + key) : Long.parseLong(own.trim());
    }
}

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
    /** Where a value comes from, as DescribeConfigs numbers it. */
    public enum Source {
        TOPIC(1),
        STATIC_BROKER(4),
        DEFAULT(5);

        private final byte id;

        Source(int id) {
            this.id = (byte) id;
        }

        public byte id() {
            return id;
        }
    }

    /**
     * One value of a configuration.
     *
     * @param listed whether DescribeConfigs lists it among the synonyms: a default that no broker setting of the same
     *     meaning has is not
     */
    public record Value(String name, @Nullable String value, Source source, boolean listed) {}

    /** All values that a configuration could have, the one that holds first. */
    public static List<Value> values(ConfigDefinition definition, Map<String, String> overrides, BrokerConfig broker) {
        List<Value> values = new ArrayList<>();
        String override = overrides.get(definition.name());
        if (override != null) {
            values.add(new Value(definition.name(), override, Source.TOPIC, true));
        }
        String byDefault = definition.defaultValue();
        Value last = null;
        for (ConfigDefinition.Synonym synonym : definition.synonyms()) {
            String given = broker.given(synonym.name());
            if (given != null) {
                values.add(new Value(synonym.name(), synonym.convert(given), Source.STATIC_BROKER, true));
            }
            ConfigDefinition brokers = ConfigDefinitions.BROKER.find(synonym.name());
            String text = brokers == null ? null : brokers.defaultValue();
            if (text != null && last == null) {
                boolean first = synonym.equals(definition.synonyms().get(0));
                last = new Value(synonym.name(), synonym.convert(text), Source.DEFAULT, first);
            }
        }
        values.add(last == null ? new Value(definition.name(), byDefault, Source.DEFAULT, false) : last);
        return values;
    }

    /** @param overrides what was set for the topic, every value valid */
    public static TopicConfig of(Map<String, String> overrides, BrokerConfig broker) {
        Map<String, String> effective = new HashMap<>();
        for (ConfigDefinition definition : ConfigDefinitions.TOPIC.all()) {
            String value = values(definition, overrides, broker).get(0).value();
            effective.put(definition.name(), value == null ? "" : value.trim());
        }
        return new TopicConfig(log(effective), rules(effective));
    }

    private static LogConfig log(Map<String, String> effective) {
        String policy = effective.getOrDefault("cleanup.policy", "");
        return new LogConfig(
                new LogConfig.Rolling(
                        (int) number(effective, "segment.bytes"),
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
        Compression codec = type.equals("uncompressed")
                ? Compression.NONE
                : Compression.valueOf(type.toUpperCase(Locale.ROOT));
        String level = effective.get("compression." + type + ".level");
        return new BatchValidation.Recompression(
                codec, level == null ? Compression.DEFAULT_LEVEL : Integer.parseInt(level));
    }

    private static long number(Map<String, String> values, String key) {
        return Long.parseLong(values.getOrDefault(key, ""));
    }

    /** Why a topic cannot be given these settings, in Kafka's words, or null if it can. */
    public static @Nullable String objection(Map<String, String> settings) {
        for (Map.Entry<String, String> setting : settings.entrySet()) {
            ConfigDefinition definition = ConfigDefinitions.TOPIC.find(setting.getKey());
            if (definition == null) {
                return "Unknown topic config name: " + setting.getKey();
            }
            String objection = definition.objection(setting.getValue());
            if (objection != null) {
                return objection;
            }
        }
        return null;
    }
}

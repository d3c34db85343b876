package io.gregor.wiregen;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.ConfigKey;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.coordinator.group.GroupConfig;
import org.apache.kafka.server.config.AbstractKafkaConfig;
import org.apache.kafka.server.config.ConfigSynonym;
import org.apache.kafka.server.config.DynamicBrokerConfig;
import org.apache.kafka.server.config.QuotaConfig;
import org.apache.kafka.server.config.ServerTopicConfigSynonyms;
import org.apache.kafka.server.metrics.ClientMetricsConfigs;
import org.apache.kafka.storage.internals.log.LogConfig;

/**
 * Writes the tables of the configurations of brokers, topics, groups and metrics of clients. A row is separated by
 * tabs: name, type, default ({@code -} for none, else {@code =} and the value), what is allowed (as the validator
 * describes itself), how it can be changed at run time, {@code internal} or {@code public}, the broker's synonyms
 * of a topic's or group's configuration, and what a list may be. The documentation is a file of its own, read only when
 * somebody asks for it.
 */
final class ConfigTable {
    private ConfigTable() {}

    static void write(Path folder) throws IOException {
        Files.createDirectories(folder);
        table(folder, "broker", AbstractKafkaConfig.CONFIG_DEF.configKeys());
        table(folder, "broker-quota", QuotaConfig.brokerQuotaConfigs().configKeys());
        table(folder, "topic", LogConfig.configKeys());
        table(folder, "group", GroupConfig.CONFIG_DEF.configKeys());
        table(folder, "client-metrics", ClientMetricsConfigs.configDef().configKeys());
    }

    /** In the order in which Apache Kafka defines them, which is that in which it checks their values. */
    private static void table(Path folder, String scope, Map<String, ConfigKey> keys) throws IOException {
        StringBuilder rows = new StringBuilder();
        StringBuilder documentation = new StringBuilder();
        Map<String, String> modes = DynamicBrokerConfig.dynamicConfigUpdateModes();
        for (ConfigKey key : keys.values()) {
            String mode = scope.equals("broker") ? modes.getOrDefault(key.name, "read-only") : scope;
            rows.append(String.join(
                            "\t",
                            key.name,
                            key.type.name(),
                            defaultOf(key),
                            key.validator == null ? "" : oneLine(key.validator.toString()),
                            mode,
                            key.internalConfig ? "internal" : "public",
                            synonyms(scope, key.name).stream()
                                    .map(ConfigTable::synonym)
                                    .collect(Collectors.joining(",")),
                            elements(key)))
                    .append('\n');
            documentation
                    .append(key.name)
                    .append('\t')
                    .append(oneLine(key.documentation))
                    .append('\n');
        }
        Main.writeIfChanged(folder.resolve(scope + "-configs.tsv"), rows.toString());
        Main.writeIfChanged(folder.resolve(scope + "-config-docs.tsv"), documentation.toString());
    }

    /** What a list may be, where Kafka looks at that. */
    private static String elements(ConfigKey key) {
        if (!(key.validator instanceof ConfigDef.ValidList list)) {
            return "ANY";
        }
        try {
            list.ensureValid(key.name, List.of());
            return "DISTINCT";
        } catch (ConfigException e) {
            return "SOME_DISTINCT";
        }
    }

    private static List<ConfigSynonym> synonyms(String scope, String key) {
        return switch (scope) {
            case "topic" -> ServerTopicConfigSynonyms.ALL_TOPIC_CONFIG_SYNONYMS.getOrDefault(key, List.of());
            case "group" ->
                GroupConfig.brokerSynonym(key).stream().map(ConfigSynonym::new).toList();
            default -> List.of();
        };
    }

    private static String defaultOf(ConfigKey key) {
        if (!key.hasDefault() || key.defaultValue == null) {
            return "-";
        }
        return "=" + oneLine(ConfigDef.convertToString(key.defaultValue, key.type));
    }

    /** The synonym's name and the factor that turns its unit into the topic configuration's. */
    private static String synonym(ConfigSynonym synonym) {
        return synonym.name() + "*" + synonym.converter().apply("1");
    }

    private static String oneLine(String text) {
        return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t");
    }
}

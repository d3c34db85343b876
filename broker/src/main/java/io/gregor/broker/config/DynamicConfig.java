package io.gregor.broker.config;

import io.gregor.controller.ConfigResource;
import io.gregor.controller.MetadataImage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The broker's configuration at one moment: what was set for it while it runs, what was set for all brokers while they
 * run, and what it was started with. Immutable.
 */
public record DynamicConfig(Map<String, String> ofBroker, Map<String, String> ofCluster, BrokerConfig atStart) {
    public static DynamicConfig of(MetadataImage image, BrokerConfig atStart) {
        return new DynamicConfig(
                image.configOf(new ConfigResource(ConfigResource.BROKER, String.valueOf(atStart.nodeId()))),
                image.configOf(new ConfigResource(ConfigResource.BROKER, "")),
                atStart);
    }

    /** What was given for that key by that source, or null. */
    public @Nullable String given(String key, TopicConfig.Source source) {
        return switch (source) {
            case BROKER -> ofBroker.get(key);
            case CLUSTER -> ofCluster.get(key);
            case STATIC_BROKER -> atStart.given(key);
            case TOPIC, CLIENT_METRICS, GROUP, DEFAULT -> null;
        };
    }

    /** The value that holds now; empty if there is none. */
    public String string(String key) {
        return ofBroker.getOrDefault(key, ofCluster.getOrDefault(key, atStart.string(key)))
                .trim();
    }

    /** All values of a broker's key and of those that mean the same, as DescribeConfigs lists them. */
    public List<TopicConfig.Value> values(String name) {
        return values(Synonyms.BY_NAME.getOrDefault(name, List.of(name)), name);
    }

    /** By source, and only from the first on that was given for {@code strongest} itself. */
    List<TopicConfig.Value> values(List<String> names, String strongest) {
        List<TopicConfig.Value> values = new ArrayList<>();
        for (TopicConfig.Source source : TopicConfig.Source.OF_BROKERS) {
            for (String name : names) {
                String given = given(name, source);
                if (given != null) {
                    values.add(new TopicConfig.Value(name, given, source));
                }
            }
        }
        for (String name : names) {
            ConfigDefinition definition = ConfigDefinitions.BROKER.find(name);
            if (definition != null && definition.defaultValue() != null) {
                values.add(new TopicConfig.Value(name, definition.defaultValue(), TopicConfig.Source.DEFAULT));
            }
        }
        while (!values.isEmpty() && !values.get(0).name().equals(strongest)) {
            values.remove(0);
        }
        return values;
    }

    /** The broker's keys that mean the same; loaded with the first question. */
    private static final class Synonyms {
        static final Map<String, List<String>> BY_NAME = new HashMap<>();

        static {
            for (ConfigDefinition ofTopics : ConfigDefinitions.TOPIC.all()) {
                List<String> names = ofTopics.synonyms().stream()
                        .map(ConfigDefinition.Synonym::name)
                        .toList();
                if (names.size() > 1) {
                    names.forEach(name -> BY_NAME.putIfAbsent(name, names));
                }
            }
        }
    }
}

package io.gregor.broker.cluster;

import io.gregor.broker.config.BrokerConfig;
import io.gregor.broker.config.ConfigDefinition;
import io.gregor.broker.config.ConfigDefinitions;
import io.gregor.broker.config.DynamicConfig;
import io.gregor.broker.config.TopicConfig;
import io.gregor.controller.MetadataImage;
import io.gregor.controller.TopicConfigs;
import io.gregor.wire.message.CreateTopicsResponse.CreatableTopicConfigs;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Kafka's definitions of the configurations of topics, with this broker's as defaults. Pure. */
record BrokerTopicConfigs(BrokerConfig config) implements TopicConfigs {
    @Override
    public @Nullable String objection(Map<String, String> configs) {
        return TopicConfig.objection(configs, config);
    }

    @Override
    public List<CreatableTopicConfigs> describe(Map<String, String> overrides, MetadataImage image) {
        DynamicConfig broker = DynamicConfig.of(image, config);
        List<CreatableTopicConfigs> configs = new ArrayList<>();
        for (ConfigDefinition definition : ConfigDefinitions.TOPIC.all()) {
            if (!definition.internal() || overrides.containsKey(definition.name())) {
                TopicConfig.Value value = TopicConfig.value(definition, overrides, broker);
                configs.add(new CreatableTopicConfigs()
                        .name(definition.name())
                        .value(value.value())
                        .configSource(value.source().id()));
            }
        }
        return configs;
    }
}

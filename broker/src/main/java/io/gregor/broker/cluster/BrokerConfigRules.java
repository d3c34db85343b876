package io.gregor.broker.cluster;

import io.gregor.broker.config.BrokerConfig;
import io.gregor.broker.config.BrokerConfigs;
import io.gregor.broker.config.ClientMetricsConfigs;
import io.gregor.broker.config.ConfigDefinition;
import io.gregor.broker.config.ConfigDefinitions;
import io.gregor.broker.config.CordonedLogDirs;
import io.gregor.broker.config.DynamicConfig;
import io.gregor.broker.config.GroupConfigs;
import io.gregor.broker.config.TopicConfig;
import io.gregor.controller.ConfigResource;
import io.gregor.controller.MetadataImage;
import io.gregor.controller.TopicNames;
import io.gregor.controller.operation.ConfigRules;
import io.gregor.wire.ApiError;
import io.gregor.wire.message.ErrorCode;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What Kafka's definitions say of configurations; a broker's keys can be changed as far as Kafka allows that. Pure. */
public final class BrokerConfigRules implements ConfigRules {
    private static final Set<Byte> OTHERS =
            Set.of(ConfigResource.TOPIC, ConfigResource.GROUP, ConfigResource.CLIENT_METRICS);

    private final BrokerConfig config;

    public BrokerConfigRules(BrokerConfig config) {
        this.config = config;
    }

    @Override
    public @Nullable ApiError check(ConfigResource resource) {
        if (resource.type() == ConfigResource.BROKER) {
            return resource.name().isEmpty() ? null : checkNode(resource.name());
        }
        if (OTHERS.contains(resource.type())) {
            return null;
        }
        return new ApiError(ErrorCode.INVALID_REQUEST, "Unknown resource type " + resource.type());
    }

    private @Nullable ApiError checkNode(String name) {
        int id;
        try {
            id = Integer.parseInt(name);
        } catch (NumberFormatException e) {
            return new ApiError(ErrorCode.INVALID_REQUEST, "Node id must be an integer, but it is: " + name);
        }
        return id == config.nodeId()
                ? null
                : new ApiError(
                        ErrorCode.INVALID_REQUEST,
                        "Unexpected broker id, expected " + config.nodeId() + ", but received " + name);
    }

    @Override
    public @Nullable ApiError check(
            MetadataImage image, ConfigResource resource, Map<String, String> before, Map<String, String> configs) {
        return switch (resource.type()) {
            case ConfigResource.TOPIC -> checkTopic(resource.name(), configs);
            case ConfigResource.GROUP -> checkGroup(image, resource.name(), configs);
            case ConfigResource.CLIENT_METRICS -> checkClientMetrics(resource.name(), configs);
            default -> checkBroker(image, resource.name().isEmpty(), before, configs);
        };
    }

    private @Nullable ApiError checkGroup(MetadataImage image, String group, Map<String, String> configs) {
        if (group.isEmpty()) {
            return new ApiError(ErrorCode.INVALID_REQUEST, "Default group resources are not allowed.");
        }
        String badValue = GroupConfigs.objection(configs, DynamicConfig.of(image, config));
        return badValue == null ? null : new ApiError(ErrorCode.INVALID_CONFIG, badValue);
    }

    private static @Nullable ApiError checkClientMetrics(String subscription, Map<String, String> configs) {
        ClientMetricsConfigs.Objection objection = ClientMetricsConfigs.objection(subscription, configs);
        return objection == null
                ? null
                : new ApiError(
                        objection.ofRequest() ? ErrorCode.INVALID_REQUEST : ErrorCode.INVALID_CONFIG,
                        objection.message());
    }

    private @Nullable ApiError checkTopic(String topic, Map<String, String> configs) {
        if (topic.isEmpty()) {
            return new ApiError(ErrorCode.INVALID_REQUEST, "Default topic resources are not allowed.");
        }
        String badName = TopicNames.objection(topic);
        if (badName != null) {
            return new ApiError(ErrorCode.INVALID_TOPIC_EXCEPTION, badName);
        }
        String badValue = TopicConfig.objection(configs, config);
        return badValue == null ? null : new ApiError(ErrorCode.INVALID_CONFIG, badValue);
    }

    private @Nullable ApiError checkBroker(
            MetadataImage image, boolean ofAll, Map<String, String> before, Map<String, String> configs) {
        String objection = BrokerConfigs.objection(configs, ofAll, config);
        if (objection != null) {
            return new ApiError(ErrorCode.INVALID_REQUEST, objection);
        }
        return image.hasCordonedLogDirs()
                        || Objects.equals(before.get(CordonedLogDirs.KEY), configs.get(CordonedLogDirs.KEY))
                ? null
                : new ApiError(
                        ErrorCode.INVALID_CONFIG,
                        "The cordoned.log.dirs configuration value cannot be set because it requires metadata.version"
                                + " >= 4.3-IV0");
    }

    @Override
    public @Nullable String listDefault(MetadataImage image, ConfigResource resource, String name) {
        if (resource.type() == ConfigResource.GROUP || resource.type() == ConfigResource.CLIENT_METRICS) {
            return null;
        }
        boolean ofTopic = resource.type() == ConfigResource.TOPIC;
        ConfigDefinition definition = (ofTopic ? ConfigDefinitions.TOPIC : ConfigDefinitions.BROKER).find(name);
        if (definition == null || definition.type() != ConfigDefinition.Type.LIST) {
            return null;
        }
        String value = ofTopic
                ? TopicConfig.value(definition, Map.of(), DynamicConfig.of(image, config))
                        .value()
                : config.string(name);
        return value == null ? "" : value;
    }

    @Override
    public String noList(ConfigResource resource, String name, boolean appends) {
        if (resource.type() != ConfigResource.BROKER) {
            return "Can't " + (appends ? "APPEND" : "SUBTRACT") + " to key " + name + " because its type is not LIST.";
        }
        return ConfigDefinitions.BROKER.find(name) == null
                ? "Unknown config name: " + name
                : "Config value " + (appends ? "append" : "subtract") + " is not allowed for config key: " + name;
    }
}

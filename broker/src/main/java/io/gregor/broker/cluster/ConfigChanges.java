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
import io.gregor.broker.logging.LogLevelChanges;
import io.gregor.controller.AlterConfigs;
import io.gregor.controller.AlterConfigs.Objection;
import io.gregor.controller.ConfigResource;
import io.gregor.controller.TopicNames;
import io.gregor.wire.message.ErrorCode;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Changes of configurations, checked by Kafka's definitions. A broker's keys can be changed as far as Kafka allows
 * that; those that topics inherit take effect at once.
 */
public final class ConfigChanges implements AlterConfigs.Rules {
    private static final Set<Byte> OTHERS =
            Set.of(ConfigResource.TOPIC, ConfigResource.GROUP, ConfigResource.CLIENT_METRICS);

    private final BrokerConfig config;
    private final ClusterMetadata metadata;

    public ConfigChanges(BrokerConfig config, ClusterMetadata metadata) {
        this.config = config;
        this.metadata = metadata;
    }

    public void apply(
            List<AlterConfigs.Request> requests, boolean validateOnly, Consumer<List<AlterConfigs.Result>> done) {
        List<AlterConfigs.Result> levels = LogLevelChanges.apply(requests, config.nodeId(), validateOnly);
        List<AlterConfigs.Request> stored = requests.stream()
                .filter(request -> !LogLevelChanges.isMeant(request))
                .toList();
        AlterConfigs operation = new AlterConfigs(this);
        metadata.change(
                image -> operation.decide(image, stored, validateOnly),
                results -> done.accept(
                        Stream.concat(levels.stream(), results.stream()).toList()),
                error -> done.accept(requests.stream()
                        .map(request -> new AlterConfigs.Result(request.resource(), error, error.message()))
                        .toList()));
    }

    @Override
    public @Nullable Objection objection(ConfigResource resource) {
        String name = resource.name();
        boolean ofBroker = resource.type() == ConfigResource.BROKER;
        if (ofBroker && !name.isEmpty() && !name.equals(String.valueOf(config.nodeId()))) {
            return new Objection(
                    ErrorCode.INVALID_REQUEST,
                    "Unexpected broker id, expected " + config.nodeId() + ", but received " + name);
        }
        if (ofBroker || OTHERS.contains(resource.type())) {
            return null;
        }
        return new Objection(ErrorCode.INVALID_REQUEST, "Unsupported resource type " + resource.type());
    }

    @Override
    public @Nullable Objection objection(
            ConfigResource resource, Map<String, String> before, Map<String, String> configs) {
        return switch (resource.type()) {
            case ConfigResource.TOPIC -> topicObjection(resource.name(), configs);
            case ConfigResource.GROUP -> groupObjection(resource.name(), configs);
            case ConfigResource.CLIENT_METRICS -> clientMetricsObjection(resource.name(), configs);
            default -> brokerObjection(resource.name().isEmpty(), before, configs);
        };
    }

    private @Nullable Objection groupObjection(String group, Map<String, String> configs) {
        if (group.isEmpty()) {
            return new Objection(ErrorCode.INVALID_REQUEST, "Default group resources are not allowed.");
        }
        String badValue = GroupConfigs.objection(configs, DynamicConfig.of(metadata.image(), config));
        return badValue == null ? null : new Objection(ErrorCode.INVALID_CONFIG, badValue);
    }

    private static @Nullable Objection clientMetricsObjection(String subscription, Map<String, String> configs) {
        ClientMetricsConfigs.Objection objection = ClientMetricsConfigs.objection(subscription, configs);
        return objection == null
                ? null
                : new Objection(
                        objection.ofRequest() ? ErrorCode.INVALID_REQUEST : ErrorCode.INVALID_CONFIG,
                        objection.message());
    }

    private static @Nullable Objection topicObjection(String topic, Map<String, String> configs) {
        if (topic.isEmpty()) {
            return new Objection(ErrorCode.INVALID_REQUEST, "Default topic resources are not allowed.");
        }
        String badName = TopicNames.objection(topic);
        if (badName != null) {
            return new Objection(ErrorCode.INVALID_TOPIC_EXCEPTION, badName);
        }
        String badValue = TopicConfig.objection(configs);
        return badValue == null ? null : new Objection(ErrorCode.INVALID_CONFIG, badValue);
    }

    private @Nullable Objection brokerObjection(
            boolean ofAll, Map<String, String> before, Map<String, String> configs) {
        String objection = BrokerConfigs.objection(configs, ofAll, config);
        if (objection != null) {
            return new Objection(ErrorCode.INVALID_REQUEST, objection);
        }
        return metadata.image().hasCordonedLogDirs()
                        || Objects.equals(before.get(CordonedLogDirs.KEY), configs.get(CordonedLogDirs.KEY))
                ? null
                : new Objection(
                        ErrorCode.INVALID_CONFIG,
                        "The cordoned.log.dirs configuration value cannot be set because it requires metadata.version"
                                + " >= 4.3-IV0");
    }

    @Override
    public @Nullable String listDefault(ConfigResource resource, String name) {
        if (resource.type() == ConfigResource.GROUP || resource.type() == ConfigResource.CLIENT_METRICS) {
            return null;
        }
        boolean ofTopic = resource.type() == ConfigResource.TOPIC;
        ConfigDefinition definition = (ofTopic ? ConfigDefinitions.TOPIC : ConfigDefinitions.BROKER).find(name);
        if (definition == null || definition.type() != ConfigDefinition.Type.LIST) {
            return null;
        }
        String value = ofTopic
                ? TopicConfig.value(definition, Map.of(), DynamicConfig.of(metadata.image(), config))
                        .value()
                : config.string(name);
        return value == null ? "" : value;
    }
}

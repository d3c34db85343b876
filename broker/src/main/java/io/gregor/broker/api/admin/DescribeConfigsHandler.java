package io.gregor.broker.api.admin;

import io.gregor.broker.cluster.ClusterMetadata;
import io.gregor.broker.config.BrokerConfig;
import io.gregor.broker.config.BrokerConfigs;
import io.gregor.broker.config.ClientMetricsConfigs;
import io.gregor.broker.config.ConfigDefinition;
import io.gregor.broker.config.ConfigDefinitions;
import io.gregor.broker.config.DynamicConfig;
import io.gregor.broker.config.GroupConfigs;
import io.gregor.broker.config.TopicConfig;
import io.gregor.broker.logging.LogLevels;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.controller.ConfigResource;
import io.gregor.controller.TopicNames;
import io.gregor.wire.message.DescribeConfigsRequest;
import io.gregor.wire.message.DescribeConfigsRequest.DescribeConfigsResource;
import io.gregor.wire.message.DescribeConfigsResponse;
import io.gregor.wire.message.DescribeConfigsResponse.DescribeConfigsResourceResult;
import io.gregor.wire.message.DescribeConfigsResponse.DescribeConfigsResult;
import io.gregor.wire.message.DescribeConfigsResponse.DescribeConfigsSynonym;
import io.gregor.wire.message.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Every configuration of topics, brokers, loggers, groups and metrics of clients, with its value, source and type.
 *
 * <p>Version 1: sources and synonyms. 3: types and documentation (KIP-569).
 */
public final class DescribeConfigsHandler implements ApiHandler<DescribeConfigsRequest, DescribeConfigsResponse> {

    private static final byte LOGGER_SOURCE = 6;
    private static final Set<Byte> TYPES = Set.of(
            ConfigResource.TOPIC,
            ConfigResource.BROKER,
            ConfigResource.BROKER_LOGGER,
            ConfigResource.CLIENT_METRICS,
            ConfigResource.GROUP);

    private final BrokerConfig config;
    private final ClusterMetadata metadata;

    public DescribeConfigsHandler(BrokerConfig config, ClusterMetadata metadata) {
        this.config = config;
        this.metadata = metadata;
    }

    @Override
    public void handle(RequestContext context, DescribeConfigsRequest request, Reply<DescribeConfigsResponse> reply) {
        List<DescribeConfigsResult> results = new ArrayList<>();
        // One resource of a type that nobody knows spoils the whole request, as in Kafka.
        boolean spoiled = request.resources().stream().anyMatch(resource -> !TYPES.contains(resource.resourceType()));
        for (DescribeConfigsResource resource : request.resources()) {
            DescribeConfigsResult result = spoiled
                    ? refused(ErrorCode.INVALID_REQUEST, ErrorCode.INVALID_REQUEST.message())
                    : describe(resource, request);
            results.add(result.resourceType(resource.resourceType()).resourceName(resource.resourceName()));
        }
        reply.send(new DescribeConfigsResponse().results(results));
    }

    private DescribeConfigsResult describe(DescribeConfigsResource resource, DescribeConfigsRequest request) {
        return switch (resource.resourceType()) {
            case ConfigResource.TOPIC -> topic(resource, request);
            case ConfigResource.BROKER -> broker(resource, request);
            case ConfigResource.BROKER_LOGGER -> logLevels(resource);
            case ConfigResource.CLIENT_METRICS -> clientMetrics(resource, request);
            case ConfigResource.GROUP -> group(resource, request);
            default -> refused(ErrorCode.INVALID_REQUEST, "Unsupported resource type: " + resource.resourceType());
        };
    }

    private static DescribeConfigsResult refused(ErrorCode error, @Nullable String message) {
        return new DescribeConfigsResult().errorCode(error.code()).errorMessage(message);
    }

    private DescribeConfigsResult topic(DescribeConfigsResource resource, DescribeConfigsRequest request) {
        String name = resource.resourceName();
        String objection = TopicNames.objection(name);
        if (objection != null) {
            return refused(ErrorCode.INVALID_TOPIC_EXCEPTION, objection);
        }
        if (metadata.image().topic(name) == null) {
            return refused(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "");
        }
        DynamicConfig broker = DynamicConfig.of(metadata.image(), config);
        Map<String, String> own = metadata.image().configOf(ConfigResource.topic(name));
        return describe(
                ConfigDefinitions.TOPIC,
                resource,
                request,
                definition -> new Shown(
                        TopicConfig.value(definition, own, broker),
                        TopicConfig.synonyms(definition, own, broker),
                        false));
    }

    private DescribeConfigsResult broker(DescribeConfigsResource resource, DescribeConfigsRequest request) {
        String name = resource.resourceName();
        boolean clusterDefault = name.isEmpty();
        String objection = clusterDefault ? null : objectionToBroker(name, " or empty string,");
        if (objection != null) {
            return refused(ErrorCode.INVALID_REQUEST, objection);
        }
        DynamicConfig now = DynamicConfig.of(metadata.image(), config);
        Function<ConfigDefinition, @Nullable Shown> ofCluster = definition -> {
            String value = now.ofCluster().get(definition.name());
            if (value == null) {
                return null;
            }
            TopicConfig.Value asSet = new TopicConfig.Value(definition.name(), value, TopicConfig.Source.CLUSTER);
            return new Shown(asSet, List.of(asSet), definition.isReadOnly());
        };
        Function<ConfigDefinition, @Nullable Shown> ofBroker =
                definition -> Shown.of(definition, now.values(definition.name()), definition.isReadOnly());
        Function<ConfigDefinition, @Nullable Shown> shown = clusterDefault ? ofCluster : ofBroker;
        DescribeConfigsResult result = describe(ConfigDefinitions.BROKER, resource, request, shown);
        List<DescribeConfigsResourceResult> all = new ArrayList<>(result.configs());
        Set<String> others = new TreeSet<>(now.ofCluster().keySet());
        if (!clusterDefault) {
            others.addAll(now.ofBroker().keySet());
            others.addAll(config.given().keySet());
        }
        for (String other : others) {
            if (ConfigDefinitions.BROKER.find(other) == null && isWanted(resource, other)) {
                ConfigDefinition definition = BrokerConfigs.definition(other);
                Shown one = shown.apply(definition);
                if (one != null) {
                    all.add(result(definition, one, request, Map.of()));
                }
            }
        }
        return result.configs(all);
    }

    private @Nullable String objectionToBroker(String name, String orElse) {
        try {
            return Integer.parseInt(name) == config.nodeId()
                    ? null
                    : "Unexpected broker id, expected " + config.nodeId() + orElse + " but received " + name;
        } catch (NumberFormatException e) {
            return "Broker id must be an integer, but it is: " + name;
        }
    }

    private DescribeConfigsResult logLevels(DescribeConfigsResource resource) {
        String name = resource.resourceName();
        if (name.isEmpty()) {
            return refused(ErrorCode.INVALID_REQUEST, "Broker id must not be empty");
        }
        String objection = objectionToBroker(name, "");
        if (objection != null) {
            return refused(ErrorCode.INVALID_REQUEST, objection);
        }
        List<DescribeConfigsResourceResult> configs = new ArrayList<>();
        LogLevels.all().forEach((logger, level) -> {
            if (isWanted(resource, logger)) {
                configs.add(new DescribeConfigsResourceResult()
                        .name(logger)
                        .value(level)
                        .configSource(LOGGER_SOURCE));
            }
        });
        return new DescribeConfigsResult().configs(configs);
    }

    private DescribeConfigsResult clientMetrics(DescribeConfigsResource resource, DescribeConfigsRequest request) {
        if (resource.resourceName().isEmpty()) {
            return refused(ErrorCode.INVALID_REQUEST, "Client metrics subscription name must not be empty");
        }
        Map<String, String> own =
                metadata.image().configOf(new ConfigResource(ConfigResource.CLIENT_METRICS, resource.resourceName()));
        return describe(
                ConfigDefinitions.CLIENT_METRICS,
                resource,
                request,
                definition -> Shown.of(definition, ClientMetricsConfigs.values(definition, own), false));
    }

    private DescribeConfigsResult group(DescribeConfigsResource resource, DescribeConfigsRequest request) {
        if (resource.resourceName().isEmpty()) {
            return refused(ErrorCode.INVALID_REQUEST, "Group name must not be empty");
        }
        ConfigResource group = new ConfigResource(ConfigResource.GROUP, resource.resourceName());
        Map<String, String> own = metadata.image().configOf(group);
        DynamicConfig now = DynamicConfig.of(metadata.image(), config);
        return describe(
                ConfigDefinitions.GROUP,
                resource,
                request,
                definition -> Shown.of(definition, GroupConfigs.values(definition, own, now), false));
    }

    /** What is shown of one configuration: the value that holds, and all that it could have. */
    private record Shown(TopicConfig.Value value, List<TopicConfig.Value> all, boolean readOnly) {
        /** The first of the values holds, or the default. */
        static Shown of(ConfigDefinition definition, List<TopicConfig.Value> all, boolean readOnly) {
            TopicConfig.Value value = all.isEmpty()
                    ? new TopicConfig.Value(definition.name(), definition.defaultValue(), TopicConfig.Source.DEFAULT)
                    : all.get(0);
            String text = value.value();
            TopicConfig.Value read =
                    new TopicConfig.Value(value.name(), text == null ? null : definition.shown(text), value.source());
            return new Shown(read, all, readOnly);
        }
    }

    /** @param shown null for a configuration that the resource does not have */
    private static DescribeConfigsResult describe(
            ConfigDefinitions definitions,
            DescribeConfigsResource resource,
            DescribeConfigsRequest request,
            Function<ConfigDefinition, @Nullable Shown> shown) {
        Map<String, String> texts = request.includeDocumentation() ? definitions.documentation() : Map.of();
        List<DescribeConfigsResourceResult> configs = new ArrayList<>();
        for (ConfigDefinition definition : definitions.all()) {
            Shown one = isWanted(resource, definition.name()) ? shown.apply(definition) : null;
            boolean isSet = one != null && one.value().source() != TopicConfig.Source.DEFAULT;
            // Internal ones are shown where somebody has set them.
            if (one != null && (isSet || !definition.internal())) {
                configs.add(result(definition, one, request, texts));
            }
        }
        return new DescribeConfigsResult().configs(configs);
    }

    private static boolean isWanted(DescribeConfigsResource resource, String name) {
        List<String> keys = resource.configurationKeys();
        return keys == null || keys.isEmpty() || keys.contains(name);
    }

    private static DescribeConfigsResourceResult result(
            ConfigDefinition definition, Shown shown, DescribeConfigsRequest request, Map<String, String> texts) {
        boolean secret = definition.isSensitive();
        List<DescribeConfigsSynonym> synonyms = new ArrayList<>();
        if (request.includeSynonyms()) {
            for (TopicConfig.Value synonym : shown.all()) {
                if (synonym.value() != null) {
                    synonyms.add(new DescribeConfigsSynonym()
                            .name(synonym.name())
                            .value(secret ? null : synonym.value())
                            .source(synonym.source().id()));
                }
            }
        }
        return new DescribeConfigsResourceResult()
                .name(definition.name())
                .value(secret ? null : shown.value().value())
                .readOnly(shown.readOnly())
                .configSource(shown.value().source().id())
                .isSensitive(secret)
                .synonyms(synonyms)
                .configType(definition.type().id())
                .documentation(texts.get(definition.name()));
    }
}

package io.gregor.broker.api;

import io.gregor.broker.config.BrokerConfig;
import io.gregor.broker.config.ConfigDefinition;
import io.gregor.broker.config.ConfigDefinitions;
import io.gregor.broker.config.DynamicConfig;
import io.gregor.broker.config.GroupConfigs;
import io.gregor.broker.config.TopicConfig;
import io.gregor.broker.metadata.ClusterMetadata;
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
import org.jspecify.annotations.Nullable;

/**
 * Every configuration of topics, brokers and groups, with its value, source and type.
 *
 * <p>Version 1: sources and synonyms. 3: types and documentation (KIP-569).
 */
public final class DescribeConfigs implements ApiHandler<DescribeConfigsRequest, DescribeConfigsResponse> {

    private static final Set<Byte> TYPES = Set.of(
            ConfigResource.TOPIC,
            ConfigResource.BROKER,
            ConfigResource.BROKER_LOGGER,
            ConfigResource.CLIENT_METRICS,
            ConfigResource.GROUP);

    private final BrokerConfig config;
    private final ClusterMetadata metadata;

    public DescribeConfigs(BrokerConfig config, ClusterMetadata metadata) {
        this.config = config;
        this.metadata = metadata;
    }

    @Override
    public void handle(RequestContext context, DescribeConfigsRequest request, Reply<DescribeConfigsResponse> reply) {
        List<DescribeConfigsResult> results = new ArrayList<>();
        // One resource of a type that nobody knows spoils the whole request, as in Kafka.
        boolean spoiled = request.resources().stream().anyMatch(resource -> !TYPES.contains(resource.resourceType()));
        for (DescribeConfigsResource resource : request.resources()) {
            DescribeConfigsResult result =
                    spoiled ? refused(ErrorCode.INVALID_REQUEST, "Unknown resource type") : describe(resource, request);
            results.add(result.resourceType(resource.resourceType()).resourceName(resource.resourceName()));
        }
        reply.send(new DescribeConfigsResponse().results(results));
    }

    private DescribeConfigsResult describe(DescribeConfigsResource resource, DescribeConfigsRequest request) {
        return switch (resource.resourceType()) {
            case ConfigResource.TOPIC -> topic(resource, request);
            case ConfigResource.BROKER -> broker(resource, request);
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
            return refused(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION.message());
        }
        DynamicConfig broker = DynamicConfig.of(metadata.image(), config);
        Map<String, String> overrides = metadata.image().configOf(ConfigResource.topic(name));
        Map<String, String> texts = request.includeDocumentation() ? ConfigDefinitions.TOPIC.documentation() : Map.of();
        List<DescribeConfigsResourceResult> configs = new ArrayList<>();
        for (ConfigDefinition definition : ConfigDefinitions.TOPIC.all()) {
            if (!definition.internal() && isWanted(resource, definition.name())) {
                TopicConfig.Value value = TopicConfig.value(definition, overrides, broker);
                List<TopicConfig.Value> synonyms = TopicConfig.synonyms(definition, overrides, broker);
                configs.add(result(definition, value, synonyms, false, request, texts));
            }
        }
        return new DescribeConfigsResult().configs(configs);
    }

    private DescribeConfigsResult broker(DescribeConfigsResource resource, DescribeConfigsRequest request) {
        String name = resource.resourceName();
        boolean clusterDefault = name.isEmpty();
        if (!clusterDefault && !name.equals(String.valueOf(config.nodeId()))) {
            return refused(
                    ErrorCode.INVALID_REQUEST,
                    "Unexpected broker id, expected " + config.nodeId() + " or empty string, but received " + name);
        }
        Map<String, String> texts =
                request.includeDocumentation() ? ConfigDefinitions.BROKER.documentation() : Map.of();
        List<DescribeConfigsResourceResult> configs = new ArrayList<>();
        DynamicConfig now = DynamicConfig.of(metadata.image(), config);
        for (ConfigDefinition definition : ConfigDefinitions.BROKER.all()) {
            boolean shown = !clusterDefault || now.ofCluster().containsKey(definition.name());
            if (shown && !definition.internal() && isWanted(resource, definition.name())) {
                List<TopicConfig.Value> values = clusterDefault
                        ? List.of(new TopicConfig.Value(
                                definition.name(), now.ofCluster().get(definition.name()), TopicConfig.Source.CLUSTER))
                        : now.values(definition.name());
                TopicConfig.Value value = values.isEmpty()
                        ? new TopicConfig.Value(definition.name(), null, TopicConfig.Source.DEFAULT)
                        : values.get(0);
                configs.add(result(definition, value, values, definition.isReadOnly(), request, texts));
            }
        }
        return new DescribeConfigsResult().configs(configs);
    }

    private DescribeConfigsResult group(DescribeConfigsResource resource, DescribeConfigsRequest request) {
        if (resource.resourceName().isEmpty()) {
            return refused(ErrorCode.INVALID_REQUEST, "Group name must not be empty");
        }
        ConfigResource group = new ConfigResource(ConfigResource.GROUP, resource.resourceName());
        Map<String, String> own = metadata.image().configOf(group);
        DynamicConfig now = DynamicConfig.of(metadata.image(), config);
        Map<String, String> texts = request.includeDocumentation() ? ConfigDefinitions.GROUP.documentation() : Map.of();
        List<DescribeConfigsResourceResult> configs = new ArrayList<>();
        for (ConfigDefinition definition : ConfigDefinitions.GROUP.all()) {
            if (!definition.internal() && isWanted(resource, definition.name())) {
                List<TopicConfig.Value> values = GroupConfigs.values(definition, own, now);
                configs.add(result(definition, values.get(0), values, false, request, texts));
            }
        }
        return new DescribeConfigsResult().configs(configs);
    }

    private static boolean isWanted(DescribeConfigsResource resource, String name) {
        List<String> keys = resource.configurationKeys();
        return keys == null || keys.isEmpty() || keys.contains(name);
    }

    private static DescribeConfigsResourceResult result(
            ConfigDefinition definition,
            TopicConfig.Value value,
            List<TopicConfig.Value> values,
            boolean readOnly,
            DescribeConfigsRequest request,
            Map<String, String> texts) {
        boolean secret = definition.isSensitive();
        List<DescribeConfigsSynonym> synonyms = new ArrayList<>();
        if (request.includeSynonyms()) {
            for (TopicConfig.Value synonym : values) {
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
                .value(secret ? null : value.value())
                .readOnly(readOnly)
                .configSource(value.source().id())
                .isSensitive(secret)
                .synonyms(synonyms)
                .configType(definition.type().id())
                .documentation(texts.get(definition.name()));
    }
}

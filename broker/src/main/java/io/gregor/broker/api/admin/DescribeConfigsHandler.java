package io.gregor.broker.api.admin;

import io.gregor.broker.access.AclOperation;
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
import io.gregor.controller.MetadataImage;
import io.gregor.controller.TopicNames;
import io.gregor.wire.OnDemandList;
import io.gregor.wire.message.DescribeConfigsRequest;
import io.gregor.wire.message.DescribeConfigsRequest.DescribeConfigsResource;
import io.gregor.wire.message.DescribeConfigsResponse;
import io.gregor.wire.message.DescribeConfigsResponse.DescribeConfigsResourceResult;
import io.gregor.wire.message.DescribeConfigsResponse.DescribeConfigsResult;
import io.gregor.wire.message.DescribeConfigsResponse.DescribeConfigsSynonym;
import io.gregor.wire.message.ErrorCode;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Every configuration of topics, brokers, loggers, groups and metrics of clients, with its value, source and type. The
 * answer may be a thousand times as large as the request, and is made while it is sent.
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

    /**
     * What the whole answer is made from, however late its pieces are made. Confined to the connection's loop.
     *
     * @param levels of loggers, if the request asks for them
     * @param spoiled one resource of a type that nobody knows spoils the whole request, as in Kafka
     * @param texts documentation that was read, by what it is of
     */
    private record Asked(
            RequestContext context,
            DescribeConfigsRequest request,
            MetadataImage image,
            DynamicConfig broker,
            Map<String, String> levels,
            boolean spoiled,
            Map<ConfigDefinitions, Map<String, String>> texts) {
        Map<String, String> documentation(ConfigDefinitions definitions) {
            return request.includeDocumentation()
                    ? texts.computeIfAbsent(definitions, ConfigDefinitions::documentation)
                    : Map.of();
        }
    }

    private final BrokerConfig config;
    private final ClusterMetadata metadata;

    public DescribeConfigsHandler(BrokerConfig config, ClusterMetadata metadata) {
        this.config = config;
        this.metadata = metadata;
    }

    @Override
    public void handle(RequestContext context, DescribeConfigsRequest request, Reply<DescribeConfigsResponse> reply) {
        boolean spoiled = false;
        boolean levels = false;
        for (DescribeConfigsResource resource : request.resources()) {
            spoiled |= !TYPES.contains(resource.resourceType());
            levels |= resource.resourceType() == ConfigResource.BROKER_LOGGER;
        }
        MetadataImage image = metadata.image();
        Asked asked = new Asked(
                context,
                request,
                image,
                DynamicConfig.of(image, config),
                levels ? LogLevels.all() : Map.of(),
                spoiled,
                new IdentityHashMap<>());
        reply.send(new DescribeConfigsResponse()
                .results(OnDemandList.of(request.resources(), resource -> result(resource, asked))));
    }

    private DescribeConfigsResult result(DescribeConfigsResource resource, Asked asked) {
        ErrorCode error = asked.spoiled()
                ? ErrorCode.INVALID_REQUEST
                : ConfigAccess.check(
                        asked.context(),
                        AclOperation.DESCRIBE_CONFIGS,
                        resource.resourceType(),
                        resource.resourceName());
        DescribeConfigsResult result =
                error == ErrorCode.NONE ? describe(resource, asked) : refused(error, error.message());
        return result.resourceType(resource.resourceType()).resourceName(resource.resourceName());
    }

    private DescribeConfigsResult describe(DescribeConfigsResource resource, Asked asked) {
        return switch (resource.resourceType()) {
            case ConfigResource.TOPIC -> topic(resource, asked);
            case ConfigResource.BROKER -> broker(resource, asked);
            case ConfigResource.BROKER_LOGGER -> logLevels(resource, asked);
            case ConfigResource.CLIENT_METRICS -> clientMetrics(resource, asked);
            case ConfigResource.GROUP -> group(resource, asked);
            default -> refused(ErrorCode.INVALID_REQUEST, "Unsupported resource type: " + resource.resourceType());
        };
    }

    private static DescribeConfigsResult refused(ErrorCode error, @Nullable String message) {
        return new DescribeConfigsResult().errorCode(error.code()).errorMessage(message);
    }

    private DescribeConfigsResult topic(DescribeConfigsResource resource, Asked asked) {
        String name = resource.resourceName();
        String objection = TopicNames.objection(name);
        if (objection != null) {
            return refused(ErrorCode.INVALID_TOPIC_EXCEPTION, objection);
        }
        if (asked.image().topic(name) == null) {
            return refused(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "");
        }
        DynamicConfig broker = asked.broker();
        Map<String, String> own = asked.image().configOf(ConfigResource.topic(name));
        return describe(
                ConfigDefinitions.TOPIC,
                resource,
                asked,
                definition -> new Shown(
                        TopicConfig.value(definition, own, broker),
                        TopicConfig.synonyms(definition, own, broker),
                        false));
    }

    private DescribeConfigsResult broker(DescribeConfigsResource resource, Asked asked) {
        String name = resource.resourceName();
        boolean clusterDefault = name.isEmpty();
        String objection = clusterDefault ? null : objectionToBroker(name, " or empty string,");
        if (objection != null) {
            return refused(ErrorCode.INVALID_REQUEST, objection);
        }
        DynamicConfig now = asked.broker();
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
        DescribeConfigsResult result = describe(ConfigDefinitions.BROKER, resource, asked, shown);
        List<DescribeConfigsResourceResult> all = new ArrayList<>(result.configs());
        for (String other : wanted(resource, known(now, clusterDefault))) {
            if (ConfigDefinitions.BROKER.find(other) == null) {
                ConfigDefinition definition = BrokerConfigs.definition(other);
                Shown one = shown.apply(definition);
                if (one != null) {
                    all.add(result(definition, one, asked, Map.of()));
                }
            }
        }
        return result.configs(all);
    }

    /** All keys that anybody has set for the cluster or, unless only those count, for this broker. */
    private Set<String> known(DynamicConfig now, boolean clusterDefault) {
        Set<String> keys = new TreeSet<>(now.ofCluster().keySet());
        if (!clusterDefault) {
            keys.addAll(now.ofBroker().keySet());
            keys.addAll(config.given().keySet());
        }
        return keys;
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

    private DescribeConfigsResult logLevels(DescribeConfigsResource resource, Asked asked) {
        String name = resource.resourceName();
        if (name.isEmpty()) {
            return refused(ErrorCode.INVALID_REQUEST, "Broker id must not be empty");
        }
        String objection = objectionToBroker(name, "");
        if (objection != null) {
            return refused(ErrorCode.INVALID_REQUEST, objection);
        }
        List<DescribeConfigsResourceResult> configs = new ArrayList<>();
        for (String logger : wanted(resource, asked.levels().keySet())) {
            configs.add(new DescribeConfigsResourceResult()
                    .name(logger)
                    .value(asked.levels().get(logger))
                    .configSource(LOGGER_SOURCE));
        }
        return new DescribeConfigsResult().configs(configs);
    }

    private DescribeConfigsResult clientMetrics(DescribeConfigsResource resource, Asked asked) {
        if (resource.resourceName().isEmpty()) {
            return refused(ErrorCode.INVALID_REQUEST, "Client metrics subscription name must not be empty");
        }
        Map<String, String> own =
                asked.image().configOf(new ConfigResource(ConfigResource.CLIENT_METRICS, resource.resourceName()));
        return describe(
                ConfigDefinitions.CLIENT_METRICS,
                resource,
                asked,
                definition -> Shown.of(definition, ClientMetricsConfigs.values(definition, own), false));
    }

    private DescribeConfigsResult group(DescribeConfigsResource resource, Asked asked) {
        if (resource.resourceName().isEmpty()) {
            return refused(ErrorCode.INVALID_REQUEST, "Group name must not be empty");
        }
        ConfigResource group = new ConfigResource(ConfigResource.GROUP, resource.resourceName());
        Map<String, String> own = asked.image().configOf(group);
        DynamicConfig now = asked.broker();
        return describe(
                ConfigDefinitions.GROUP,
                resource,
                asked,
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
            Asked asked,
            Function<ConfigDefinition, @Nullable Shown> shown) {
        Map<String, String> texts = asked.documentation(definitions);
        List<DescribeConfigsResourceResult> configs = new ArrayList<>();
        for (String name : wanted(resource, definitions.names())) {
            ConfigDefinition definition = definitions.find(name);
            Shown one = definition == null ? null : shown.apply(definition);
            if (definition == null || one == null) {
                continue;
            }
            // Internal ones are shown where somebody has set them.
            if (!definition.internal() || one.value().source() != TopicConfig.Source.DEFAULT) {
                configs.add(result(definition, one, asked, texts));
            }
        }
        return new DescribeConfigsResult().configs(configs);
    }

    /**
     * Those of the names that the request wants, in alphabetical order. Where it names keys, looking them up is all.
     *
     * @param names in alphabetical order
     */
    private static Set<String> wanted(DescribeConfigsResource resource, Set<String> names) {
        List<String> keys = resource.configurationKeys();
        if (keys == null || keys.isEmpty()) {
            return names;
        }
        Set<String> wanted = new TreeSet<>();
        for (String key : keys) {
            if (names.contains(key)) {
                wanted.add(key);
            }
        }
        return wanted;
    }

    private static DescribeConfigsResourceResult result(
            ConfigDefinition definition, Shown shown, Asked asked, Map<String, String> texts) {
        boolean secret = definition.isSensitive();
        List<DescribeConfigsSynonym> synonyms = new ArrayList<>();
        if (asked.request().includeSynonyms()) {
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

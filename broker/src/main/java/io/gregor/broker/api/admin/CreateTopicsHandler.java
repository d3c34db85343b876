package io.gregor.broker.api.admin;

import io.gregor.broker.cluster.ClusterMetadata;
import io.gregor.broker.cluster.TopicCreation;
import io.gregor.broker.config.BrokerConfig;
import io.gregor.broker.config.ConfigDefinition;
import io.gregor.broker.config.ConfigDefinitions;
import io.gregor.broker.config.DynamicConfig;
import io.gregor.broker.config.TopicConfig;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.broker.quota.Quotas;
import io.gregor.wire.message.CreateTopicsRequest;
import io.gregor.wire.message.CreateTopicsRequest.CreatableTopic;
import io.gregor.wire.message.CreateTopicsResponse;
import io.gregor.wire.message.CreateTopicsResponse.CreatableTopicConfigs;
import io.gregor.wire.message.CreateTopicsResponse.CreatableTopicResult;
import io.gregor.wire.message.ErrorCode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Creates topics; see {@link io.gregor.controller.CreateTopics} for the rules.
 *
 * <p>Version 5 tells the configuration of what was created (KIP-525), 6
 * refuses what exceeds a quota (KIP-599), 7 the topic's id.
 */
public final class CreateTopicsHandler implements ApiHandler<CreateTopicsRequest, CreateTopicsResponse> {
    private static final int FIRST_VERSION_WITH_CONFIGS = 5;
    private static final int FIRST_VERSION_WITH_STRICT_QUOTAS = 6;

    private final BrokerConfig config;
    private final ClusterMetadata metadata;
    private final Quotas quotas;
    private final TopicCreation creation;

    public CreateTopicsHandler(BrokerConfig config, ClusterMetadata metadata, Quotas quotas, TopicCreation creation) {
        this.config = config;
        this.metadata = metadata;
        this.quotas = quotas;
        this.creation = creation;
    }

    @Override
    public void handle(RequestContext context, CreateTopicsRequest request, Reply<CreateTopicsResponse> reply) {
        Quotas.Mutations quota =
                quotas.mutations(context.clientId(), context.version() >= FIRST_VERSION_WITH_STRICT_QUOTAS);
        metadata.change(
                image -> creation.operation().decide(image, request, quota),
                response -> {
                    if (context.version() >= FIRST_VERSION_WITH_CONFIGS) {
                        addConfigs(request, response);
                    }
                    reply.send(response.throttleTimeMs(quota.throttleMs()));
                },
                error -> reply.send(failed(request, error)));
    }

    private void addConfigs(CreateTopicsRequest request, CreateTopicsResponse response) {
        Map<String, Map<String, String>> given = new HashMap<>();
        for (CreatableTopic topic : request.topics()) {
            Map<String, String> configs = new HashMap<>();
            topic.configs().forEach(entry -> configs.put(entry.name(), entry.value() == null ? "" : entry.value()));
            given.put(topic.name(), configs);
        }
        for (CreatableTopicResult result : response.topics()) {
            if (result.errorCode() == ErrorCode.NONE.code()) {
                result.configs(configs(given.getOrDefault(result.name(), Map.of())));
            }
        }
    }

    private List<CreatableTopicConfigs> configs(Map<String, String> overrides) {
        List<CreatableTopicConfigs> configs = new ArrayList<>();
        for (ConfigDefinition definition : ConfigDefinitions.TOPIC.all()) {
            if (!definition.internal() || overrides.containsKey(definition.name())) {
                TopicConfig.Value value =
                        TopicConfig.value(definition, overrides, DynamicConfig.of(metadata.image(), config));
                configs.add(new CreatableTopicConfigs()
                        .name(definition.name())
                        .value(value.value())
                        .configSource(value.source().id()));
            }
        }
        return configs;
    }

    private static CreateTopicsResponse failed(CreateTopicsRequest request, ErrorCode error) {
        return new CreateTopicsResponse()
                .topics(request.topics().stream()
                        .map(topic -> new CreatableTopicResult()
                                .name(topic.name())
                                .errorCode(error.code())
                                .errorMessage(error.message()))
                        .toList());
    }
}

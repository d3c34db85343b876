package io.gregor.controller.operation;

import io.gregor.controller.ConfigResource;
import io.gregor.controller.MetadataImage;
import io.gregor.controller.TopicConfigs;
import io.gregor.wire.ApiError;
import io.gregor.wire.message.CreateTopicsResponse.CreatableTopicConfigs;
import io.gregor.wire.message.ErrorCode;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Rules under which every configuration is good, but for the value "bad"; {@code cleanup.policy} is a list. */
final class AnyConfigs implements TopicConfigs, ConfigRules {
    @Override
    public @Nullable String objection(Map<String, String> configs) {
        return configs.containsValue("bad") ? "Invalid value bad" : null;
    }

    @Override
    public List<CreatableTopicConfigs> describe(Map<String, String> configs, MetadataImage image) {
        return configs.entrySet().stream()
                .map(entry -> new CreatableTopicConfigs().name(entry.getKey()).value(entry.getValue()))
                .toList();
    }

    @Override
    public @Nullable ApiError check(ConfigResource resource) {
        return resource.type() == 0 ? new ApiError(ErrorCode.INVALID_REQUEST, "Unknown resource type 0") : null;
    }

    @Override
    public @Nullable ApiError check(
            MetadataImage image, ConfigResource resource, Map<String, String> before, Map<String, String> after) {
        String objection = objection(after);
        return objection == null ? null : new ApiError(ErrorCode.INVALID_CONFIG, objection);
    }

    @Override
    public @Nullable String listDefault(MetadataImage image, ConfigResource resource, String name) {
        return name.equals("cleanup.policy") ? "delete" : null;
    }

    @Override
    public String noList(ConfigResource resource, String name, boolean appends) {
        return name + " is no list";
    }
}

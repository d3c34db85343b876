package io.gregor.controller;

import io.gregor.wire.message.CreateTopicsResponse.CreatableTopicConfigs;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Kafka's configurations of topics, as far as creating one needs them. Pure. */
public interface TopicConfigs {
    /** Why a topic cannot have these configurations, in Kafka's words, or null if it can. */
    @Nullable
    String objection(Map<String, String> configs);

    /** All configurations of a topic for which these were set, with defaults, as CreateTopics shows them. */
    List<CreatableTopicConfigs> describe(Map<String, String> configs, MetadataImage image);
}

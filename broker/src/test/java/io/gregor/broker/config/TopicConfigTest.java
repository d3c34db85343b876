package io.gregor.broker.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TopicConfigTest {
    private static final BrokerConfig BROKER = BrokerConfig.of(Map.of("log.cleaner.max.compaction.lag.ms", "1000"));

    /** Apache Kafka looks at all names, then at the values in the order in which it defines them. */
    @Test
    void ofSeveralSettingsThatAreWrongTheFirstIsToldThatApacheKafkaMeets() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("compression.type", "5000");
        settings.put("segment.bytes", "compact");
        assertThat(TopicConfig.objection(settings, BROKER)).contains("segment.bytes");
        settings.put("nonsense", "1");
        assertThat(TopicConfig.objection(settings, BROKER)).isEqualTo("Unknown topic config name: nonsense");
    }

    @Test
    void lagsThatExcludeOneAnotherAreToldBeforeTieredStorage() {
        Map<String, String> settings =
                Map.of("remote.storage.enable", "true", "min.compaction.lag.ms", "2", "max.compaction.lag.ms", "1");
        assertThat(TopicConfig.objection(settings, BROKER)).contains("conflict topic config setting");
    }

    @Test
    void aLagOfTheTopicIsComparedWithTheBrokersWhereItHasNoOther() {
        assertThat(TopicConfig.objection(Map.of("min.compaction.lag.ms", "1000"), BROKER))
                .isNull();
        assertThat(TopicConfig.objection(Map.of("min.compaction.lag.ms", "1001"), BROKER))
                .isEqualTo("conflict topic config setting min.compaction.lag.ms (1001) > max.compaction.lag.ms (1000)");
    }

    @Test
    void definitionsAreInAlphabeticalOrderAndInThatOfApacheKafka() {
        assertThat(List.copyOf(ConfigDefinitions.TOPIC.names())).isSorted();
        assertThat(ConfigDefinitions.TOPIC.inOrder())
                .extracting(ConfigDefinition::name)
                .startsWith("segment.bytes", "segment.ms", "segment.jitter.ms")
                .containsExactlyInAnyOrderElementsOf(ConfigDefinitions.TOPIC.names());
    }
}

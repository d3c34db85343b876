package io.gregor.broker.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.broker.config.BrokerConfig;
import io.gregor.controller.ConfigResource;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BrokerConfigRulesTest {
    private final BrokerConfigRules rules = new BrokerConfigRules(BrokerConfig.of(Map.of()));

    /** Apache Kafka's broker looks at its own configurations, the controller at all others. */
    @Test
    void whoAppendsToWhatIsNoListIsToldByTheKindOfTheResource() {
        ConfigResource broker = new ConfigResource(ConfigResource.BROKER, "1");
        ConfigResource topic = new ConfigResource(ConfigResource.TOPIC, "t");
        assertThat(rules.noList(broker, "nonsense", true)).isEqualTo("Unknown config name: nonsense");
        assertThat(rules.noList(broker, "num.io.threads", true))
                .isEqualTo("Config value append is not allowed for config key: num.io.threads");
        assertThat(rules.noList(broker, "num.io.threads", false))
                .isEqualTo("Config value subtract is not allowed for config key: num.io.threads");
        assertThat(rules.noList(topic, "flush.ms", false))
                .isEqualTo("Can't SUBTRACT to key flush.ms because its type is not LIST.");
    }
}

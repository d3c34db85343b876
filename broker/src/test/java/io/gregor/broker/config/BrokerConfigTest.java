package io.gregor.broker.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the values of a broker require of one another. */
class BrokerConfigTest {
    @Test
    void eachCleanerThreadNeedsABuffer() {
        Map<String, String> small = Map.of("log.cleaner.dedupe.buffer.size", "3000000", "log.cleaner.threads", "3");
        assertThatThrownBy(() -> BrokerConfig.of(small)).hasMessageContaining("1MB per cleaner thread");
    }

    /** Kafka's table allows none, and Kafka itself divides by it. */
    @Test
    void noCleanerThreadsAreNoReasonToFail() {
        Map<String, String> none = Map.of("log.cleaner.threads", "0");
        assertThat(BrokerConfig.of(none).integer("log.cleaner.threads")).isZero();
    }
}

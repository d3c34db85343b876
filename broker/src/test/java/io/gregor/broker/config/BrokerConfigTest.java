package io.gregor.broker.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
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

    /** One that is no int is as wrong as one that is beyond the last. */
    @Test
    void portsBeyondTheLastAreRefused() {
        for (String port : List.of("65536", "99999", "2147483648", "123456789012")) {
            Map<String, String> bad = Map.of("listeners", "PLAINTEXT://127.0.0.1:" + port);
            assertThatThrownBy(() -> BrokerConfig.of(bad))
                    .isInstanceOf(InvalidConfigException.class)
                    .hasMessageContaining(port);
        }
    }

    /** Every record would be gone at the first look. */
    @Test
    void recordsAreKeptForSomeTimeOrForever() {
        for (String key : List.of("log.retention.hours", "log.retention.minutes", "log.retention.ms")) {
            assertThatThrownBy(() -> BrokerConfig.of(Map.of(key, "0")))
                    .as(key)
                    .hasMessageContaining("log.retention.ms must be unlimited (-1) or, greater than or equal to 1");
            assertThat(BrokerConfig.of(Map.of(key, "-1")).number(key)).isEqualTo(-1);
        }
        assertThatThrownBy(() -> BrokerConfig.of(Map.of("log.retention.hours", "1", "log.retention.minutes", "0")))
                .hasMessageContaining("log.retention.ms must be");
    }

    @Test
    void theFinestUnitOfRetentionGoesBeforeTheOthers() {
        Map<String, String> both = Map.of("log.retention.hours", "0", "log.retention.ms", "1");
        assertThat(BrokerConfig.of(both).number("log.retention.ms")).isEqualTo(1);
    }

    @Test
    void typingErrorsAreToldApartFromKeysThatChangeNothing() {
        BrokerConfig config = BrokerConfig.of(Map.of(
                "lisners", "x", "num.partition", "3", "log.retention.hour", "1", "my.own", "x", "num.io.threads", "8"));
        assertThat(config.unknown())
                .containsExactly(
                        "lisners (listeners?)",
                        "log.retention.hour (log.retention.hours?)",
                        "my.own",
                        "num.partition (num.partitions?)");
        assertThat(config.ignoredKeys()).containsExactly("num.io.threads");
        assertThat(BrokerConfig.of(Map.of("listener.name.plaintext.max.connections", "1"))
                        .unknown())
                .isEmpty();
    }

    @Test
    void listenersThatNoClientCanReachAreRefusedWithTheirKey() {
        String two = "PLAINTEXT://localhost:1,EXTERNAL://localhost:2";
        assertRefused("advertised.listeners", Map.of("advertised.listeners", "PLAINTEXT://0.0.0.0:9092"));
        assertRefused("advertised.listeners", Map.of("advertised.listeners", two));
        assertRefused("listeners", Map.of("listeners", "PLAINTEXT://localhost:1,PLAINTEXT://localhost:2"));
        assertRefused("listeners", Map.of("listeners", two));
        assertRefused("inter.broker.listener.name", Map.of("inter.broker.listener.name", "EXTERNAL"));
        assertRefused("controller.listener.names", Map.of("controller.listener.names", "CONTROLLER"));
        assertThat(BrokerConfig.of(Map.of(
                                "listeners",
                                two,
                                "listener.security.protocol.map",
                                "PLAINTEXT:PLAINTEXT,EXTERNAL:PLAINTEXT"))
                        .listeners())
                .hasSize(2);
        assertThat(BrokerConfig.of(Map.of("listeners", "PLAINTEXT://0.0.0.0:9092"))
                        .listeners())
                .hasSize(1);
    }

    private static void assertRefused(String key, Map<String, String> given) {
        assertThatThrownBy(() -> BrokerConfig.of(given))
                .as("%s", given)
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageStartingWith(key + "=");
    }
}

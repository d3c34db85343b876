package io.gregor.broker.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A configuration that belongs to a cluster of several nodes never begins a cluster of its own. */
class SingleNodeTest {
    private static final Map<String, String> COMBINED = Map.of(
            "process.roles", "broker,controller",
            "node.id", "1",
            "listeners", "PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093",
            "controller.listener.names", "CONTROLLER");

    @Test
    void aNodeWithOneRoleIsRefused() {
        for (String roles : List.of("broker", "controller", " broker ")) {
            assertRefused("process.roles", roles, "broker,controller");
        }
    }

    @Test
    void votersOtherThanThisNodeAreRefused() {
        for (String voters : List.of("2@localhost:9093", "1@a:9093,2@b:9093,3@c:9093", "2@b:9093,3@c:9093", "here")) {
            assertRefused("controller.quorum.voters", voters, "1@host:port");
        }
    }

    @Test
    void controllersOfOthersAreRefused() {
        for (String servers : List.of(
                "192.0.2.1:9093", "localhost:9094", "localhost:9093,192.0.2.1:9093", "localhost", "localhost:")) {
            assertRefused("controller.quorum.bootstrap.servers", servers, "its own controller listener");
        }
    }

    @Test
    void nodesThatAreTheirOwnControllerStart() {
        assertAccepted(Map.of());
        assertAccepted(COMBINED);
        assertAccepted(with("process.roles", "controller, broker"));
        assertAccepted(with("controller.quorum.voters", "1@localhost:29093"));
        for (String servers : List.of("localhost:9093", "127.0.0.1:9093", "localhost:9093, 127.0.0.1:9093")) {
            assertAccepted(with("controller.quorum.bootstrap.servers", servers));
        }
    }

    @Test
    void theNameUnderWhichAControllerIsAdvertisedIsItsOwn() {
        Map<String, String> named = new HashMap<>(COMBINED);
        named.put("listeners", "PLAINTEXT://:9092,CONTROLLER://:9093");
        named.put("advertised.listeners", "PLAINTEXT://kafka-1.invalid:9092,CONTROLLER://kafka-1.invalid:9093");
        named.put("controller.quorum.bootstrap.servers", "kafka-1.invalid:9093");
        assertAccepted(named);
        named.put("controller.quorum.bootstrap.servers", "kafka-2.invalid:9093");
        assertThatThrownBy(() -> BrokerConfig.of(named)).isInstanceOf(InvalidConfigException.class);
    }

    private static Map<String, String> with(String key, String value) {
        Map<String, String> all = new HashMap<>(COMBINED);
        all.put(key, value);
        return all;
    }

    private static void assertAccepted(Map<String, String> given) {
        assertThat(BrokerConfig.of(given).nodeId()).isEqualTo(1);
    }

    private static void assertRefused(String key, String value, String toSet) {
        assertThatThrownBy(() -> BrokerConfig.of(with(key, value)))
                .as(key + "=" + value)
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageStartingWith(key + "=" + value + ": ")
                .hasMessageContaining(toSet);
    }
}

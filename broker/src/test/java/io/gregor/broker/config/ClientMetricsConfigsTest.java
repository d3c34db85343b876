package io.gregor.broker.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClientMetricsConfigsTest {
    @ParameterizedTest
    @ValueSource(strings = {"abc.*", "(?i)ABC", "a[bc]{2}", "(a|b)+c"})
    void aPatternIsTaken(String pattern) {
        Map<String, String> configs = Map.of("match", "client_id=" + pattern);

        assertThat(ClientMetricsConfigs.objection("s", configs)).isNull();
        assertThat(ClientMetricsConfigs.of(configs).match()).containsOnlyKeys("client_id");
    }

    @ParameterizedTest
    @ValueSource(strings = {"(", "(?!a)b", "(a+)\\1", "((a{1000}){1000}){1000}"})
    void aPatternThatMayMatchForEverIsRefused(String pattern) {
        assertThat(ClientMetricsConfigs.objection("s", Map.of("match", "client_id=" + pattern)))
                .isEqualTo(new ClientMetricsConfigs.Objection(
                        false, "Illegal client matching pattern: client_id=" + pattern));
    }

    @ParameterizedTest
    @ValueSource(ints = {501, 15_000})
    void aPatternThatIsNestedTooDeepIsRefused(int depth) {
        String pattern = "(".repeat(depth) + ")".repeat(depth);

        assertThat(ClientMetricsConfigs.objection("s", Map.of("match", "client_id=" + pattern)))
                .isNotNull();
    }
}

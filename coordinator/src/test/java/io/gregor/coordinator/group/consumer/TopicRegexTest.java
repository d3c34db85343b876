package io.gregor.coordinator.group.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gregor.coordinator.runtime.ApiException;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TopicRegexTest {
    private static final Set<String> TOPICS = Set.of("orders", "orders-2", "payments");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "orders.*",
                "^orders(-[0-9]{1,3})?$",
                "(?i)ORDERS[-{2]{0,2}",
                "o\\Drders.*|orders.?.?",
                "(o(r(d(e(r(s)))))).*"
            })
    void matchesWholeNames(String regex) throws ApiException {
        TopicRegex.check(regex);
        assertThat(TopicRegex.matches(regex, TOPICS)).containsExactlyInAnyOrder("orders", "orders-2");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(",
                "[",
                "a**",
                "*",
                "(?<name",
                "a{1000}{1000}",
                "((a{1000}){1000}){1000}",
                "(((a{99,}){99,}){99}){9}"
            })
    void refusesWhatIsNoneOrTooLarge(String regex) {
        assertThatThrownBy(() -> TopicRegex.check(regex)).isInstanceOf(ApiException.class);
        assertThat(TopicRegex.matches(regex, TOPICS)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {501, 15_000})
    void refusesWhatIsNestedTooDeep(int depth) {
        assertThatThrownBy(() -> TopicRegex.check("(".repeat(depth) + ")".repeat(depth)))
                .isInstanceOf(ApiException.class);
    }
}

package io.gregor.broker.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.wire.ByteBudget;
import org.junit.jupiter.api.Test;

class BoundedCacheTest {
    private static final int MANY = 1000;

    private final ByteBudget budget = new ByteBudget("test", 10_000);

    @Test
    void whatWasNotUsedForTheLongestTimeGoesFirst() {
        BoundedCache<Integer, String> cache = new BoundedCache<>(budget);
        cache.put(-1, "used", 100);
        for (int i = 0; i < MANY; i++) {
            cache.put(i, "value", 100);
            assertThat(cache.get(-1)).isEqualTo("used");
        }
        assertThat(cache.get(MANY - 1)).isEqualTo("value");
        assertThat(cache.contains(0)).isFalse();
        assertThat(budget.used()).isBetween(9_000L, 10_000L);
    }

    @Test
    void whatIsRemovedOrReplacedGivesItsBytesBack() {
        BoundedCache<Integer, String> cache = new BoundedCache<>(budget);
        cache.put(1, "a", 100);
        cache.put(1, "b", 5000);
        cache.put(2, "a", 100);
        assertThat(cache.remove(1)).isEqualTo("b");
        cache.removeIf(value -> value.equals("a"));
        assertThat(cache.contains(2)).isFalse();
        assertThat(budget.used()).isZero();
    }

    @Test
    void whatIsTooLargeForAllIsNotKept() {
        BoundedCache<Integer, String> cache = new BoundedCache<>(budget);
        assertThat(cache.computeIfAbsent(1, 20_000, () -> "made")).isEqualTo("made");
        assertThat(cache.contains(1)).isFalse();
        assertThat(budget.used()).isZero();
    }

    @Test
    void theNumberOfEntriesHasABoundToo() {
        BoundedCache<Integer, String> cache = new BoundedCache<>(budget, 2);
        cache.put(1, "a", 0);
        cache.put(2, "b", 0);
        cache.put(3, "c", 0);
        assertThat(cache.contains(1)).isFalse();
        assertThat(cache.get(2)).isEqualTo("b");
        assertThat(cache.get(3)).isEqualTo("c");
    }
}

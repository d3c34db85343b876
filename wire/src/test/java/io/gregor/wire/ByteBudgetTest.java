package io.gregor.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ByteBudgetTest {
    @Test
    void refusesWhatDoesNotFit() {
        ByteBudget budget = new ByteBudget("test", 100);

        assertThat(budget.tryReserve(60)).isTrue();
        assertThat(budget.tryReserve(41)).isFalse();
        assertThat(budget.tryReserve(40)).isTrue();
        assertThat(budget.tryReserve(Long.MAX_VALUE)).isFalse();
        assertThat(budget.used()).isEqualTo(100);
    }

    @Test
    void hasRoomAgainAfterARelease() {
        ByteBudget budget = new ByteBudget("test", 100);
        budget.tryReserve(100);

        budget.release(30);

        assertThat(budget.tryReserve(30)).isTrue();
        assertThat(budget.tryReserve(1)).isFalse();
    }

    @Test
    void countsWhatIsForcedBeyondTheLimit() {
        ByteBudget budget = new ByteBudget("test", 100);

        budget.force(150);

        assertThat(budget.used()).isEqualTo(150);
        assertThat(budget.tryReserve(0)).isFalse();
        budget.release(150);
        assertThat(budget.tryReserve(100)).isTrue();
    }

    @Test
    void noticesAReleaseTooMuch() {
        ByteBudget budget = new ByteBudget("test", 100);
        budget.tryReserve(10);

        assertThatThrownBy(() -> budget.release(11)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void neverExceedsItsLimitFromManyThreads() {
        ByteBudget budget = new ByteBudget("test", 1_000);

        long granted = IntStream.range(0, 10_000)
                .parallel()
                .filter(i -> budget.tryReserve(7))
                .count();

        assertThat(granted).isEqualTo(1_000 / 7);
    }
}

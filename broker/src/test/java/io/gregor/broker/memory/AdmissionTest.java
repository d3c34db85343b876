package io.gregor.broker.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.broker.memory.Admission.Claim;
import io.gregor.wire.ByteBudget;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AdmissionTest {
    private static final long LIMIT = 1000;
    private static final long OVERDRAFT_LIMIT = 2500;

    private final ByteBudget budget = new ByteBudget("test", LIMIT);
    private long overdraftLimit = OVERDRAFT_LIMIT;
    private final Admission admission = new Admission(budget, () -> overdraftLimit, 5_000, System::nanoTime);
    private final List<String> admitted = new ArrayList<>();

    @Test
    void oneAtATimeGoesBeyondTheLimit() {
        Claim first = waits("first", 1600);
        Claim second = waits("second", 1600);
        assertThat(admitted).containsExactly("first");

        first.release(1600);
        assertThat(admitted).containsExactly("first", "second");
        second.release(1600);
        assertThat(budget.used()).isZero();
    }

    @Test
    void whoeverKeepsLessMakesRoomForTheNext() {
        Claim first = waits("first", 1600);
        Claim second = waits("second", 1600);

        first.shrink(800);
        assertThat(admitted).containsExactly("first", "second");
        assertThat(budget.used()).isEqualTo(2400);

        waits("third", 1600);
        second.shrink(800);
        assertThat(admitted).containsExactly("first", "second");
        first.release(800);
        assertThat(admitted).containsExactly("first", "second", "third");
    }

    @Test
    void noneGoesBeyondTheLimitOfTheOverdraft() {
        Claim first = waits("first", 700);
        assertThat(admission.isTooMuch(OVERDRAFT_LIMIT)).isFalse();
        assertThat(admission.isTooMuch(OVERDRAFT_LIMIT + 1)).isTrue();

        Claim second = waits("second", 1700);
        assertThat(second.tryTake(101, true)).isFalse();
        assertThat(second.tryTake(100, true)).isTrue();
        assertThat(budget.used()).isEqualTo(OVERDRAFT_LIMIT);
        waits("third", OVERDRAFT_LIMIT);
        first.release(700);
        assertThat(admitted).containsExactly("first", "second");
        second.release(1800);
        assertThat(admitted).containsExactly("first", "second", "third");
    }

    @Test
    void aLimitThatShrinksStarvesNobodyWhoWaits() {
        Claim first = waits("first", 1600);
        waits("second", 1600);
        overdraftLimit = 1000;
        assertThat(admission.isTooMuch(1600)).isTrue();

        first.release(1600);
        assertThat(admitted).containsExactly("first", "second");
    }

    private Claim waits(String name, long bytes) {
        Claim claim = admission.claim(() -> {});
        claim.await(bytes, true, () -> {
            claim.hold(bytes);
            admitted.add(name);
        });
        return claim;
    }
}

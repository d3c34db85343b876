package io.gregor.broker.lane;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StepsTest {
    private final ManualLane lane = new ManualLane();
    private final List<Integer> begun = new ArrayList<>();
    private final List<Runnable> ends = new ArrayList<>();
    private final List<RuntimeException> failures = new ArrayList<>();

    @Test
    void nothingToDoIsDoneAtOnce() {
        Steps.run(List.of(), lane, () -> begun.add(-1), failures::add);

        assertThat(begun).containsExactly(-1);
    }

    @Test
    void aLongListGoesOnWhenItsTurnComesAgain() {
        int count = Steps.AT_ONCE + 1;
        lane.hold();
        Steps.run(steps(count), lane, () -> begun.add(-1), failures::add);
        assertThat(begun).hasSize(Steps.AT_ONCE);

        lane.execute(() -> begun.add(-2));
        ends.forEach(Runnable::run);
        lane.runNext();
        assertThat(begun).hasSize(Steps.AT_ONCE + 1).endsWith(-2);

        lane.runNext();
        ends.get(Steps.AT_ONCE).run();
        assertThat(begun).endsWith(-2, Steps.AT_ONCE, -1);
    }

    @Test
    void aStepThatCannotBeginIsToldOnce() {
        List<Consumer<Runnable>> steps = new ArrayList<>(Collections.nCopies(Steps.AT_ONCE, Runnable::run));
        steps.add(end -> {
            throw new IllegalStateException("expected");
        });
        steps.addAll(steps(1));

        Steps.run(steps, lane, () -> begun.add(-1), failures::add);

        assertThat(failures).hasSize(1);
        assertThat(begun).isEmpty();
    }

    @Test
    void stepsThatEndAtOnceDoNotFillTheStack() {
        List<Consumer<Runnable>> steps = Collections.nCopies(100_000 * Steps.AT_ONCE, Runnable::run);

        Steps.run(steps, lane, () -> begun.add(-1), failures::add);

        assertThat(begun).containsExactly(-1);
    }

    private List<Consumer<Runnable>> steps(int count) {
        return IntStream.range(0, count)
                .<Consumer<Runnable>>mapToObj(i -> end -> {
                    begun.add(i);
                    ends.add(end);
                })
                .toList();
    }
}

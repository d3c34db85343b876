package io.gregor.broker.lane;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Steps that end at once, later, and on other threads. */
class OneByOneTest {
    private static final List<Integer> ITEMS =
            IntStream.range(0, 100_000).boxed().toList();

    private final List<Integer> seen = new ArrayList<>();
    private final CompletableFuture<List<Integer>> done = new CompletableFuture<>();

    @Test
    void stepsThatEndAtOnceDoNotFillTheStack() {
        OneByOne.each(
                ITEMS,
                (item, next) -> {
                    seen.add(item);
                    next.run();
                },
                () -> done.complete(seen));
        assertThat(done).isCompletedWithValue(ITEMS);
    }

    @Test
    void stepsThatEndOnOtherThreadsComeInOrder() throws Exception {
        ExecutorService others = Executors.newFixedThreadPool(2);
        try {
            OneByOne.each(
                    ITEMS,
                    (item, next) -> {
                        seen.add(item);
                        if (item % 3 == 0) {
                            next.run();
                        } else {
                            others.execute(next);
                        }
                    },
                    () -> done.complete(seen));
            assertThat(done.get(1, TimeUnit.MINUTES)).isEqualTo(ITEMS);
        } finally {
            others.shutdownNow();
        }
    }

    @Test
    void noItemsAreDoneAtOnce() {
        OneByOne.each(List.<Integer>of(), (item, next) -> seen.add(item), () -> done.complete(seen));
        assertThat(done).isCompletedWithValue(List.of());
    }
}

package io.gregor.broker.lane;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;

/**
 * Does something with each item of a list, one after the other, where each step may end on another thread. Steps run
 * on whichever thread ended the one before, or on the one that began it, never two at once. The stack does not grow
 * with the number of items, whether a step ends before it returns or later.
 */
public final class OneByOne<T> {
    private final List<T> items;
    private final BiConsumer<T, Runnable> step;
    private final Runnable done;
    private final AtomicInteger due = new AtomicInteger();
    private int index;

    private OneByOne(List<T> items, BiConsumer<T, Runnable> step, Runnable done) {
        this.items = items;
        this.step = step;
        this.done = done;
    }

    /**
     * Begins with the first item.
     *
     * @param step begins with an item, and runs what it is given, once and on any thread, when it has ended with it
     * @param done runs when all items are done
     */
    public static <T> void each(List<T> items, BiConsumer<T, Runnable> step, Runnable done) {
        new OneByOne<>(items, step, done).next();
    }

    /** Whoever finds a thread in the loop leaves the next item to it. */
    private void next() {
        if (due.getAndIncrement() > 0) {
            return;
        }
        do {
            int current = index++;
            if (current < items.size()) {
                step.accept(items.get(current), this::next);
            } else {
                done.run();
            }
        } while (due.decrementAndGet() > 0);
    }
}

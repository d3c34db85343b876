package io.gregor.broker.api;

import java.util.concurrent.atomic.AtomicInteger;

/** Runs something once a number of steps have ended, on whatever threads they do. */
final class Countdown {
    private final AtomicInteger open;
    private final Runnable done;

    /** @param done run by the last step, or at once if there is none */
    Countdown(int steps, Runnable done) {
        this.done = done;
        open = new AtomicInteger(steps + 1);
        one();
    }

    /** A step has ended; what it left behind is seen by whoever runs at the end. */
    void one() {
        if (open.decrementAndGet() == 0) {
            done.run();
        }
    }
}

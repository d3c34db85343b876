package io.gregor.broker.lane;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** Runs steps that may end later, on whatever threads, and something else once all have. */
public final class Countdown {
    private final AtomicInteger open;
    private final Runnable done;

    private Countdown(int steps, Runnable done) {
        this.done = done;
        open = new AtomicInteger(steps + 1);
    }

    /**
     * @param steps each is given what to run when it has ended; whatever it wrote before that is seen at the end
     * @param done run by the last step, or here if there is none
     */
    public static void run(List<Consumer<Runnable>> steps, Runnable done) {
        Countdown countdown = new Countdown(steps.size(), done);
        steps.forEach(step -> step.accept(countdown::one));
        countdown.one();
    }

    private void one() {
        if (open.decrementAndGet() == 0) {
            done.run();
        }
    }
}

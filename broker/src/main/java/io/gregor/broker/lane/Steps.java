package io.gregor.broker.lane;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Runs steps that may end later, on whatever threads, and something else once all have ended. At most {@value #AT_ONCE}
 * of them are under way: the steps of a long request stand in the queues of many lanes, and others must get between
 * them.
 */
public final class Steps {
    static final int AT_ONCE = 128;

    private final List<Consumer<Runnable>> steps;
    private final Lane lane;
    private final Runnable done;
    private final Consumer<RuntimeException> failed;
    private final AtomicInteger open = new AtomicInteger();
    private int next;

    private Steps(List<Consumer<Runnable>> steps, Lane lane, Runnable done, Consumer<RuntimeException> failed) {
        this.steps = steps;
        this.lane = lane;
        this.done = done;
        this.failed = failed;
    }

    /**
     * Begins here, and goes on on the lane.
     *
     * @param steps each is given what to run when it has ended; whatever it wrote before that is seen at the end
     * @param done run by the last step that ends, or here if there is none
     * @param failed told if a step cannot begin; none of those behind it is begun then, and {@code done} is not run
     */
    public static void run(
            List<Consumer<Runnable>> steps, Lane lane, Runnable done, Consumer<RuntimeException> failed) {
        new Steps(steps, lane, done, failed).begin();
    }

    private void begin() {
        int end = Math.min(steps.size(), next + AT_ONCE);
        open.set(end - next + 1);
        try {
            while (next < end) {
                steps.get(next++).accept(this::ended);
            }
        } catch (RuntimeException e) {
            failed.accept(e);
            return;
        }
        ended();
    }

    private void ended() {
        if (open.decrementAndGet() > 0) {
            return;
        }
        if (next < steps.size()) {
            lane.execute(this::begin);
        } else {
            done.run();
        }
    }
}

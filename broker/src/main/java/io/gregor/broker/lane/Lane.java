package io.gregor.broker.lane;

import java.util.concurrent.Executor;

/**
 * The one thread that owns a partition and all that hangs on it. In the broker a lane is an I/O loop; in tests it is a
 * queue driven by hand. Tasks never nest: a lane runs one at a time, to its end.
 */
public interface Lane extends Executor {
    /** Whether the caller runs on this lane. */
    boolean isCurrent();

    /**
     * Runs the task on the lane: at once if the caller is on it and no other task runs there, else later, in the order
     * of the calls. A task that throws is logged.
     */
    @Override
    void execute(Runnable task);

    /** Runs the task on the lane after the delay, unless it is cancelled before. */
    Scheduled schedule(Runnable task, long delayMs);

    /** Something that will run later. */
    interface Scheduled {
        void cancel();
    }

    /** Fails if the caller is elsewhere: what follows changes what the lane owns. */
    default void assertCurrent() {
        if (!isCurrent()) {
            throw new IllegalStateException("not on the lane that owns this");
        }
    }
}

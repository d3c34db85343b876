package io.gregor.broker.lane;

import io.gregor.testsupport.ManualTime;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * A lane that is driven by hand, on time that is moved by hand. Confined to the test's thread, which counts as the
 * lane's own. Tasks run as on an event loop, at once or after the one that runs; while the lane is held they wait.
 */
public final class ManualLane implements Lane {
    private final ManualTime time;
    private final Deque<Runnable> waiting = new ArrayDeque<>();
    private int scheduled;
    private boolean held;
    private boolean running;

    /** On a time of its own, which stands still. */
    public ManualLane() {
        this(new ManualTime());
    }

    public ManualLane(ManualTime time) {
        this.time = time;
    }

    @Override
    public boolean isCurrent() {
        return true;
    }

    @Override
    public void execute(Runnable task) {
        waiting.add(task);
        if (!held) {
            runAll();
        }
    }

    @Override
    public Scheduled schedule(Runnable task, long delayMs) {
        scheduled++;
        boolean[] over = new boolean[1];
        Runnable cancel = time.schedule(delayMs, () -> {
            end(over);
            execute(task);
        });
        return () -> {
            cancel.run();
            end(over);
        };
    }

    private void end(boolean[] over) {
        if (!over[0]) {
            over[0] = true;
            scheduled--;
        }
    }

    /** From now on tasks wait for {@link #runNext} or {@link #release}. */
    public void hold() {
        held = true;
    }

    /** Runs what waits; from now on tasks run at once. */
    public void release() {
        held = false;
        runAll();
    }

    /** How many tasks are to run later, at their time. */
    public int scheduled() {
        return scheduled;
    }

    /** How many tasks wait. */
    public int waiting() {
        return waiting.size();
    }

    public void runNext() {
        waiting.remove().run();
    }

    private void runAll() {
        if (running) {
            return;
        }
        running = true;
        try {
            while (!waiting.isEmpty()) {
                runNext();
            }
        } finally {
            running = false;
        }
    }
}

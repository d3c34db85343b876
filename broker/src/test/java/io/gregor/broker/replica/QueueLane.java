package io.gregor.broker.replica;

import io.gregor.broker.lane.Lane;
import java.util.ArrayDeque;
import java.util.Deque;

/** A lane on the test's thread: tasks wait until the test runs them, unless it is said to run them at once. */
public final class QueueLane implements Lane {
    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private boolean held;

    /** From now on tasks wait. */
    public void hold() {
        held = true;
    }

    /** Runs the first task that waits. */
    public void runOne() {
        tasks.remove().run();
    }

    /** Runs what waits; from now on tasks run at once. */
    public void release() {
        held = false;
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    @Override
    public boolean isCurrent() {
        return true;
    }

    @Override
    public void execute(Runnable task) {
        if (held) {
            tasks.add(task);
        } else {
            task.run();
        }
    }

    @Override
    public Scheduled schedule(Runnable task, long delayMs) {
        tasks.add(task);
        return () -> tasks.remove(task);
    }
}

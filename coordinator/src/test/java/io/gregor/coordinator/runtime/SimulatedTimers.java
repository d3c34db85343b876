package io.gregor.coordinator.runtime;

import io.gregor.testsupport.ManualTime;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/** The timers of a shard, on time that is moved by hand. Confined to the test's thread. */
public final class SimulatedTimers implements Timers {
    private final ManualTime time;
    private final UnaryOperator<Runnable> whileAlive;
    private final Map<Key, Runnable> scheduled = new HashMap<>();

    public SimulatedTimers(ManualTime time) {
        this(time, UnaryOperator.identity());
    }

    /** @param whileAlive makes a task that does nothing any more once the shard has been restarted */
    public SimulatedTimers(ManualTime time, UnaryOperator<Runnable> whileAlive) {
        this.time = time;
        this.whileAlive = whileAlive;
    }

    @Override
    public void schedule(Key key, long delayMs, Runnable operation) {
        cancel(key);
        Runnable task = whileAlive.apply(() -> {
            scheduled.remove(key);
            operation.run();
        });
        scheduled.put(key, time.schedule(delayMs, task));
    }

    @Override
    public boolean isScheduled(Key key) {
        return scheduled.containsKey(key);
    }

    @Override
    public void cancel(Key key) {
        Runnable cancel = scheduled.remove(key);
        if (cancel != null) {
            cancel.run();
        }
    }

    /** What the shard waits for. */
    public Set<Key> waitsFor() {
        return Set.copyOf(scheduled.keySet());
    }
}

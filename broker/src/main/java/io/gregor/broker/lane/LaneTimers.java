package io.gregor.broker.lane;

import io.gregor.coordinator.runtime.Timers;
import java.util.HashMap;
import java.util.Map;

/** The timers of one shard, on its lane, and confined to it. */
public final class LaneTimers implements Timers {
    private final Lane lane;
    private final Map<Key, Lane.Scheduled> scheduled = new HashMap<>();

    public LaneTimers(Lane lane) {
        this.lane = lane;
    }

    @Override
    public void schedule(Key key, long delayMs, Runnable operation) {
        lane.assertCurrent();
        Lane.Scheduled[] own = new Lane.Scheduled[1];
        own[0] = lane.schedule(
                () -> {
                    if (scheduled.remove(key, own[0])) {
                        operation.run();
                    }
                },
                delayMs);
        Lane.Scheduled before = scheduled.put(key, own[0]);
        if (before != null) {
            before.cancel();
        }
    }

    @Override
    public boolean isScheduled(Key key) {
        lane.assertCurrent();
        return scheduled.containsKey(key);
    }

    @Override
    public void cancel(Key key) {
        lane.assertCurrent();
        Lane.Scheduled before = scheduled.remove(key);
        if (before != null) {
            before.cancel();
        }
    }
}

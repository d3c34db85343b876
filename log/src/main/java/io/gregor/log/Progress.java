package io.gregor.log;

import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Tells every few seconds how far something is that takes long. Thread-safe. */
public final class Progress {
    private static final long EVERY_MS = 5000;

    /** Where it is told. */
    public interface Listener {
        void told(int done, int all);
    }

    private final InstantSource clock;
    private final int all;
    private final Listener listener;
    private final AtomicInteger done = new AtomicInteger();
    private final AtomicLong nextMs;

    public Progress(InstantSource clock, int all, Listener listener) {
        this.clock = clock;
        this.all = all;
        this.listener = listener;
        nextMs = new AtomicLong(clock.millis() + EVERY_MS);
    }

    public void oneMore() {
        int now = done.incrementAndGet();
        long due = nextMs.get();
        if (clock.millis() >= due && nextMs.compareAndSet(due, clock.millis() + EVERY_MS)) {
            listener.told(now, all);
        }
    }
}

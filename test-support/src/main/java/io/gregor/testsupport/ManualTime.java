package io.gregor.testsupport;

import java.time.Instant;
import java.time.InstantSource;
import java.util.PriorityQueue;

/** Time that stands still until it is moved by hand, and runs what is due on the way. Confined to one thread. */
public final class ManualTime implements InstantSource {
    private record Task(long dueMs, long order, Runnable action) implements Comparable<Task> {
        @Override
        public int compareTo(Task that) {
            int byTime = Long.compare(dueMs, that.dueMs);
            return byTime != 0 ? byTime : Long.compare(order, that.order);
        }
    }

    private final PriorityQueue<Task> tasks = new PriorityQueue<>();
    private long nowMs = 1_700_000_000_000L;
    private long order;

    @Override
    public Instant instant() {
        return Instant.ofEpochMilli(nowMs);
    }

    @Override
    public long millis() {
        return nowMs;
    }

    /** Runs the action when the time has come, unless what it returns is run before. */
    public Runnable schedule(long delayMs, Runnable action) {
        Task task = new Task(nowMs + delayMs, order++, action);
        tasks.add(task);
        return () -> tasks.remove(task);
    }

    /** Moves on, and stops at everything that is due on the way. */
    public void advance(long ms) {
        long end = nowMs + ms;
        for (Task next = tasks.peek(); next != null && next.dueMs() <= end; next = tasks.peek()) {
            tasks.remove();
            nowMs = next.dueMs();
            next.action().run();
        }
        nowMs = end;
    }
}

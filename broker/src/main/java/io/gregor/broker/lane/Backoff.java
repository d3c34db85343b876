package io.gregor.broker.lane;

/**
 * When to try again what has failed: twice as late each time, up to a limit. Confined to the thread of whoever tries.
 */
public final class Backoff {
    private final long firstMs;
    private final long longestMs;
    private long delayMs;
    private long notBeforeMs = Long.MIN_VALUE;

    /**
     * @param firstMs how long to wait after the first failure, in ms
     * @param longestMs the longest wait, in ms
     */
    public Backoff(long firstMs, long longestMs) {
        this.firstMs = firstMs;
        this.longestMs = longestMs;
        delayMs = firstMs;
    }

    /** Whether it is time to try again. */
    public boolean isDue(long nowMs) {
        return nowMs >= notBeforeMs;
    }

    /** Notes a failure; returns how many ms it takes until the next attempt. */
    public long failed(long nowMs) {
        long wait = delayMs;
        notBeforeMs = nowMs + wait;
        delayMs = Math.min(2 * delayMs, longestMs);
        return wait;
    }

    /** Notes a success: the next failure counts as the first. */
    public void succeeded() {
        delayMs = firstMs;
        notBeforeMs = Long.MIN_VALUE;
    }
}

package io.gregor.coordinator;

/** Runs operations later, on the shard's lane. */
public interface Timers {
    /** Replaces what was scheduled under the same key. */
    void schedule(String key, long delayMs, Runnable operation);

    boolean isScheduled(String key);

    /** Nothing happens if nothing is scheduled under that key. */
    void cancel(String key);
}

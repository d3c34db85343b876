package io.gregor.cli.client;

/** The clocks of the process, and how it waits. Used by the main thread. */
public interface Time {
    /** Milliseconds from a clock that never goes back; only differences mean something. */
    long nowMs();

    /** Milliseconds since 1970. */
    long wallClockMs();

    void pause(long ms);
}

package io.gregor.broker.net.limit;

/**
 * What becomes of a new connection. Immutable.
 *
 * @param closeAfterMs for how long one that is closed is left open, unread
 */
record Verdict(Fate fate, int closeAfterMs) {
    static final Verdict SERVED = new Verdict(Fate.SERVED, 0);
    static final Verdict WAITS = new Verdict(Fate.WAITS, 0);
    static final Verdict CLOSED = new Verdict(Fate.CLOSED, 0);

    /** What can become of it. */
    enum Fate {
        SERVED,
        /** Until another one has ended. */
        WAITS,
        CLOSED
    }
}

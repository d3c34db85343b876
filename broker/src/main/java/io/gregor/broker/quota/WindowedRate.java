package io.gregor.broker.quota;

/**
 * A rate over the last so many windows, as Apache Kafka reckons it: the window that is not over yet counts in full, and
 * before there are enough windows those that are missing count as empty. Confined to whoever holds it.
 */
public final class WindowedRate {
    /** In memory, of each window. */
    public static final int BYTES_OF_WINDOW = 48;

    private static final class Window {
        private long startMs;
        private long lastMs;
        private double sum;

        void begin(long nowMs) {
            startMs = nowMs;
            lastMs = nowMs;
            sum = 0;
        }
    }

    private final int count;
    private final long windowMs;
    private final Window[] windows;
    private int used;
    private int current;

    public WindowedRate(int count, long windowMs) {
        this.count = count;
        this.windowMs = windowMs;
        windows = new Window[count + 1];
    }

    public void add(double amount, long nowMs) {
        Window window = used == 0 ? begin(nowMs) : windows[current];
        if (nowMs - window.startMs >= windowMs) {
            current = (current + 1) % windows.length;
            window = begin(nowMs);
        }
        window.sum += amount;
        window.lastMs = nowMs;
    }

    private Window begin(long nowMs) {
        if (current == used) {
            windows[used++] = new Window();
        }
        windows[current].begin(nowMs);
        return windows[current];
    }

    /** A second. */
    double rate(long nowMs) {
        long spanMs = spanMs(nowMs);
        double sum = 0;
        for (int i = 0; i < used; i++) {
            sum += windows[i].sum;
        }
        return sum / (spanMs / 1000.0);
    }

    /** How long whoever causes it has to wait until the rate is the limit again; 0 if it is no more than that. */
    public long waitMs(double limit, long nowMs) {
        double excess = rate(nowMs) - limit;
        return excess <= 0 ? 0 : Math.round(excess / limit * spanMs(nowMs));
    }

    /** Whether all that was added is so long ago that it does not count any more. */
    public boolean isPast(long nowMs) {
        for (int i = 0; i < used; i++) {
            if (nowMs - windows[i].lastMs < count * windowMs) {
                return false;
            }
        }
        return true;
    }

    /** The time over which the rate is taken. */
    long spanMs(long nowMs) {
        long oldest = nowMs;
        for (int i = 0; i < used; i++) {
            if (nowMs - windows[i].lastMs >= count * windowMs) {
                windows[i].begin(nowMs);
            }
            oldest = Math.min(oldest, windows[i].startMs);
        }
        long span = nowMs - oldest;
        long missing = Math.max(0, count - 1 - span / windowMs);
        return Math.max(1, span + missing * windowMs);
    }
}

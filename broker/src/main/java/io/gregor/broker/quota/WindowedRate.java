package io.gregor.broker.quota;

/**
 * A rate over the last so many windows, as Apache Kafka reckons it: the window that is not over yet counts in full, and
 * before there are enough windows those that are missing count as empty. Confined to whoever holds it.
 */
final class WindowedRate {
    /** In memory, of each window. */
    static final int BYTES_OF_WINDOW = 48;

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

    WindowedRate(int count, long windowMs) {
        this.count = count;
        this.windowMs = windowMs;
        windows = new Window[count + 1];
    }

    void add(double amount, long nowMs) {
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

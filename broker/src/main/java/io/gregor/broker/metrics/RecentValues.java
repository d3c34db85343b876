package io.gregor.broker.metrics;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.LongAdder;

/**
 * How values are spread that were observed lately: their number and sum since the start, and quantiles of the last
 * minutes. Thread-safe, and an observation takes the same few steps whatever was observed before. Quantiles are of the
 * last two and a half to five minutes, and off by at most {@value #ERROR_PERCENT} percent.
 *
 * <p>Values are counted in buckets: one for each value below 64, then {@value #EXACT} for each power of two.
 */
final class RecentValues {
    static final int ERROR_PERCENT = 2;

    /** Larger ones are counted as this one: five hours in nanoseconds. */
    static final long VALUE_MAX = (1L << 44) - 1;

    static final long PERIOD_NANOS = 150_000_000_000L;

    private static final int EXACT_BITS = 5;
    private static final int EXACT = 1 << EXACT_BITS;
    private static final int BUCKETS = bucket(VALUE_MAX) + 1;

    private final LongAdder count = new LongAdder();
    private final LongAdder sum = new LongAdder();
    private Window previous = Window.NONE;
    private volatile Window current = Window.NONE;

    /** What was observed in one period. */
    private record Window(long period, AtomicIntegerArray counts) {
        static final Window NONE = new Window(Long.MIN_VALUE, new AtomicIntegerArray(0));
    }

    /**
     * @param value not negative
     * @param nowNanos as {@link System#nanoTime}
     */
    void observe(long value, long nowNanos) {
        window(Math.floorDiv(nowNanos, PERIOD_NANOS)).counts.incrementAndGet(bucket(Math.min(value, VALUE_MAX)));
        count.increment();
        sum.add(value);
    }

    private Window window(long period) {
        Window window = current;
        return window.period >= period ? window : begin(period);
    }

    private synchronized Window begin(long period) {
        if (current.period < period) {
            previous = current.period == period - 1 ? current : Window.NONE;
            current = new Window(period, new AtomicIntegerArray(BUCKETS));
        }
        return current;
    }

    /** All values since the start. */
    long count() {
        return count.sum();
    }

    /** Of all values since the start. */
    long sum() {
        return sum.sum();
    }

    /**
     * The values that so large parts of the recent values do not exceed; NaN if there are none.
     *
     * @param parts of 1, in ascending order
     */
    double[] quantiles(double[] parts, long nowNanos) {
        long[] counts = recent(Math.floorDiv(nowNanos, PERIOD_NANOS));
        long all = 0;
        for (long each : counts) {
            all += each;
        }
        double[] values = new double[parts.length];
        int bucket = -1;
        long seen = 0;
        for (int i = 0; i < parts.length; i++) {
            long wanted = Math.max(1, (long) Math.ceil(parts[i] * all));
            while (seen < wanted && bucket + 1 < BUCKETS) {
                seen += counts[++bucket];
            }
            values[i] = all == 0 ? Double.NaN : middle(bucket);
        }
        return values;
    }

    private synchronized long[] recent(long period) {
        long[] counts = new long[BUCKETS];
        for (Window window : new Window[] {previous, current}) {
            if (window.period >= period - 1) {
                for (int i = 0; i < BUCKETS; i++) {
                    counts[i] += window.counts.get(i);
                }
            }
        }
        return counts;
    }

    private static int bucket(long value) {
        int shift = Math.max(0, Long.SIZE - Long.numberOfLeadingZeros(value) - EXACT_BITS - 1);
        return shift * EXACT + (int) (value >>> shift);
    }

    /** Of the values that a bucket counts. */
    private static double middle(int bucket) {
        int shift = Math.max(0, bucket / EXACT - 1);
        long first = (long) (bucket - shift * EXACT) << shift;
        return first + ((1L << shift) - 1) / 2.0;
    }
}

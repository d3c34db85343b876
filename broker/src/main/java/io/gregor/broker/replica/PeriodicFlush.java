package io.gregor.broker.replica;

import java.time.InstantSource;

/**
 * Flushes partitions in the background: what has waited for {@code flush.ms}, and in a second in which the broker takes
 * few records each partition with much to flush. So a stop has little left to flush, and a start after a crash has
 * little to recover; under load the disk has the records to write and nothing else, as with Apache Kafka. Confined to
 * the thread for housekeeping.
 */
public final class PeriodicFlush {
    /** {@link #run} is to be called at least so often. */
    public static final long LONGEST_INTERVAL_MS = 1000;
    /** The broker counts as quiet while it takes no more than so many bytes in a second. */
    static final int QUIET_BYTES = 16 * 1024 * 1024;

    private final Partitions partitions;
    private final InstantSource clock;
    private final long quietBytes;
    private long appendedBefore;

    /** @param intervalMs how often {@link #run} is called */
    public PeriodicFlush(Partitions partitions, InstantSource clock, long intervalMs) {
        this.partitions = partitions;
        this.clock = clock;
        this.quietBytes = QUIET_BYTES * intervalMs / 1000;
    }

    /** Has each partition flushed that is due; returns at once. */
    public void run() {
        long appended = 0;
        for (Partition partition : partitions.all()) {
            appended += partition.appendedBytes();
        }
        boolean quiet = appended - appendedBefore <= quietBytes;
        appendedBefore = appended;
        long now = clock.millis();
        for (Partition partition : partitions.all()) {
            if (partition.mayHaveFlushDue(quiet)) {
                partition.lane().execute(() -> partition.flushIfDue(now, quiet));
            }
        }
    }
}

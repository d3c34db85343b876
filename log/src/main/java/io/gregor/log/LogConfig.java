package io.gregor.log;

/**
 * What a topic's configuration says of its logs.
 *
 * @param indexIntervalBytes the log is indexed about every so many bytes
 * @param deleteDelayMs how long the files of what was deleted are kept for those who still read them
 * @param preallocate whether a new segment's file gets its full size at once
 */
public record LogConfig(
        Rolling rolling,
        Retention retention,
        Compaction compaction,
        Flushing flushing,
        int indexIntervalBytes,
        long deleteDelayMs,
        boolean preallocate) {
    private static final long WEEK_MS = 7 * 24 * 60 * 60 * 1000L;

    /**
     * When a segment ends.
     *
     * @param bytes it never grows beyond this
     * @param ageMs its first record is never older when another is appended
     * @param jitterMs by up to this it ends earlier, so that not all segments end at once
     * @param indexBytes its offset index never grows beyond this
     */
    public record Rolling(int bytes, long ageMs, long jitterMs, int indexBytes) {}

    /**
     * What is deleted.
     *
     * @param delete whether anything is, beyond what lies before the log's start
     * @param ms segments whose latest record is older; -1 for none
     * @param bytes the oldest segments while the others hold this much; -1 for none
     */
    public record Retention(boolean delete, long ms, long bytes) {}

    /**
     * What is compacted.
     *
     * @param compact whether anything is
     * @param minDirtyRatio from what share of uncompacted bytes on
     * @param minLagMs how long every record stays
     * @param maxLagMs after this a record is compacted whatever the share
     * @param deleteRetentionMs how long tombstones and markers stay once they are compacted
     */
    public record Compaction(
            boolean compact, double minDirtyRatio, long minLagMs, long maxLagMs, long deleteRetentionMs) {}

    /**
     * What is forced to the disk.
     *
     * @param messages at the latest when so many messages are not
     * @param ms at the latest when a message has waited so long
     */
    public record Flushing(long messages, long ms) {}

    /**
     * How old the first record of the active segment may get, in ms: where the log is compacted, that segment ends in
     * time for {@code max.compaction.lag.ms}, since only closed ones are compacted.
     */
    long segmentAgeMs() {
        boolean lagCounts = compaction.compact() && compaction.maxLagMs() > 0;
        return lagCounts ? Math.min(rolling.ageMs(), compaction.maxLagMs()) : rolling.ageMs();
    }

    /** Kafka's defaults. */
    public static final LogConfig DEFAULT = new LogConfig(
            new Rolling(1 << 30, WEEK_MS, 0, 10 * 1024 * 1024),
            new Retention(true, WEEK_MS, -1),
            new Compaction(false, 0.5, 0, Long.MAX_VALUE, WEEK_MS / 7),
            new Flushing(Long.MAX_VALUE, Long.MAX_VALUE),
            4096,
            60_000,
            false);
}

package io.gregor.log;

/**
 * What a topic's configuration says of its logs.
 *
 * @param segmentBytes a segment never grows beyond this
 * @param segmentMs a segment is rolled when its records are older
 * @param segmentIndexBytes a segment is rolled when its offset index reaches this size
 * @param indexIntervalBytes the log is indexed about every so many bytes
 */
public record LogConfig(int segmentBytes, long segmentMs, int segmentIndexBytes, int indexIntervalBytes) {
    /** Kafka's defaults. */
    public static final LogConfig DEFAULT = new LogConfig(1 << 30, 7 * 24 * 60 * 60 * 1000L, 10 * 1024 * 1024, 4096);
}

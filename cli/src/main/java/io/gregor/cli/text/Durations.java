package io.gregor.cli.text;

/** Spans of time for people to read. */
public final class Durations {
    private Durations() {}

    /** In the largest unit of which there are two at least. */
    public static String of(long ms) {
        long seconds = Math.max(0, ms) / 1000;
        if (seconds < 120) {
            return seconds + " s";
        }
        if (seconds < 2 * 3600) {
            return seconds / 60 + " min";
        }
        return seconds < 2 * 86_400 ? seconds / 3600 + " h" : seconds / 86_400 + " days";
    }
}

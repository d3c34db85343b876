package io.gregor.upstream;

import java.util.Locale;

/**
 * What became of one invocation of a test.
 *
 * @param test {@code class#method}
 */
record Outcome(String test, String invocation, Status status, String reason) {
    /** Stands for the method where a class as a whole failed. */
    static final String WHOLE_CLASS = "*";

    private static final int LONGEST_TEXT = 3_000;

    enum Status {
        PASSED,
        FAILED,
        /** It needs what a process cannot give. */
        ABORTED,
        SKIPPED
    }

    static Outcome parse(String line) {
        String[] fields = line.split("\t", -1);
        return new Outcome(fields[1], fields[2], Status.valueOf(fields[0].toUpperCase(Locale.ROOT)), fields[3]);
    }

    String toLine() {
        return String.join("\t", status.name(), test, plain(invocation), plain(reason));
    }

    private static String plain(String text) {
        String line = text.replaceAll("\\s+", " ");
        return line.length() > LONGEST_TEXT ? line.substring(0, LONGEST_TEXT) : line;
    }
}

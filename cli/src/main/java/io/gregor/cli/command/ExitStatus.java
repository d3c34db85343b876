package io.gregor.cli.command;

import java.util.LinkedHashMap;
import java.util.Map;

/** What a command tells the shell. */
public final class ExitStatus {
    public static final int OK = 0;
    /** It was understood, and could not be done. */
    public static final int FAILED = 1;
    /** An option or argument is wrong: nothing was done. */
    public static final int USAGE = 2;

    static final Map<String, String> MEANINGS = new LinkedHashMap<>();

    static {
        MEANINGS.put(" " + OK, "done");
        MEANINGS.put(" " + FAILED, "could not be done; why is on the error stream, in one line");
        MEANINGS.put(" " + USAGE, "an option or argument is wrong, and nothing was done");
    }

    private ExitStatus() {}
}

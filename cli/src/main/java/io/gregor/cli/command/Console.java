package io.gregor.cli.command;

import io.gregor.cli.client.Time;
import java.io.InputStream;
import java.io.PrintStream;
import java.util.Map;
import java.util.random.RandomGenerator;

/** The world outside a command: streams, environment, clocks and chance. Used by the main thread. */
public record Console(
        InputStream in,
        Output out,
        PrintStream err,
        Map<String, String> environment,
        Time time,
        RandomGenerator random) {
    /** Says something beside the data: one line on the error stream. */
    public void tell(String message) {
        out.flush();
        err.println("gregor: " + message);
    }
}

package io.gregor.cli;

import io.gregor.cli.client.Time;
import io.gregor.cli.command.Console;
import io.gregor.cli.command.Output;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Random;

/** What one command prints, and its exit status. No time passes in it but by waiting. */
record OneRun(int status, String out, String err) {
    static OneRun of(String... args) {
        return with(Map.of("GREGOR_BOOTSTRAP_SERVER", "localhost:1"), args);
    }

    static OneRun with(Map<String, String> environment, String... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        return run(console(bytes(""), out, err, environment, new ManualTime()), out, err, args);
    }

    /** Against that cluster. */
    static OneRun on(FakeCluster cluster, String... args) {
        return feeding(cluster, "", args);
    }

    static OneRun feeding(FakeCluster cluster, String input, String... args) {
        return feeding(cluster, bytes(input), args);
    }

    static OneRun feeding(FakeCluster cluster, InputStream input, String... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        return run(cluster, input, out, out, args);
    }

    /** With an output that may fail. */
    static OneRun printing(FakeCluster cluster, OutputStream failing, String... args) {
        return run(cluster, bytes(""), failing, new ByteArrayOutputStream(), args);
    }

    private static InputStream bytes(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    private static OneRun run(
            FakeCluster cluster, InputStream input, OutputStream out, ByteArrayOutputStream printed, String... args) {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Map<String, String> environment = Map.of("GREGOR_BOOTSTRAP_SERVER", cluster.address());
        return run(console(input, out, err, environment, new TickingTime()), printed, err, args);
    }

    private static OneRun run(Console console, ByteArrayOutputStream out, ByteArrayOutputStream err, String... args) {
        int status = new Invocation(console).run(args);
        console.out().flush();
        console.err().flush();
        return new OneRun(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** For whoever runs nothing. */
    static Console console() {
        return console(bytes(""), new ByteArrayOutputStream(), new ByteArrayOutputStream(), Map.of(), new ManualTime());
    }

    /** With that input, and clocks of the test's own. */
    static OneRun reading(String input, Time time, String... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        return run(console(bytes(input), out, err, Map.of(), time), out, err, args);
    }

    private static Console console(
            InputStream input, OutputStream out, OutputStream err, Map<String, String> environment, Time time) {
        return new Console(
                input,
                new Output(out),
                new PrintStream(err, false, StandardCharsets.UTF_8),
                environment,
                time,
                new Random(1));
    }

    /** Passes while somebody waits, and a millisecond at each look. */
    static final class TickingTime implements Time {
        private final ManualTime time = new ManualTime();

        @Override
        public long nowMs() {
            time.pause(1);
            return time.nowMs();
        }

        @Override
        public long wallClockMs() {
            return time.wallClockMs();
        }

        @Override
        public void pause(long ms) {
            time.pause(ms);
        }
    }

    private static final class ManualTime implements Time {
        private long nowMs;

        @Override
        public long nowMs() {
            return nowMs;
        }

        @Override
        public long wallClockMs() {
            return nowMs;
        }

        @Override
        public void pause(long ms) {
            nowMs += ms;
        }
    }
}

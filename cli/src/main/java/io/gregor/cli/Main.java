package io.gregor.cli;

import io.gregor.cli.client.Time;
import io.gregor.cli.command.Console;
import io.gregor.cli.command.Output;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/** Runs one command and ends. */
public final class Main {
    private static final int BUFFER_BYTES = 64 * 1024;

    private Main() {}

    public static void main(String[] args) throws IOException {
        if (args.length == 1 && args[0].equals(JvmCacheTraining.OPTION)) {
            JvmCacheTraining.run(new RealTime(), System.out);
            return;
        }
        Output out = new Output(new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), BUFFER_BYTES));
        // The JVM's own streams speak what the locale does: ASCII, if there is none.
        PrintStream err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        Console console = new Console(System.in, out, err, System.getenv(), new RealTime(), new SplittableRandom());
        System.exit(new Invocation(console).run(args));
    }

    /** The clocks of the machine. Immutable. */
    public static final class RealTime implements Time {
        @Override
        public long nowMs() {
            return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
        }

        @Override
        public long wallClockMs() {
            return System.currentTimeMillis();
        }

        @Override
        public void pause(long ms) {
            try {
                Thread.sleep(ms);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}

package io.gregor.compat;

import io.gregor.cli.Invocation;
import io.gregor.cli.Main;
import io.gregor.cli.command.Console;
import io.gregor.cli.command.Output;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.SplittableRandom;

/** The launcher's commands in this JVM, which is much quicker than one of their own, against one broker. Immutable. */
public record CliHere(String address) {
    /** Splits the line at its spaces; what is between single quotes stays together. */
    public Tool.Result run(String input, String line) {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream err = new PrintStream(printed, true, StandardCharsets.UTF_8);
        Console console = new Console(
                new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
                new Output(printed),
                err,
                Map.of("GREGOR_BOOTSTRAP_SERVER", address),
                new Main.RealTime(),
                new SplittableRandom());
        int status = new Invocation(console).run(Cli.words(line).toArray(String[]::new));
        console.out().flush();
        return new Tool.Result(status, printed.toString(StandardCharsets.UTF_8));
    }
}

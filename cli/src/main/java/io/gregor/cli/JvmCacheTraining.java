package io.gregor.cli;

import io.gregor.cli.client.Time;
import io.gregor.cli.command.Console;
import io.gregor.cli.command.Output;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Some commands against a stand-in for a broker, with what they print thrown away. The launcher runs it once, so that
 * the JVM can keep what it learns; see the {@code gregor} script.
 */
final class JvmCacheTraining {
    /** The only argument with which the main class comes here. */
    static final String OPTION = "--prepare-cache";

    private static final List<String> COMMANDS = List.of(
            "topic create training --partitions 3 --config retention.ms=1",
            "topic list --internal",
            "topic describe training",
            "topic config training --all",
            "topic config training --set a=b --delete c",
            "topic delete training",
            "produce training --key-separator :",
            "produce training --json --header a=b",
            "consume training --json",
            "consume training --format %k%v",
            "consume training --group training",
            "group list",
            "status",
            "topic create --help",
            "topic create",
            "topic list --wrong");

    private JvmCacheTraining() {}

    /** @param report where each command and its exit status is told */
    static void run(Time time, PrintStream report) throws IOException {
        try (StandInBroker broker = StandInBroker.start()) {
            for (String command : COMMANDS) {
                Console console = new Console(
                        new ByteArrayInputStream("{\"key\":\"k\",\"value\":\"v\"}\n".getBytes(StandardCharsets.UTF_8)),
                        new Output(OutputStream.nullOutputStream()),
                        new Output(OutputStream.nullOutputStream()),
                        Map.of("GREGOR_BOOTSTRAP_SERVER", "localhost:" + broker.port()),
                        time,
                        new SplittableRandom());
                int status = new Invocation(console).run(command.split(" "));
                report.println(status + " " + command);
            }
        }
    }
}

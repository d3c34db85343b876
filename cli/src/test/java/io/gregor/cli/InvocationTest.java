package io.gregor.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

class InvocationTest {
    @TempDir
    Path folder;

    private static Stream<CommandSpec> commands() {
        CommandLine root = new Commands(OneRun.console()).all();
        List<CommandSpec> all = new ArrayList<>();
        collect(root.getCommandSpec(), all);
        return all.stream();
    }

    private static void collect(CommandSpec spec, List<CommandSpec> into) {
        into.add(spec);
        spec.subcommands().values().forEach(line -> collect(line.getCommandSpec(), into));
    }

    @ParameterizedTest
    @MethodSource("commands")
    void theHelpOfEachCommandHasAnExampleAndTheExitStatus(CommandSpec spec) {
        List<String> args = new ArrayList<>(List.of(spec.qualifiedName(" ").split(" ")));
        args.remove(0);
        args.add("--help");
        OneRun help = OneRun.of(args.toArray(new String[0]));
        assertThat(help.status()).isZero();
        assertThat(help.err()).isEmpty();
        assertThat(help.out())
                .contains("Usage: " + spec.qualifiedName(" "), "Example", "  gregor ", "Exit status:", "--help");
        assertThat(help.out().lines()).allMatch(line -> line.length() <= 100);
    }

    @ParameterizedTest
    @MethodSource("commands")
    void theExamplesInTheHelpCanBeParsed(CommandSpec spec) {
        for (String line : spec.usageMessage().footer()) {
            if (line.startsWith("  gregor ")) {
                String command =
                        line.substring("  gregor ".length()).split("[|<>]")[0].strip();
                String[] args = command.replace("'", "").split(" ");
                assertThat(new Commands(OneRun.console())
                                .lineFor(args)
                                .parseArgs(args)
                                .errors())
                        .isEmpty();
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            topc                               | did you mean
            topic                              | a command is missing, allowed is create, list
            topic sing                         | gregor topic --help
            topic create                       | NAME
            topic create a --partitions        | --partitions
            topic create a --partitions three  | 'three'
            topic create a --partitions 1.5    | '1.5'
            topic create a --partitions 99999999999 | allowed is a number up to 2147483647
            topic create a --replication-factor 40000 | allowed is a number up to 32767
            topic create a --partitons 3       | did you mean --partitions
            topic create a --config x          | KEY=VALUE
            topic list extra                   | 'extra'
            topic list -b nonsense             | nonsense: allowed is HOST:PORT
            topic list -b localhost:x          | allowed is HOST:PORT
            topic list -b localhost:99999      | a port is a number from 1 to 65535
            topic list -b                      | --bootstrap-server
            topic list --command-config /nowhere | there is no such file
            topic delete                       | NAME
            topic config                       | NAME
            topic config a --set x             | KEY=VALUE
            topic config a --delete            | --delete
            """)
    void aWrongArgumentIsSaidInOneLine(String command, String part) {
        OneRun run = OneRun.of(command.split(" "));
        assertThat(run.status()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).startsWith("gregor: ").contains(part);
        assertThat(run.err().lines()).hasSize(1);
    }

    @Test
    void noBrokerIsSaidInOneLine() {
        OneRun run = OneRun.of("topic", "list");
        assertThat(run)
                .isEqualTo(new OneRun(1, "", "gregor: localhost:1: nothing listens there (Connection refused)\n"));
        OneRun unknown = OneRun.of("topic", "list", "-b", "no.such.host.invalid:9092");
        assertThat(unknown)
                .isEqualTo(new OneRun(1, "", "gregor: no.such.host.invalid:9092: the host name is not known\n"));
    }

    @Test
    void theOptionComesBeforeTheFileAndThatBeforeTheEnvironment() throws Exception {
        Path file = folder.resolve("client.properties");
        Files.writeString(file, "bootstrap.servers=localhost:2\nclient.id=me\n");
        String config = "--command-config=" + file;
        assertThat(OneRun.of("topic", "list", "-b", "localhost:3", config).err())
                .contains("localhost:3");
        assertThat(OneRun.of("topic", "list", config).err()).contains("localhost:2");
        assertThat(OneRun.of("topic", "list").err()).contains("localhost:1");
        assertThat(OneRun.with(Map.of(), "topic", "list", "-b", "localhost:4").err())
                .contains("localhost:4");
    }

    @Test
    void propertiesThatAreNotAllowedAreSaid() throws Exception {
        Path file = folder.resolve("client.properties");
        String config = "--command-config=" + file;
        Files.writeString(file, "security.protocol=SASL_SSL\n");
        assertThat(OneRun.of("topic", "list", config))
                .isEqualTo(new OneRun(
                        2, "", "gregor: security.protocol=SASL_SSL: these commands speak PLAINTEXT only so far\n"));
        Files.writeString(file, "request.timeout.ms=soon\n");
        assertThat(OneRun.of("topic", "list", config))
                .isEqualTo(new OneRun(2, "", "gregor: request.timeout.ms=soon: allowed is a number of milliseconds\n"));
    }
}

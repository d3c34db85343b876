package io.gregor.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
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
                .contains("Usage: " + spec.qualifiedName(" "), "Exit status:", "--help")
                .containsPattern("Examples?:\n  .*gregor ");
        assertThat(help.out().lines()).allMatch(line -> line.length() <= 100);
    }

    @ParameterizedTest
    @MethodSource("commands")
    void theExamplesInTheHelpCanBeParsed(CommandSpec spec) {
        for (String line : spec.usageMessage().footer()) {
            if (line.startsWith("  gregor ")) {
                String command =
                        line.substring("  gregor ".length()).split("[|<>]")[0].strip();
                String[] args = Pattern.compile("'[^']*'|\\S+")
                        .matcher(command)
                        .results()
                        .map(part -> part.group().replace("'", ""))
                        .toArray(String[]::new);
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
            topic create a --config =x         | --config==x: allowed is KEY=VALUE
            topic create a --config k=1 --config k=2 | --config=k=2: allowed is one value for each key
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
            produce                            | TOPIC
            produce a b                        | 'b'
            produce a --acks 2                 | --acks=2: allowed is all, 1 or 0
            produce a --compression brotli     | --compression=brotli: allowed is none, gzip, snappy, lz4 or zstd
            produce a --rate 0                 | --rate=0: allowed is a number from 1 on
            produce a --rate fast              | 'fast'
            produce a --partition -1           | --partition=-1: allowed is a number from 0 on
            produce a --file /no/such/file     | --file /no/such/file: there is no such file
            produce a --json --key-separator : | --key-separator: is not for lines of JSON
            produce a --header x               | KEY=VALUE
            consume                            | TOPIC
            consume a --from start             | --from=start: allowed is beginning, end, an offset
            consume a --count 0                | --count=0: allowed is a number from 1 on
            consume a --count many             | 'many'
            consume a --protocol share         | --protocol=share: allowed is classic or consumer
            consume a --group g --partition 1  | --partition: a group's members do not choose
            consume a --format %x              | --format: %x stands for nothing, allowed is %t topic
            consume a --format a%              | stands for nothing
            consume a --json --format %v       | --format: is not for --json
            consume a --folow                  | did you mean --follow
            group                              | a command is missing, allowed is list, describe, reset, delete
            group describe                     | GROUP
            group reset                        | GROUP
            group reset g                      | --to is missing: allowed is beginning, end, an offset
            group reset g --to start           | --to=start: allowed is beginning, end, an offset
            group reset g --to end --shift 1   | --shift: is not for --to
            group reset g --shift far          | 'far'
            group reset g --to end --partition x | --partition=x: allowed is a number from 0 on
            group delete                       | GROUP
            status x                           | 'x'
            doctor localhost                   | localhost: allowed is HOST:PORT
            doctor localhost:70000             | a port is a number from 1 to 65535
            completion                         | SHELL
            completion fish                    | fish: allowed is bash or zsh
            """)
    void aWrongArgumentIsSaidInOneLine(String command, String part) {
        OneRun run = OneRun.of(command.split(" "));
        assertThat(run.status()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).startsWith("gregor: ").contains(part);
        assertThat(run.err().lines()).hasSize(1);
    }

    @Test
    void aValueThatBeginsWithAnAtSignIsNoFile() throws Exception {
        Path file = folder.resolve("arguments");
        Files.writeString(file, "one two three");
        assertThat(OneRun.of("topic", "describe", "@" + file).err())
                .isEqualTo("gregor: localhost:1: nothing listens there (Connection refused)\n");
        assertThat(OneRun.of("produce", "t", "--key", "@" + file).status()).isEqualTo(1);
    }

    @Test
    void percentSignsInTheHelpStandForThemselves() {
        assertThat(OneRun.of("consume", "--help").out())
                .contains("--format '%p:%o %k=%v %h'", "%t topic, %p partition", "else %v")
                .doesNotContain("%%");
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
        Files.writeString(file, "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=OAUTHBEARER\n");
        assertThat(OneRun.of("topic", "list", config))
                .isEqualTo(new OneRun(
                        2,
                        "",
                        "gregor: sasl.mechanism=OAUTHBEARER: these commands speak"
                                + " PLAIN, SCRAM-SHA-256, SCRAM-SHA-512\n"));
        Files.writeString(file, "request.timeout.ms=soon\n");
        assertThat(OneRun.of("topic", "list", config))
                .isEqualTo(new OneRun(2, "", "gregor: request.timeout.ms=soon: allowed is a number of milliseconds\n"));
    }
}

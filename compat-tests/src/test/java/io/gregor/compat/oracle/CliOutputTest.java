package io.gregor.compat.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.compat.Canonical;
import io.gregor.compat.Cli;
import io.gregor.compat.GregorProcess;
import io.gregor.compat.KafkaProcess;
import io.gregor.compat.Tool;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher's commands against Apache Kafka and Gregor: they print the same, and end with the same status. */
@Tag("once")
class CliOutputTest {
    @TempDir
    Path folder;

    @Test
    void theyPrintTheSame() throws Exception {
        try (KafkaProcess kafka = KafkaProcess.start(folder);
                GregorProcess gregor =
                        GregorProcess.start(folder, "auto.create.topics.enable=false", "log.retention.ms=-1")) {
            Map<String, String> ours = new Script(new Cli(gregor.address())).run();
            Map<String, String> theirs = new Script(new Cli(kafka.address())).run();
            assertThat(Canonical.differences(theirs, ours))
                    .as(theirs.size() + " invocations")
                    .isEmpty();
        }
    }

    /** What they do, one after the other, and what they print without what has to differ. */
    private static final class Script {
        /** Ids, ports and times. */
        private static final Pattern DIFFERENT =
                Pattern.compile("\\b[A-Za-z0-9_-]{22}\\b|localhost:\\d+|\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z|1[78]\\d{11}");

        private final Map<String, String> printed = new LinkedHashMap<>();
        private final Cli cli;

        Script(Cli cli) {
            this.cli = cli;
        }

        Map<String, String> run() throws Exception {
            topics();
            return printed;
        }

        private void topics() throws Exception {
            ok("topic create orders --partitions 3");
            ok("topic create log tidy --config cleanup.policy=compact --config retention.ms=7000");
            ok("topic create orders --if-not-exists");
            fails("topic create orders");
            fails("topic create orders new");
            fails("topic create bad/name");
            fails("topic create many --partitions 0");
            fails("topic create wide --replication-factor 3");
            fails("topic create odd --config retention.ms=x");
            fails("topic create odd --config no.such.key=x");
            ok("topic list");
            ok("topic list --internal");
            ok("topic describe");
            ok("topic describe orders tidy");
            fails("topic describe orders nothing");
            ok("topic config tidy");
            ok("topic config orders");
            ok("topic config orders --all");
            ok("topic config orders --set retention.ms=5000 --set cleanup.policy=compact,delete");
            ok("topic config orders");
            ok("topic config orders --delete retention.ms");
            ok("topic config orders");
            fails("topic config orders --set retention.ms=soon");
            fails("topic config orders --set no.such.key=1");
            fails("topic config nothing");
            fails("topic config nothing --set retention.ms=1");
            ok("topic delete log");
            fails("topic delete log tidy");
            ok("topic delete log --if-exists");
            ok("topic list");
        }

        private void ok(String line) throws Exception {
            assertThat(print("", line).status()).as(line).isZero();
        }

        private void fails(String line) throws Exception {
            Tool.Result result = print("", line);
            assertThat(result.status()).as(line).isEqualTo(1);
            assertThat(result.out().lines().filter(one -> one.startsWith("gregor: ")))
                    .as(line)
                    .hasSize(1);
        }

        private Tool.Result print(String input, String line) throws Exception {
            Tool.Result result = cli.run(input, line);
            String name = printed.size() + " " + line;
            printed.put(name, DIFFERENT.matcher(result.out()).replaceAll("?") + "status " + result.status());
            return result;
        }
    }
}

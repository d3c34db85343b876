package io.gregor.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Commands against the stand-in that they are trained with. */
class StandInBrokerTest {
    @Test
    void recordsAreWrittenAtTheRateThatIsAskedFor() throws Exception {
        OneRun.TickingTime time = new OneRun.TickingTime();
        try (StandInBroker broker = StandInBroker.start()) {
            OneRun run = OneRun.reading(
                    "x\n".repeat(300),
                    time,
                    "produce",
                    "training",
                    "--rate",
                    "100",
                    "-b",
                    "localhost:" + broker.port());
            assertThat(run).isEqualTo(new OneRun(0, "300 records written to training\n", ""));
        }
        assertThat(time.wallClockMs()).isBetween(2_990L, 4_000L);
    }

    @Test
    void theCommandsOfTheTrainingDoWhatTheyAreFor() throws Exception {
        ByteArrayOutputStream report = new ByteArrayOutputStream();
        JvmCacheTraining.run(new OneRun.TickingTime(), new PrintStream(report, true, StandardCharsets.UTF_8));
        assertThat(report.toString(StandardCharsets.UTF_8).lines())
                .hasSizeGreaterThan(10)
                .filteredOn(line -> !line.startsWith("0 "))
                .containsExactly("2 topic create", "2 topic list --wrong");
    }

    @Test
    void theSecondHostIsAskedWhereTheFirstIsNotThere() throws Exception {
        try (StandInBroker broker = StandInBroker.start()) {
            String hosts = "localhost:1,no.such.host.invalid:9092,localhost:" + broker.port();
            assertThat(OneRun.of("topic", "list", "-b", hosts)).isEqualTo(new OneRun(0, "training\n", ""));
            assertThat(OneRun.of("consume", "training", "--format", "%o %k=%v", "-b", hosts))
                    .isEqualTo(new OneRun(0, "0 key=value\n", ""));
        }
    }

    @Test
    void theScriptForShellsKnowsAllCommands() {
        for (String shell : new String[] {"bash", "zsh"}) {
            OneRun run = OneRun.of("completion", shell);
            assertThat(run.status()).isZero();
            assertThat(run.out())
                    .contains("complete -F", "start", "doctor", "--read-committed", "--replication-factor");
        }
    }
}

package io.gregor.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.cli.client.Time;
import org.junit.jupiter.api.Test;

/** Commands against the stand-in that they are trained with. */
class StandInBrokerTest {
    /** Each look at the clock takes a millisecond. */
    private static final class TickingTime implements Time {
        private long nowMs;
        private long pausedMs;

        @Override
        public long nowMs() {
            return ++nowMs;
        }

        @Override
        public long wallClockMs() {
            return nowMs;
        }

        @Override
        public void pause(long ms) {
            assertThat(ms).isNotNegative();
            nowMs += ms;
            pausedMs += ms;
        }
    }

    @Test
    void recordsAreWrittenAtTheRateThatIsAskedFor() throws Exception {
        TickingTime time = new TickingTime();
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
        assertThat(time.nowMs).isBetween(2_990L, 3_500L);
        assertThat(time.pausedMs).isPositive();
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

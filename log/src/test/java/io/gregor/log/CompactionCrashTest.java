package io.gregor.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A compaction that dies at any of its steps, with the power or without, changes nothing that counts. */
class CompactionCrashTest {
    private static final Path FOLDER = Path.of("/log/t-0");

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void diesAtEveryStep(long seed) throws IOException, InterruptedException {
        int steps = 0;
        while (diesAfter(steps, seed)) {
            steps++;
        }
        assertThat(steps).as("steps of a compaction").isGreaterThan(20);
    }

    @Test
    void whatIsCompactedHasToBeForcedFirst() {
        assertThatThrownBy(() -> {
                    int steps = 0;
                    while (diesAfter(steps, 1, SyncRule.COMPACTED)) {
                        steps++;
                    }
                })
                // Other records than before, or a log that says itself that it is damaged.
                .isInstanceOfAny(AssertionError.class, CorruptLogException.class);
    }

    /** False if the compaction was through before. */
    private static boolean diesAfter(int steps, long seed, SyncRule... ignored)
            throws IOException, InterruptedException {
        Random random = new Random(seed * 1000 + steps);
        SimulatedDisk disk = new SimulatedDisk(random, ignored);
        disk.createFolder(Path.of("/log"));
        KeyedHistory history = new KeyedHistory(disk, FOLDER, seed);
        for (int i = 0; i < 60; i++) {
            history.step();
        }
        history.endAll();
        history.log().flush();
        disk.dieAfter(steps);
        try {
            history.compact(100_000);
        } catch (IOException e) {
            assertThat(disk.isDead()).isTrue();
        }
        boolean died = disk.isDead();
        if (random.nextInt(4) == 0) {
            disk.startAgain();
        } else {
            disk.losePower();
        }
        String when = "seed %d, dead after %d steps".formatted(seed, steps);
        history.open(false);
        history.check(when);
        history.settle();
        history.check(when + ", settled");
        return died;
    }
}

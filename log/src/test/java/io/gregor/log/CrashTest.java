package io.gregor.log;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gregor.log.compaction.CompactionCrashTest;
import io.gregor.log.disk.SyncRule;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Histories by seed on a disk that loses power, runs full, and dies at any operation. A history that fails is named by
 * its seed. And the other way round: without any one of the rules by which the log forces things to the disk, some
 * history fails.
 */
class CrashTest {
    /** Other seeds than those of each build: {@code compat-tests/run nightly} takes some at random. */
    private static final int FIRST = Integer.getInteger("seeds.from", 0);

    private static final int HISTORIES = Integer.getInteger("log.histories", 10_000);

    @Test
    void nothingThatWasFlushedIsLost() throws IOException {
        for (long seed = FIRST; seed < FIRST + HISTORIES; seed++) {
            run(seed);
        }
    }

    private static void run(long seed, SyncRule... ignored) throws IOException {
        CrashHistory history = new CrashHistory(seed, ignored);
        try {
            history.run();
        } catch (IOException | RuntimeException | AssertionError e) {
            throw new AssertionError("history " + seed + ", " + history, e);
        }
    }

    /** What compaction forces is shown by {@link CompactionCrashTest}. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "COMPACTED")
    void everyRuleIsNeeded(SyncRule rule) {
        assertThatThrownBy(() -> {
                    for (long seed = 0; seed < HISTORIES; seed++) {
                        run(seed, rule);
                    }
                })
                .isInstanceOf(AssertionError.class)
                .hasMessageStartingWith("history");
    }
}

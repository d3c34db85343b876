package io.gregor.log.compaction;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.log.LogView;
import io.gregor.log.PartitionLog;
import io.gregor.log.disk.RealDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A log that is compacted and opened again time after time says what it said before. */
class CompactionTest {
    @TempDir
    Path folder;

    private static long records(PartitionLog log) throws IOException {
        long[] count = new long[1];
        log.view().forEachBatch(0, batch -> count[0] += batch.header().recordCount());
        return count[0];
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void compactionChangesNothingThatCounts(long seed) throws IOException, InterruptedException {
        KeyedHistory history = new KeyedHistory(new RealDisk(), folder, seed);
        Random random = history.random();
        for (int i = 0; i < 400; i++) {
            String when = "seed %d step %d".formatted(seed, i);
            history.step();
            if (random.nextInt(12) == 0) {
                history.compact(random.nextInt(3) == 0 ? 200 : 100_000);
                history.check(when);
            }
            if (random.nextInt(40) == 0) {
                LogView before = history.log().view();
                history.open(random.nextBoolean());
                LogView after = history.log().view();
                assertThat(after.endOffset()).as(when).isEqualTo(before.endOffset());
                assertThat(after.lastStableOffset()).as(when).isEqualTo(before.lastStableOffset());
                history.check(when);
            }
        }
        history.endAll();
        history.settle();
        history.check("seed %d, settled".formatted(seed));
        // Of each key no more than a record is left, but for those in the last segment.
        assertThat(history.log().view().segments()).hasSizeLessThan(8);
        assertThat(records(history.log())).isLessThan(150);
    }
}

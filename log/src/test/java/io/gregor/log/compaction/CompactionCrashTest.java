package io.gregor.log.compaction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gregor.log.LogView;
import io.gregor.log.disk.CorruptLogException;
import io.gregor.log.disk.DiskFile;
import io.gregor.log.disk.LogFiles;
import io.gregor.log.disk.SimulatedDisk;
import io.gregor.log.disk.SyncRule;
import io.gregor.log.segment.Segment;
import io.gregor.wire.record.RecordBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A compaction that dies at any of its steps, with the power or without, changes nothing that counts. */
public class CompactionCrashTest {
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

    /** Dies as well while it settles what the one before has left. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void diesAgainAtTheStart(long seed) throws IOException, InterruptedException {
        for (int steps = 0; steps < 120; steps++) {
            Random random = new Random(seed * 1000 + steps);
            SimulatedDisk disk = new SimulatedDisk(random);
            KeyedHistory history = diedAfter(steps, seed, disk);
            for (int deaths = 1 + random.nextInt(3); deaths > 0; deaths--) {
                startAgain(disk, random);
                disk.dieAfter(random.nextInt(15));
                try {
                    history.open(false);
                } catch (IOException e) {
                    assertThat(disk.isDead()).isTrue();
                }
            }
            startAgain(disk, random);
            history.open(false);
            history.check("seed %d, dead after %d steps".formatted(seed, steps));
        }
    }

    /** The old segments hold as long as they are there; if not, only what is damaged is lost. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void aCompactedSegmentIsDamagedMeanwhile(long seed) throws IOException, InterruptedException {
        int taken = 0;
        int discarded = 0;
        for (int steps = 0; steps < 200; steps++) {
            String when = "seed %d, dead after %d steps".formatted(seed, steps);
            SimulatedDisk disk = new SimulatedDisk(new Random(seed));
            KeyedHistory history = diedAfter(steps, seed, disk);
            disk.startAgain();
            long end = history.log().view().endOffset();
            Path swap = swapIn(disk);
            if (swap == null) {
                continue;
            }
            damage(disk, swap, steps % 2 == 0 ? RecordBatch.MAGIC_AT : (int) disk.size(swap) - 1);
            long base = Long.parseLong(String.valueOf(swap.getFileName()).substring(0, LogFiles.OFFSET_DIGITS));
            boolean oldIsThere = disk.exists(LogFiles.path(FOLDER, base, LogFiles.LOG));
            history.openWithCheckpoint();
            assertThat(swapIn(disk)).as(when).isNull();
            assertThat(history.log().view().endOffset()).as(when).isEqualTo(end);
            if (oldIsThere) {
                history.check(when);
                discarded++;
            } else {
                checkBehind(history.log().view(), base);
                taken++;
            }
        }
        assertThat(taken).isPositive();
        assertThat(discarded).isPositive();
    }

    private static @Nullable Path swapIn(SimulatedDisk disk) {
        return disk.list(FOLDER).stream()
                .filter(file -> file.toString().endsWith(LogFiles.LOG + LogFiles.SWAP) && disk.size(file) > 0)
                .findFirst()
                .orElse(null);
    }

    private static void damage(SimulatedDisk disk, Path file, int position) throws IOException {
        DiskFile opened = disk.open(file);
        ByteBuffer one = ByteBuffer.allocate(1);
        opened.read(one, position);
        opened.write(ByteBuffer.wrap(new byte[] {(byte) ~one.get(0)}), position);
    }

    /** All segments but the damaged one can be read. */
    private static void checkBehind(LogView view, long damagedBase) throws IOException {
        for (Segment segment : view.segments()) {
            if (segment.baseOffset() != damagedBase) {
                LogView.forEachBatch(segment, segment.baseOffset(), segment.size(), batch -> {});
            }
        }
    }

    private static KeyedHistory diedAfter(int steps, long seed, SimulatedDisk disk)
            throws IOException, InterruptedException {
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
        return history;
    }

    private static void startAgain(SimulatedDisk disk, Random random) {
        if (random.nextInt(4) == 0) {
            disk.startAgain();
        } else {
            disk.losePower();
        }
    }

    /** False if the compaction was through before. */
    private static boolean diesAfter(int steps, long seed, SyncRule... ignored)
            throws IOException, InterruptedException {
        Random random = new Random(seed * 1000 + steps);
        SimulatedDisk disk = new SimulatedDisk(random, ignored);
        KeyedHistory history = diedAfter(steps, seed, disk);
        boolean died = disk.isDead();
        startAgain(disk, random);
        String when = "seed %d, dead after %d steps".formatted(seed, steps);
        history.open(false);
        history.check(when);
        history.settle();
        history.check(when + ", settled");
        return died;
    }
}

package io.gregor.log.compaction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gregor.log.LogView;
import io.gregor.log.disk.CorruptLogException;
import io.gregor.log.disk.DiskFile;
import io.gregor.log.disk.LogFiles;
import io.gregor.log.disk.SimulatedDisk;
import io.gregor.log.disk.SyncRule;
import io.gregor.log.segment.BatchReader;
import io.gregor.log.segment.StoredBatch;
import io.gregor.wire.record.RecordBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A compaction that dies at any of its steps, with the power or without, changes nothing that counts. */
@Tag("once")
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

    /** The old segments hold as long as they are there and sound; if not, only what is damaged is lost. */
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
            damage(disk, swap, damagedByte(disk, swap, new Random(steps)));
            boolean oldHold = !spoilsOld(disk, swap, steps);
            Set<Long> sound = soundOffsets(disk, swap);
            dieWhileLoading(history, disk, steps);
            if (steps % 3 == 0) {
                // Recovers all: what follows must not be cut off.
                history.open(false);
            } else {
                history.openWithCheckpoint();
            }
            assertThat(swapIn(disk)).as(when).isNull();
            assertThat(history.log().view().endOffset()).as(when).isEqualTo(end);
            if (oldHold) {
                history.check(when);
                discarded++;
            } else {
                assertThat(offsets(history.log().view())).as(when).isEqualTo(sound);
                taken++;
            }
        }
        assertThat(taken).isPositive();
        assertThat(discarded).isPositive();
    }

    /** Now and then an old segment is damaged or gone as well, if it was marked as deleted. */
    private static boolean spoilsOld(SimulatedDisk disk, Path swap, int steps) throws IOException {
        long base = Long.parseLong(String.valueOf(swap.getFileName()).substring(0, LogFiles.OFFSET_DIGITS));
        Path old = LogFiles.path(FOLDER, base, LogFiles.LOG + LogFiles.DELETED);
        if (disk.exists(LogFiles.path(FOLDER, base, LogFiles.LOG)) || steps % 2 == 0) {
            return false;
        }
        assertThat(disk.exists(old)).isTrue();
        if (steps % 4 == 1) {
            disk.delete(old);
        } else {
            damage(disk, old, RecordBatch.HEADER_BYTES);
        }
        return true;
    }

    /** At another step each time, or not at all. */
    private static void dieWhileLoading(KeyedHistory history, SimulatedDisk disk, int steps) {
        disk.dieAfter(steps % 40);
        try {
            history.open(false);
        } catch (IOException e) {
            assertThat(disk.isDead()).isTrue();
        }
        disk.startAgain();
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

    /** A byte of any batch but the last one, which has the end of the log if all behind it was dropped. */
    private static int damagedByte(SimulatedDisk disk, Path file, Random random) throws IOException {
        List<StoredBatch> batches = new ArrayList<>();
        BatchReader reader = BatchReader.of(file, disk.open(file));
        while (reader.next() instanceof BatchReader.Next.Batch next) {
            batches.add(next.batch());
        }
        int chosen = random.nextInt(Math.max(1, batches.size() - 1));
        int[] places = {RecordBatch.MAGIC_AT, RecordBatch.LENGTH_AT, RecordBatch.LENGTH_AT + 3, RecordBatch.HEADER_BYTES
        };
        return batches.get(chosen).position() + places[random.nextInt(places.length)];
    }

    /** The offsets of all sound records in the segments and in the compacted one. */
    private static Set<Long> soundOffsets(SimulatedDisk disk, Path swap) throws IOException {
        Set<Long> offsets = new TreeSet<>();
        for (Path file : disk.list(FOLDER)) {
            if (file.equals(swap) || LogFiles.offsetIn(file, LogFiles.LOG) >= 0) {
                BatchReader reader = BatchReader.of(file, disk.open(file));
                boolean more = true;
                while (more) {
                    if (reader.next() instanceof BatchReader.Next.Batch next
                            && next.batch().hasRightChecksum()) {
                        addOffsets(next.batch(), offsets);
                    } else {
                        more = reader.skipDamage();
                    }
                }
            }
        }
        return offsets;
    }

    private static Set<Long> offsets(LogView view) throws IOException {
        Set<Long> offsets = new TreeSet<>();
        view.forEachBatch(0, batch -> addOffsets(batch, offsets));
        return offsets;
    }

    private static void addOffsets(StoredBatch batch, Set<Long> offsets) throws IOException {
        batch.outlines(records -> {
            while (records.next()) {
                offsets.add(records.offset());
            }
            return offsets;
        });
    }

    private static KeyedHistory diedAfter(int steps, long seed, SimulatedDisk disk)
            throws IOException, InterruptedException {
        disk.createFolder(Path.of("/log"));
        KeyedHistory history = new KeyedHistory(disk, FOLDER, seed);
        for (int i = 0; i < 60; i++) {
            history.step();
        }
        // What this one has replaced is still to be deleted when the next one dies.
        history.endAll();
        history.compact(100_000);
        for (int i = 0; i < 30; i++) {
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

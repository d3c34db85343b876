package io.gregor.log.segment;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.log.LogConfig;
import io.gregor.log.LogDir;
import io.gregor.log.LogView;
import io.gregor.log.PartitionLog;
import io.gregor.log.compaction.LogCleaning;
import io.gregor.log.disk.CountingDisk;
import io.gregor.log.disk.LogEnvironment;
import io.gregor.log.disk.SimulatedDisk;
import io.gregor.testsupport.ManualTime;
import io.gregor.wire.Part;
import io.gregor.wire.Uuid;
import io.gregor.wire.record.BatchBuilder;
import io.gregor.wire.record.Compression;
import io.gregor.wire.record.Record;
import io.gregor.wire.record.RecordBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * By seed: readers that hold views and slices while segments are rolled, compacted, dropped, moved and deleted with
 * their log. A reader gets what its view showed, and at the end each file was closed once.
 */
class OwnedFilesTest {
    private static final int SEEDS = Integer.getInteger("log.owned", 300);
    private static final int STEPS = 120;
    private static final Path ROOT = Path.of("/log");
    private static final LogConfig SMALL = new LogConfig(
            new LogConfig.Rolling(600, Long.MAX_VALUE, 0, 1024),
            new LogConfig.Retention(true, -1, -1),
            new LogConfig.Compaction(true, 0, 0, Long.MAX_VALUE, 0),
            new LogConfig.Flushing(Long.MAX_VALUE, Long.MAX_VALUE),
            1,
            0,
            false);

    /** Someone who has begun to read, and goes on later. */
    private record Reader(LogView view, List<Long> expected, Part slice) {
        void finish() throws IOException {
            List<Long> found = new ArrayList<>();
            view.forEachBatch(
                    view.startOffset(), batch -> found.add(batch.header().baseOffset()));
            assertThat(found).isEqualTo(expected);
            if (slice instanceof Part.InFile records) {
                ByteBuffer bytes = ByteBuffer.allocate(records.size());
                ((SegmentFile) records.file()).read(bytes, records.position());
                assertThat(bytes.hasRemaining()).isFalse();
                records.release();
            }
            view.release();
        }
    }

    @Test
    void whoReadsMayFinishAndEachFileIsClosedOnce() throws Exception {
        for (int seed = 0; seed < SEEDS; seed++) {
            try {
                new History(seed).run();
            } catch (AssertionError | RuntimeException | IOException e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    /** One run. */
    private static final class History {
        private final Deque<Runnable> background = new ArrayDeque<>();
        private final List<Reader> readers = new ArrayList<>();
        private final Random random;
        private final CountingDisk disk;
        private LogDir here;
        private LogDir there;
        private PartitionLog log;
        private long topic;

        History(int seed) throws IOException {
            random = new Random(seed);
            disk = new CountingDisk(new SimulatedDisk(random));
            disk.createFolder(ROOT);
            here = folder("a");
            there = folder("b");
            log = open();
        }

        private void run() throws Exception {
            for (int i = 0; i < STEPS; i++) {
                step();
            }
            for (Reader reader : readers) {
                reader.finish();
            }
            readers.clear();
            while (!background.isEmpty()) {
                background.remove().run();
            }
            here.close();
            there.close();
            assertThat(disk.faults()).isEmpty();
            assertThat(disk.open()).isEmpty();
        }

        private LogDir folder(String name) throws IOException {
            disk.createFolder(ROOT.resolve(name));
            LogEnvironment environment =
                    new LogEnvironment(disk, new ManualTime(), random, (task, delayMs) -> background.add(task));
            LogDir folder = new LogDir(environment, ROOT.resolve(name), because -> {
                throw new AssertionError(because);
            });
            folder.begin();
            return folder;
        }

        private PartitionLog open() throws IOException {
            return here.open("t", 0, new Uuid(7, ++topic), SMALL);
        }

        private void step() throws Exception {
            int kind = random.nextInt(100);
            if (kind < 45) {
                append();
            } else if (kind < 60) {
                read();
            } else if (kind < 75 && !readers.isEmpty()) {
                readers.remove(random.nextInt(readers.size())).finish();
            } else if (kind < 85 && !background.isEmpty()) {
                background.remove().run();
            } else if (kind < 90) {
                new LogCleaning(log, Runnable::run, 1 << 16, () -> false).compact();
            } else if (kind < 95) {
                log.advanceLogStart(
                        random.nextLong(log.view().startOffset(), log.view().highWatermark() + 1));
            } else if (kind < 98) {
                move();
            } else {
                here.delete(log);
                log.leaveFiles();
                log = open();
            }
        }

        private void append() throws IOException {
            BatchBuilder batch = new BatchBuilder(Compression.NONE);
            ByteBuffer key = ByteBuffer.wrap(new byte[] {(byte) random.nextInt(6)});
            batch.add(Record.of(1_000_000, key, ByteBuffer.allocate(random.nextInt(200))));
            log.append(new RecordBatch(batch.build(), 0), 0);
        }

        private void read() throws IOException {
            LogView view = log.view();
            assertThat(view.retain()).isTrue();
            List<Long> expected = new ArrayList<>();
            view.forEachBatch(
                    view.startOffset(), batch -> expected.add(batch.header().baseOffset()));
            Part slice = view.read(view.startOffset(), view.highWatermark(), 1000, true);
            if (slice instanceof Part.InFile records) {
                assertThat(records.file().retain()).isTrue();
            }
            readers.add(new Reader(view, expected, slice));
        }

        /** As the mover does, without a moment in which anything else happens. */
        private void move() throws IOException {
            PartitionLog original = log;
            PartitionLog copy = there.openFuture(
                    "t", 0, new Uuid(7, topic), SMALL, original.view().firstOffset());
            original.view().forEachBatch(copy.view().endOffset(), copy::appendCopy);
            original.flush();
            copy.flush();
            if (!copy.replace(original)) {
                copy.leaveFiles();
                there.dropFuture("t-0", null);
                return;
            }
            there.promote("t", 0, copy);
            log = copy;
            original.leaveFiles();
            here.delete(original);
            LogDir before = here;
            here = there;
            there = before;
        }
    }
}

package io.gregor.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.testsupport.ManualTime;
import io.gregor.wire.record.BatchBuilder;
import io.gregor.wire.record.Compression;
import io.gregor.wire.record.EndMarker;
import io.gregor.wire.record.Record;
import io.gregor.wire.record.RecordBatch;
import io.gregor.wire.record.RecordCursor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Histories by seed on a disk that loses power and runs full. What was flushed is there after every recovery, with its
 * offsets; what is there beyond it was written; nothing has a hole, a wrong checksum or a second copy; and the log goes
 * on. A history that fails is named by its seed.
 */
class CrashTest {
    private static final int HISTORIES = Integer.getInteger("log.histories", 10_000);
    private static final Path FOLDER = Path.of("/log/t-0");
    private static final LogConfig CONFIG = new LogConfig(
            new LogConfig.Rolling(900, Long.MAX_VALUE, 0, 1 << 20),
            new LogConfig.Retention(false, -1, -1),
            LogConfig.DEFAULT.compaction(),
            LogConfig.DEFAULT.flushing(),
            100,
            0,
            false);

    private final ManualTime time = new ManualTime();

    private static final class History {
        private final Random random;
        private final SimulatedDisk disk;
        private final List<Long> written = new ArrayList<>();
        /** What was refused may come back when the power was lost, in the place of what was never flushed. */
        private final Set<Long> refused = new HashSet<>();

        private long durable;
        private long recoveryPoint;
        private int sequence;
        private long salt;
        private final List<String> steps = new ArrayList<>();

        History(long seed) {
            random = new Random(seed);
            disk = new SimulatedDisk(new Random(seed + 1));
        }
    }

    private PartitionLog open(History history, boolean clean) throws IOException {
        LogEnvironment environment =
                new LogEnvironment(history.disk, time, history.random, (task, delayMs) -> task.run());
        return new LogLoader(environment, FOLDER, CONFIG, 0, history.recoveryPoint, 0, clean).load();
    }

    private void append(PartitionLog log, History history) throws IOException {
        boolean producer = history.random.nextBoolean();
        BatchBuilder batch = new BatchBuilder(Compression.NONE);
        if (producer) {
            batch.producer(7, (short) 0, history.sequence).transactional();
        }
        List<Long> values = new ArrayList<>();
        int count = 1 + history.random.nextInt(3);
        for (int i = 0; i < count; i++) {
            values.add(++history.salt);
            batch.add(Record.of(
                    time.millis(),
                    null,
                    ByteBuffer.allocate(8 + history.random.nextInt(60)).putLong(0, history.salt)));
        }
        history.refused.addAll(values);
        PartitionLog.Appended appended = log.append(new RecordBatch(batch.build(), 0), 0);
        history.refused.removeAll(values);
        assertThat(appended).isInstanceOf(PartitionLog.Appended.Stored.class);
        history.written.addAll(values);
        history.steps.add("append " + values + " at " + appended);
        history.sequence += producer ? count : 0;
    }

    private void end(PartitionLog log, History history) throws IOException {
        log.appendMarker(7, (short) 0, new EndMarker(history.random.nextBoolean(), 0), false, 0);
        history.written.add(-1L);
        history.steps.add("end");
    }

    /** Every offset once, with what was written there; at least what was flushed. */
    private static List<Long> check(PartitionLog log, History history) throws IOException {
        List<Long> found = new ArrayList<>();
        long[] next = new long[1];
        log.view().forEachBatch(0, batch -> {
            assertThat(batch.computedCrc()).isEqualTo(batch.crc());
            assertThat(batch.baseOffset())
                    .as(
                            "recovery point %d, segments %s",
                            history.recoveryPoint, log.view().segments())
                    .isEqualTo(next[0]);
            RecordCursor.forEach(batch, record -> {
                ByteBuffer bytes = batch.isControl() ? null : record.value();
                long value = bytes == null ? -1 : bytes.getLong(bytes.position());
                if (record.offset() < history.durable || !history.refused.contains(value)) {
                    assertThat(value)
                            .as("offset %d after %s", record.offset(), history.steps)
                            .isEqualTo(history.written.get((int) record.offset()));
                }
                found.add(value);
            });
            next[0] = batch.nextOffset();
        });
        String state = "durable up to %d, recovery point %d, segments %s"
                .formatted(
                        history.durable,
                        history.recoveryPoint,
                        log.view().segments().stream()
                                .map(segment -> segment.baseOffset() + ": " + segment.size() + " bytes")
                                .toList());
        assertThat(next[0]).as(state).isEqualTo(log.view().endOffset());
        assertThat(next[0]).as(state).isGreaterThanOrEqualTo(history.durable);
        return found;
    }

    private static void checkIndexes(PartitionLog log) throws IOException {
        for (Segment segment : log.view().segments()) {
            assertThat(segment.hasSoundIndexes()).as(segment.toString()).isTrue();
        }
    }

    private PartitionLog crash(PartitionLog log, History history) throws IOException {
        // The checkpoint is older than what is on the disk, never newer.
        history.recoveryPoint = Math.min(history.recoveryPoint, log.recoveryPoint());
        if (history.random.nextBoolean()) {
            history.recoveryPoint = log.recoveryPoint();
        }
        history.disk.losePower();
        history.steps.add("power lost, recovery point " + history.recoveryPoint);
        PartitionLog recovered = open(history, false);
        List<Long> found = check(recovered, history);
        checkIndexes(recovered);
        history.written.clear();
        history.written.addAll(found);
        history.sequence = recovered.producers().summaries().stream()
                .mapToInt(producer -> producer.lastSequence() + 1)
                .findFirst()
                .orElse(0);
        return recovered;
    }

    private void run(long seed) throws IOException {
        History history = new History(seed);
        PartitionLog log = open(history, true);
        for (int i = 0; i < 60; i++) {
            switch (history.random.nextInt(12)) {
                case 0 -> log = crash(log, history);
                case 1 -> {
                    log.flush();
                    history.durable = log.view().endOffset();
                    history.steps.add("flush " + history.durable);
                }
                case 2 -> end(log, history);
                case 3 -> runFull(log, history);
                case 4 -> {
                    log.close();
                    history.durable = log.view().endOffset();
                    history.recoveryPoint = log.recoveryPoint();
                    history.steps.add("stop " + history.durable);
                    log = open(history, true);
                    check(log, history);
                    checkIndexes(log);
                }
                default -> append(log, history);
            }
        }
        check(crash(log, history), history);
    }

    /** What is refused for want of space was never there; what was there before stays, and then all goes on. */
    private void runFull(PartitionLog log, History history) throws IOException {
        history.disk.fillAfter(history.random.nextInt(5));
        for (int i = 0; i < 4; i++) {
            long end = log.view().endOffset();
            try {
                append(log, history);
            } catch (IOException e) {
                assertThat(log.view().endOffset()).isEqualTo(end);
                history.steps.add("refused at " + end + ", salt " + history.salt + ": " + e);
            }
        }
        check(log, history);
        history.disk.makeRoom();
        log.flush();
        history.durable = log.view().endOffset();
        check(log, history);
        append(log, history);
        check(log, history);
    }

    @Test
    void nothingThatWasFlushedIsLost() {
        for (long seed = 0; seed < HISTORIES; seed++) {
            try {
                run(seed);
            } catch (IOException | RuntimeException | AssertionError e) {
                throw new AssertionError("history " + seed, e);
            }
        }
    }
}

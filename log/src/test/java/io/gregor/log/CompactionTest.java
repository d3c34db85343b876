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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Histories by seed of a compacted log: plain, idempotent and transactional producers write, transactions are committed
 * and aborted, time passes, the log is compacted and opened again. After every step a reader of what is committed ends
 * up with the same value for every key as the model has, and every record that is left has its offset and its content.
 */
class CompactionTest {
    private static final int KEYS = 12;
    private static final long DELETE_RETENTION_MS = 1000;
    private static final LogConfig CONFIG = new LogConfig(
            new LogConfig.Rolling(2000, Long.MAX_VALUE, 0, 1 << 20),
            new LogConfig.Retention(false, -1, -1),
            new LogConfig.Compaction(true, 0, 0, Long.MAX_VALUE, DELETE_RETENTION_MS),
            LogConfig.DEFAULT.flushing(),
            200,
            0,
            false);

    @TempDir
    Path folder;

    private final ManualTime time = new ManualTime();
    private final TreeMap<Long, Record> written = new TreeMap<>();
    private final TreeMap<Long, Record> committed = new TreeMap<>();
    private final Map<Long, TreeMap<Long, Record>> open = new HashMap<>();
    private final Map<Long, Integer> sequences = new HashMap<>();

    private PartitionLog open(long recoveryPoint, boolean clean) throws IOException {
        LogEnvironment environment =
                new LogEnvironment(new RealDisk(), time, new Random(1), (task, delayMs) -> task.run());
        return new LogLoader(environment, folder, CONFIG, 0, recoveryPoint, 0, clean).load();
    }

    private static ByteBuffer key(int i) {
        return ByteBuffer.allocate(4).putInt(i).flip();
    }

    private void append(PartitionLog log, Random random, long producerId, boolean transactional) throws IOException {
        Compression codec = Compression.values()[random.nextInt(Compression.values().length)];
        BatchBuilder batch = new BatchBuilder(codec);
        int sequence = sequences.getOrDefault(producerId, 0);
        if (producerId >= 0) {
            batch.producer(producerId, (short) 0, sequence);
        }
        TreeMap<Long, Record> target = committed;
        if (transactional) {
            batch.transactional();
            target = open.computeIfAbsent(producerId, id -> new TreeMap<>());
        }
        int count = 1 + random.nextInt(6);
        long base = log.view().endOffset();
        for (int i = 0; i < count; i++) {
            ByteBuffer key = key(random.nextInt(KEYS));
            ByteBuffer value =
                    random.nextInt(4) == 0 ? null : ByteBuffer.wrap(new byte[] {(byte) random.nextInt(), (byte) i});
            Record record = new Record(base + i, time.millis(), key, value, List.of());
            batch.add(record);
            written.put(base + i, record);
            target.put(base + i, record);
        }
        log.append(new RecordBatch(batch.build(), 0), 0);
        sequences.put(producerId, sequence + count);
    }

    private void end(PartitionLog log, long producerId, boolean commit) throws IOException {
        TreeMap<Long, Record> changes = open.remove(producerId);
        log.appendMarker(producerId, (short) 0, new EndMarker(commit, 3), false, 0);
        if (changes != null && commit) {
            committed.putAll(changes);
        }
    }

    /** What a read_committed consumer makes of the log: aborted records left out, up to the last stable offset. */
    private Map<ByteBuffer, ByteBuffer> readCommitted(PartitionLog log) throws IOException {
        Map<ByteBuffer, ByteBuffer> read = new HashMap<>();
        LogView view = log.view();
        List<AbortedTransaction> aborted = view.abortedBetween(0, view.lastStableOffset());
        view.forEachBatch(0, batch -> {
            assertThat(batch.computedCrc()).isEqualTo(batch.crc());
            boolean skip = batch.isControl()
                    || batch.baseOffset() >= view.lastStableOffset()
                    || batch.isTransactional()
                            && aborted.stream()
                                    .anyMatch(one -> one.producerId() == batch.producerId()
                                            && one.firstOffset() <= batch.baseOffset()
                                            && batch.lastOffset() < one.lastOffset());
            RecordCursor.forEach(batch, record -> {
                if (!batch.isControl()) {
                    assertThat(record).isEqualTo(written.get(record.offset()));
                }
                if (!skip) {
                    apply(record, read);
                }
            });
        });
        return read;
    }

    private void check(PartitionLog log, long seed, int step) throws IOException {
        if (!open.isEmpty()) {
            return;
        }
        Map<ByteBuffer, ByteBuffer> expected = new HashMap<>();
        committed.values().forEach(record -> apply(record, expected));
        assertThat(shown(readCommitted(log))).as("seed %d step %d", seed, step).isEqualTo(shown(expected));
    }

    private static void apply(Record record, Map<ByteBuffer, ByteBuffer> values) {
        ByteBuffer value = record.value();
        if (value == null) {
            values.remove(record.key());
        } else {
            values.put(record.key(), value);
        }
    }

    private static Map<Integer, Integer> shown(Map<ByteBuffer, ByteBuffer> values) {
        Map<Integer, Integer> shown = new TreeMap<>();
        values.forEach((key, value) -> shown.put(key.getInt(key.position()), (int) value.getShort(value.position())));
        return shown;
    }

    private static long records(PartitionLog log) throws IOException {
        long[] count = new long[1];
        log.view().forEachBatch(0, batch -> count[0] += batch.recordCount());
        return count[0];
    }

    private void step(PartitionLog log, Random random) throws IOException, InterruptedException {
        long producer = random.nextInt(3);
        switch (random.nextInt(8)) {
            case 0, 1 -> append(log, random, -1, false);
            case 2 -> append(log, random, 10 + producer, false);
            case 3, 4 -> append(log, random, producer, true);
            case 5, 6 -> end(log, producer, random.nextBoolean());
            default -> time.advance(random.nextInt(1500));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void compactionChangesNothingThatCounts(long seed) throws IOException, InterruptedException {
        Random random = new Random(seed);
        PartitionLog log = open(0, true);
        for (int i = 0; i < 400; i++) {
            step(log, random);
            if (random.nextInt(12) == 0) {
                new LogCleaning(log, Runnable::run, random.nextInt(3) == 0 ? 200 : 100_000, () -> false).compact();
                check(log, seed, i);
            }
            if (random.nextInt(40) == 0) {
                boolean clean = random.nextBoolean();
                if (clean) {
                    log.close();
                }
                long end = log.view().endOffset();
                long stable = log.view().lastStableOffset();
                log = open(clean ? log.recoveryPoint() : 0, clean);
                assertThat(log.view().endOffset())
                        .as("seed %d step %d", seed, i)
                        .isEqualTo(end);
                assertThat(log.view().lastStableOffset())
                        .as("seed %d step %d", seed, i)
                        .isEqualTo(stable);
                check(log, seed, i);
            }
        }
        for (long producer = 0; producer < 3; producer++) {
            end(log, producer, true);
        }
        settle(log, random);
        check(log, seed, -1);
    }

    /** Once all is old, of each key no more than a record is left, but for those in the last segment. */
    private void settle(PartitionLog log, Random random) throws IOException, InterruptedException {
        for (int i = 0; i < 30; i++) {
            append(log, random, -1, false);
            time.advance(DELETE_RETENTION_MS);
            new LogCleaning(log, Runnable::run, 100_000, () -> false).compact();
        }
        assertThat(log.view().segments()).hasSizeLessThan(8);
        assertThat(records(log)).isLessThan(150);
    }
}

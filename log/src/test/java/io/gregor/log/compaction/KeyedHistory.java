package io.gregor.log.compaction;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.log.LogConfig;
import io.gregor.log.LogLoader;
import io.gregor.log.LogView;
import io.gregor.log.PartitionLog;
import io.gregor.log.disk.Disk;
import io.gregor.log.disk.LogEnvironment;
import io.gregor.log.segment.AbortedTransaction;
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

/**
 * A compacted log and what must become of it, by seed: plain, idempotent and transactional producers write,
 * transactions are committed and aborted, time passes. A reader of what is committed ends up with the same value for
 * every key as the model has, and every record that is left has its offset and its content.
 */
final class KeyedHistory {
    private static final int KEYS = 12;
    private static final long DELETE_RETENTION_MS = 1000;
    private static final long DELETE_DELAY_MS = 700;
    private static final LogConfig CONFIG = new LogConfig(
            new LogConfig.Rolling(2000, Long.MAX_VALUE, 0, 1 << 20),
            new LogConfig.Retention(false, -1, -1),
            new LogConfig.Compaction(true, 0, 0, Long.MAX_VALUE, DELETE_RETENTION_MS),
            LogConfig.DEFAULT.flushing(),
            200,
            DELETE_DELAY_MS,
            false);

    private final ManualTime time = new ManualTime();
    private final Disk disk;
    private final Path folder;
    private final Random random;
    private final TreeMap<Long, Record> written = new TreeMap<>();
    private final TreeMap<Long, Record> committed = new TreeMap<>();
    private final Map<Long, TreeMap<Long, Record>> open = new HashMap<>();
    private final Map<Long, Integer> sequences = new HashMap<>();

    private PartitionLog log;
    private int life;

    KeyedHistory(Disk disk, Path folder, long seed) throws IOException {
        this.disk = disk;
        this.folder = folder;
        random = new Random(seed);
        log = load(0, true);
    }

    private PartitionLog load(long recoveryPoint, boolean clean) throws IOException {
        life++;
        LogEnvironment environment = new LogEnvironment(disk, time, new Random(1), this::inBackground);
        return new LogLoader(environment, folder, CONFIG, 0, recoveryPoint, 0, clean).load();
    }

    /** What comes later comes when time passes, if the log has not died before. */
    private void inBackground(Runnable task, long delayMs) {
        if (delayMs == 0) {
            task.run();
            return;
        }
        int own = life;
        time.schedule(delayMs, () -> {
            if (own == life) {
                task.run();
            }
        });
    }

    PartitionLog log() {
        return log;
    }

    Random random() {
        return random;
    }

    /** Stops in order, or dies, and starts again. */
    void open(boolean clean) throws IOException {
        if (clean) {
            log.close();
        }
        log = load(clean ? log.recoveryPoint() : 0, clean);
    }

    /** Dies, and starts again with the newest recovery point. */
    void openWithCheckpoint() throws IOException {
        log = load(log.recoveryPoint(), false);
    }

    /** @param memoryBytes for the keys of one pass */
    void compact(int memoryBytes) throws IOException, InterruptedException {
        new LogCleaning(log, Runnable::run, memoryBytes, () -> false).compact();
    }

    private static ByteBuffer key(int i) {
        return ByteBuffer.allocate(4).putInt(i).flip();
    }

    private void append(long producerId, boolean transactional) throws IOException {
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

    private void end(long producerId, boolean commit) throws IOException {
        TreeMap<Long, Record> changes = open.remove(producerId);
        log.appendMarker(producerId, (short) 0, new EndMarker(commit, 3), false, 0);
        if (changes != null && commit) {
            committed.putAll(changes);
        }
    }

    /** What a read_committed consumer makes of the log: aborted records left out, up to the last stable offset. */
    private Map<ByteBuffer, ByteBuffer> readCommitted() throws IOException {
        Map<ByteBuffer, ByteBuffer> read = new HashMap<>();
        LogView view = log.view();
        List<AbortedTransaction> aborted = view.abortedBetween(0, view.lastStableOffset());
        view.forEachBatch(0, stored -> {
            RecordBatch batch = stored.whole();
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

    /** Nothing is said while a transaction is open. */
    void check(String when) throws IOException {
        if (!open.isEmpty()) {
            return;
        }
        Map<ByteBuffer, ByteBuffer> expected = new HashMap<>();
        committed.values().forEach(record -> apply(record, expected));
        assertThat(shown(readCommitted())).as(when).isEqualTo(shown(expected));
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

    void step() throws IOException {
        long producer = random.nextInt(3);
        switch (random.nextInt(8)) {
            case 0, 1 -> append(-1, false);
            case 2 -> append(10 + producer, false);
            case 3, 4 -> append(producer, true);
            case 5, 6 -> end(producer, random.nextBoolean());
            default -> time.advance(random.nextInt(1500));
        }
    }

    void endAll() throws IOException {
        for (long producer = 0; producer < 3; producer++) {
            end(producer, true);
        }
    }

    /** Lets all grow old. */
    void settle() throws IOException, InterruptedException {
        for (int i = 0; i < 30; i++) {
            append(-1, false);
            time.advance(DELETE_RETENTION_MS);
            compact(100_000);
        }
    }
}

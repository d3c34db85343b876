package io.gregor.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.log.disk.LogEnvironment;
import io.gregor.log.disk.SimulatedDisk;
import io.gregor.log.disk.SyncRule;
import io.gregor.log.segment.AbortedTransaction;
import io.gregor.log.segment.Segment;
import io.gregor.testsupport.ManualTime;
import io.gregor.wire.Uuid;
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
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One partition in one log directory, through appends, flushes, checkpoints, stops, a full disk, deletes, lost power
 * and kills. What was flushed is there after every recovery, with its offsets; what is there beyond it was written;
 * nothing has a hole, a wrong checksum or a second copy; the indexes say what the records say; and the log goes on.
 */
final class CrashHistory {
    private static final int STEPS = 60;
    private static final long PRODUCER = 7;
    private static final int BYSTANDER_START = 3;
    private static final int BYSTANDER_END = 8;
    private static final Path ROOT = Path.of("/log");
    private static final LogConfig CONFIG = new LogConfig(
            new LogConfig.Rolling(900, Long.MAX_VALUE, 0, 1 << 20),
            new LogConfig.Retention(false, -1, -1),
            LogConfig.DEFAULT.compaction(),
            LogConfig.DEFAULT.flushing(),
            100,
            0,
            false);

    private final ManualTime time = new ManualTime();
    private final Random random;
    private final SimulatedDisk disk;
    private final List<String> steps = new ArrayList<>();
    /** What every record says that was appended, by its offset. Markers say less than 0. */
    private final List<Long> written = new ArrayList<>();
    /** What was refused may come back when the power was lost, in the place of what was never flushed. */
    private final Set<Long> refused = new HashSet<>();

    private LogDir folder;
    private PartitionLog log;
    /** Nothing happens to it. */
    private PartitionLog bystander;

    private Uuid topicId = new Uuid(1, 1);
    private long durable;
    private long durableStart;
    private int sequence;
    private long salt;

    CrashHistory(long seed, SyncRule... ignored) throws IOException {
        random = new Random(seed);
        disk = new SimulatedDisk(new Random(seed + 1), ignored);
        disk.createFolder(ROOT);
        folder = new LogDir(environment(), ROOT, e -> {});
        log = folder.open("t", 0, topicId, CONFIG);
        bystander = folder.open("bystander", 0, new Uuid(2, 2), CONFIG);
        folder.begin();
        for (int i = 0; i < BYSTANDER_END; i++) {
            BatchBuilder batch = new BatchBuilder(Compression.NONE).add(Record.of(1, null, ByteBuffer.allocate(1)));
            bystander.append(new RecordBatch(batch.build(), 0), 0);
        }
        bystander.flush();
        bystander.advanceLogStart(BYSTANDER_START);
        folder.checkpoint();
    }

    private LogEnvironment environment() {
        return new LogEnvironment(disk, time, random, (task, delayMs) -> task.run());
    }

    private void open() throws IOException {
        log = folder.open("t", 0, topicId, CONFIG);
        bystander = folder.open("bystander", 0, new Uuid(2, 2), CONFIG);
        folder.putStraysAside();
        folder.begin();
    }

    void run() throws IOException {
        for (int i = 0; i < STEPS; i++) {
            if (!disk.isDead() && random.nextInt(10) == 0) {
                disk.dieAfter(random.nextInt(12));
            }
            try {
                step();
            } catch (IOException e) {
                if (!disk.isDead()) {
                    throw e;
                }
                steps.add("died: " + e);
                crash();
            }
        }
        crash();
    }

    private void step() throws IOException {
        time.advance(random.nextInt(3));
        switch (random.nextInt(16)) {
            case 0 -> crash();
            case 1, 2 -> flush();
            case 3 -> end();
            case 4 -> runFull();
            case 5 -> stop();
            case 6 -> checkpoint();
            case 7 -> advanceLogStart();
            case 8 -> {
                if (random.nextInt(4) == 0) {
                    recreate();
                }
            }
            default -> append();
        }
    }

    private void append() throws IOException {
        boolean producer = random.nextBoolean();
        BatchBuilder batch = new BatchBuilder(Compression.NONE);
        if (producer) {
            batch.producer(PRODUCER, (short) 0, sequence).transactional();
        }
        List<Long> values = new ArrayList<>();
        int count = 1 + random.nextInt(3);
        for (int i = 0; i < count; i++) {
            values.add(++salt);
            batch.add(Record.of(
                    time.millis() - random.nextInt(5),
                    null,
                    ByteBuffer.allocate(8 + random.nextInt(60)).putLong(0, salt)));
        }
        refused.addAll(values);
        AppendResult appended = log.append(new RecordBatch(batch.build(), 0), 0);
        assertThat(appended).isInstanceOf(AppendResult.Stored.class);
        refused.removeAll(values);
        written.addAll(values);
        steps.add("append " + values + " at " + appended);
        sequence += producer ? count : 0;
    }

    private void end() throws IOException {
        long value = -1 - salt;
        salt++;
        refused.add(value);
        log.appendMarker(PRODUCER, (short) 0, new EndMarker(random.nextBoolean(), (int) salt), false, 0);
        refused.remove(value);
        written.add(value);
        steps.add("end " + value);
    }

    private void flush() throws IOException {
        log.flush();
        flushed("flush");
    }

    private void flushed(String how) {
        durable = log.view().endOffset();
        steps.add(how + " " + durable);
    }

    private void checkpoint() throws IOException {
        long start = log.view().startOffset();
        folder.checkpoint();
        assertOnline();
        durableStart = start;
        steps.add("checkpoint, recovery point " + log.recoveryPoint() + ", start " + start);
    }

    /** A folder that is offline keeps nothing, and does not complain. */
    private void assertOnline() throws IOException {
        if (folder.isOffline()) {
            throw new IOException("offline");
        }
    }

    private void advanceLogStart() throws IOException {
        long start = log.view().startOffset();
        log.advanceLogStart(start + random.nextInt((int) (log.view().endOffset() - start) + 1) / 3);
        steps.add("start " + log.view().startOffset());
    }

    private void recreate() throws IOException {
        steps.add("recreate");
        topicId = new Uuid(1, ++salt);
        written.clear();
        durable = 0;
        durableStart = 0;
        sequence = 0;
        folder.delete("t", 0);
        log = folder.open("t", 0, topicId, CONFIG);
    }

    private void stop() throws IOException {
        folder.close();
        assertOnline();
        flushed("stop");
        durableStart = log.view().startOffset();
        if (random.nextBoolean()) {
            disk.losePower();
            steps.add("power lost after the stop");
        }
        folder = new LogDir(environment(), ROOT, e -> {});
        open();
        check();
    }

    private void crash() throws IOException {
        if (random.nextInt(3) == 0) {
            disk.startAgain();
            steps.add("killed");
        } else {
            disk.losePower();
            steps.add("power lost");
        }
        folder = new LogDir(environment(), ROOT, e -> {});
        open();
        List<Long> found = check();
        int kept = (int) log.view().segments().get(0).baseOffset();
        while (written.size() < kept) {
            written.add(0L);
        }
        written.subList(kept, written.size()).clear();
        written.addAll(found);
        sequence = log.producers().summaries().stream()
                .mapToInt(producer -> producer.lastSequence() + 1)
                .findFirst()
                .orElse(0);
    }

    /** What is refused for want of space was never there; what was there before stays, and then all goes on. */
    private void runFull() throws IOException {
        disk.fillAfter(random.nextInt(5));
        for (int i = 0; i < 4 && !disk.isDead(); i++) {
            long end = log.view().endOffset();
            try {
                append();
            } catch (IOException e) {
                assertThat(log.view().endOffset()).isEqualTo(end);
                steps.add("refused at " + end + ", salt " + salt + ": " + e);
            }
        }
        check();
        disk.makeRoom();
        flush();
        check();
        append();
        check();
    }

    /** Every offset once, with what was written there; at least what was flushed. */
    private List<Long> check() throws IOException {
        LogView view = log.view();
        List<Long> found = new ArrayList<>();
        long[] next = {view.segments().get(0).baseOffset()};
        assertThat(view.startOffset()).isBetween(Math.max(next[0], durableStart), view.endOffset());
        view.forEachBatch(0, stored -> {
            RecordBatch batch = stored.whole();
            assertThat(batch.computedCrc()).isEqualTo(batch.crc());
            assertThat(batch.baseOffset()).isEqualTo(next[0]);
            RecordCursor.forEach(batch, record -> {
                long value = valueOf(batch, record);
                if (record.offset() < durable || !refused.contains(value)) {
                    assertThat(value).as("offset %d", record.offset()).isEqualTo(expected(record));
                }
                found.add(value);
            });
            next[0] = batch.nextOffset();
        });
        assertThat(next[0]).isEqualTo(view.endOffset()).isGreaterThanOrEqualTo(durable);
        checkIndexes(view);
        assertThat(bystander.view().startOffset()).isEqualTo(BYSTANDER_START);
        assertThat(bystander.view().endOffset()).isEqualTo(BYSTANDER_END);
        return found;
    }

    private static long valueOf(RecordBatch batch, Record record) {
        ByteBuffer bytes = Objects.requireNonNull(record.value(), "none is without");
        // A marker's value is a version and the coordinator's epoch.
        return batch.isControl() ? -bytes.getInt(bytes.position() + 2) : bytes.getLong(bytes.position());
    }

    private Object expected(Record record) {
        return record.offset() < written.size() ? written.get((int) record.offset()) : "nothing";
    }

    private void checkIndexes(LogView view) throws IOException {
        Map<Segment, Long> latest = new HashMap<>();
        Set<Long> aborted = new HashSet<>();
        boolean[] open = new boolean[1];
        view.forEachBatch(0, stored -> {
            RecordBatch batch = stored.whole();
            latest.merge(segmentOf(view, batch), batch.maxTimestamp(), Math::max);
            if (batch.isControl()) {
                if (open[0] && !EndMarker.of(batch).commit()) {
                    aborted.add(batch.baseOffset());
                }
                open[0] = false;
            } else if (batch.isTransactional() && batch.lastOffset() >= view.startOffset()) {
                open[0] = true;
            }
        });
        for (Map.Entry<Segment, Long> entry : latest.entrySet()) {
            Segment segment = entry.getKey();
            assertThat(segment.maxTimestampMs()).as(segment.toString()).isEqualTo(entry.getValue());
        }
        assertThat(view.abortedBetween(0, view.endOffset()).stream()
                        .map(AbortedTransaction::lastOffset)
                        .collect(Collectors.toSet()))
                .containsAll(aborted);
    }

    private static Segment segmentOf(LogView view, RecordBatch batch) {
        Segment last = view.segments().get(0);
        for (Segment segment : view.segments()) {
            last = segment.baseOffset() <= batch.baseOffset() ? segment : last;
        }
        return last;
    }

    @Override
    public String toString() {
        return "durable up to %d, start %d, segments %s after %s"
                .formatted(
                        durable,
                        durableStart,
                        log.view().segments().stream()
                                .map(segment -> segment.baseOffset() + ": " + segment.size() + " bytes")
                                .toList(),
                        String.join(", ", steps));
    }
}

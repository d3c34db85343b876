package io.gregor.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.log.disk.Disk;
import io.gregor.log.disk.DiskFile;
import io.gregor.log.disk.LogEnvironment;
import io.gregor.log.disk.LogFiles;
import io.gregor.log.disk.RealDisk;
import io.gregor.log.segment.Segment;
import io.gregor.testsupport.ManualTime;
import io.gregor.wire.Part;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.record.BatchBuilder;
import io.gregor.wire.record.Compression;
import io.gregor.wire.record.Record;
import io.gregor.wire.record.RecordBatch;
import io.gregor.wire.record.RecordBatches;
import io.gregor.wire.record.RecordCursor;
import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A log against a list of what was appended to it. */
class PartitionLogTest {
    private static final LogConfig SMALL = new LogConfig(
            new LogConfig.Rolling(20_000, Long.MAX_VALUE, 0, 1 << 20),
            LogConfig.DEFAULT.retention(),
            LogConfig.DEFAULT.compaction(),
            LogConfig.DEFAULT.flushing(),
            500,
            0,
            false);

    @TempDir
    Path folder;

    private final ManualTime time = new ManualTime();
    private final List<Record> expected = new ArrayList<>();

    private LogEnvironment environment() {
        return new LogEnvironment(new RealDisk(), time, new Random(1), (task, delayMs) -> task.run());
    }

    private PartitionLog open(boolean clean, long recoveryPoint) throws IOException {
        return new LogLoader(environment(), folder, SMALL, 0, recoveryPoint, 0, clean).load();
    }

    private void append(PartitionLog log, Random random, int batches) throws IOException {
        for (int i = 0; i < batches; i++) {
            Compression compression = Compression.values()[random.nextInt(Compression.values().length)];
            BatchBuilder batch = new BatchBuilder(compression);
            long base = log.view().endOffset();
            for (int r = 0; r <= random.nextInt(20); r++) {
                byte[] value = new byte[random.nextInt(200)];
                random.nextBytes(value);
                Record record = Record.of(1_000_000 + random.nextInt(100_000), null, ByteBuffer.wrap(value));
                batch.add(record);
                expected.add(new Record(base + r, record.timestampMs(), null, record.value(), List.of()));
            }
            log.append(new RecordBatch(batch.build(), 0), 7);
        }
    }

    /** Reads the log from an offset on as a consumer does, in steps of at most so many bytes. */
    private static List<Record> read(PartitionLog log, long from, int maxBytes) throws IOException {
        List<Record> records = new ArrayList<>();
        long next = from;
        while (next < log.view().endOffset()) {
            Part part = log.view().read(next, log.view().endOffset(), maxBytes, true);
            Part.InFile slice = (Part.InFile) part;
            ByteBuffer bytes = ByteBuffer.allocate(slice.size());
            slice.file().channel().read(bytes, slice.position());
            bytes.flip();
            next = take(bytes, next, records);
        }
        return records;
    }

    /** Takes the whole batches; the last one may be cut off. */
    private static long take(ByteBuffer bytes, long from, List<Record> records) {
        long next = from;
        while (bytes.remaining() >= RecordBatch.HEADER_BYTES) {
            RecordBatch batch = new RecordBatch(bytes, bytes.position());
            if (batch.sizeInBytes() > bytes.remaining()) {
                break;
            }
            assertThat(batch.computedCrc()).isEqualTo(batch.crc());
            assertThat(batch.leaderEpoch()).isEqualTo(7);
            long wanted = next;
            RecordCursor.forEach(batch, record -> {
                if (record.offset() >= wanted) {
                    records.add(record);
                }
            });
            next = batch.nextOffset();
            bytes.position(bytes.position() + batch.sizeInBytes());
        }
        assertThat(next).isGreaterThan(from);
        return next;
    }

    private List<Record> expectedFrom(long offset) {
        return expected.subList((int) offset, expected.size());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void everyOffsetIsReadInStepsOfAnySize(long seed) throws IOException {
        Random random = new Random(seed);
        PartitionLog log = open(true, 0);
        append(log, random, 300);
        assertThat(log.view().segments()).hasSizeGreaterThan(3);
        for (int i = 0; i < 50; i++) {
            long from = random.nextInt(expected.size());
            assertThat(read(log, from, 1 + random.nextInt(30_000)))
                    .as("seed %d from %d", seed, from)
                    .isEqualTo(expectedFrom(from));
        }
        log.close();
        PartitionLog again = open(true, log.recoveryPoint());
        assertThat(again.view().endOffset()).isEqualTo(expected.size());
        append(again, random, 20);
        assertThat(read(again, 0, 10_000)).isEqualTo(expected);
    }

    /** Only closed segments are compacted: the promise of max.compaction.lag.ms needs the active one to end in time. */
    @Test
    void theActiveSegmentOfACompactedLogEndsInTimeForItsLongestLag() throws IOException {
        LogConfig.Compaction compaction = new LogConfig.Compaction(true, 1, 0, 2000, 1000);
        LogConfig config = new LogConfig(
                SMALL.rolling(), SMALL.retention(), compaction, SMALL.flushing(), SMALL.indexIntervalBytes(), 0, false);
        PartitionLog log = new LogLoader(environment(), folder, config, 0, 0, 0, true).load();
        for (long timestampMs : new long[] {10_000, 12_000, 12_001}) {
            BatchBuilder batch = new BatchBuilder(Compression.NONE).add(Record.of(timestampMs, null, null));
            log.append(new RecordBatch(batch.build(), 0), 0);
        }
        assertThat(log.view().segments()).extracting(Segment::baseOffset).containsExactly(0L, 2L);
    }

    /** A consumer that gets a piece of a batch and nothing else takes that for a broken broker. */
    @Test
    void aBatchThatDoesNotFitIsReadWholeOrNotAtAll() throws IOException {
        PartitionLog log = open(true, 0);
        append(log, new Random(1), 2);
        LogView view = log.view();
        RecordBatch first = view.segments().get(0).firstHeader();
        int whole = Objects.requireNonNull(first).sizeInBytes();
        for (int maxBytes : new int[] {0, 1, RecordBatch.HEADER_BYTES, whole - 1}) {
            assertThat(view.read(0, view.endOffset(), maxBytes, true).size()).isEqualTo(whole);
            assertThat(view.read(0, view.endOffset(), maxBytes, false).size()).isZero();
        }
        assertThat(view.read(0, view.endOffset(), whole, false).size()).isEqualTo(whole);
        assertThat(view.read(0, view.endOffset(), whole + 1, false).size()).isEqualTo(whole + 1);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void aDamagedTailIsCutOffBehindTheLastGoodBatch(long seed) throws IOException {
        Random random = new Random(seed);
        PartitionLog log = open(true, 0);
        append(log, random, 200);
        Segment last = log.view().segments().get(log.view().segments().size() - 1);
        Path file = LogFiles.path(folder, last.baseOffset(), LogFiles.LOG);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            switch ((int) (seed % 3)) {
                case 0 -> channel.truncate(random.nextInt(last.size()));
                case 1 -> channel.write(ByteBuffer.wrap(new byte[random.nextInt(5000)]), last.size());
                default -> channel.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), random.nextInt(last.size()));
            }
        }
        try (Stream<Path> files = Files.list(folder)) {
            for (Path side : files.filter(f -> !f.toString().endsWith(".log")).toList()) {
                if (random.nextBoolean()) {
                    Files.delete(side);
                }
            }
        }
        PartitionLog recovered = open(false, random.nextInt(expected.size()));
        long end = recovered.view().endOffset();
        assertThat(end).as("seed %d", seed).isBetween(last.baseOffset(), (long) expected.size());
        expected.subList((int) end, expected.size()).clear();
        assertThat(read(recovered, 0, 10_000)).isEqualTo(expected);
        append(recovered, random, 50);
        assertThat(read(recovered, 0, 10_000)).isEqualTo(expected);
    }

    @Test
    void timesAreSearchedRecordByRecord() throws IOException {
        Random random = new Random(9);
        PartitionLog log = open(true, 0);
        append(log, random, 300);
        for (int i = 0; i < 300; i++) {
            long wanted = 999_990L + random.nextInt(100_020);
            LogView.TimedOffset found =
                    log.view().firstAtOrAfter(wanted, log.view().endOffset());
            Record first = expected.stream()
                    .filter(record -> record.timestampMs() >= wanted)
                    .findFirst()
                    .orElse(null);
            if (first == null) {
                assertThat(found).isNull();
            } else {
                assertThat(found).isEqualTo(new LogView.TimedOffset(first.offset(), first.timestampMs()));
            }
        }
        long latest = expected.stream().mapToLong(Record::timestampMs).max().orElseThrow();
        LogView.TimedOffset found = log.view().latestTimestamp();
        assertThat(found).isNotNull();
        assertThat(found.timestampMs()).isEqualTo(latest);
    }

    private static RecordBatch of(long producerId, int epoch, int sequence, int records) {
        BatchBuilder batch = new BatchBuilder(Compression.NONE).producer(producerId, (short) epoch, sequence);
        for (int i = 0; i < records; i++) {
            batch.add(Record.of(5, null, ByteBuffer.allocate(10)));
        }
        return RecordBatches.split(batch.build()).get(0);
    }

    @Test
    void anIdempotentProducerIsHeldToItsSequence() throws IOException {
        PartitionLog log = open(true, 0);
        for (int i = 0; i < 6; i++) {
            assertThat(log.append(of(1, 0, i * 2, 2), 0)).isEqualTo(new AppendResult.Stored(i * 2L, i * 2L + 2));
        }
        assertThat(log.append(of(1, 0, 2, 2), 0)).isEqualTo(new AppendResult.Duplicate(2, 4, 5));
        assertThat(log.append(of(1, 0, 0, 2), 0))
                .isEqualTo(new AppendResult.Refused(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER));
        assertThat(log.append(of(1, 0, 13, 1), 0))
                .isEqualTo(new AppendResult.Refused(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER));
        assertThat(log.append(of(1, 1, 5, 1), 0))
                .isEqualTo(new AppendResult.Refused(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER));
        assertThat(log.append(of(1, 1, 0, 1), 0)).isInstanceOf(AppendResult.Stored.class);
        assertThat(log.append(of(1, 0, 12, 1), 0))
                .isEqualTo(new AppendResult.Refused(ErrorCode.INVALID_PRODUCER_EPOCH));
        assertThat(log.append(of(2, 9, 1234, 1), 0)).isInstanceOf(AppendResult.Stored.class);
    }

    @Test
    void aSequenceGoesOnAcrossAStopOfEitherKindAndAcrossItsLargestNumber() throws IOException {
        PartitionLog log = open(true, 0);
        log.append(of(1, 0, Integer.MAX_VALUE - 1, 2), 0);
        log.close();
        PartitionLog stopped = open(true, 2);
        assertThat(stopped.append(of(1, 0, Integer.MAX_VALUE - 1, 2), 0))
                .isEqualTo(new AppendResult.Duplicate(0, 2, 5));
        assertThat(stopped.append(of(1, 0, 0, 3), 0)).isEqualTo(new AppendResult.Stored(2, 5));
        PartitionLog killed = open(false, 0);
        assertThat(killed.append(of(1, 0, 0, 3), 0)).isEqualTo(new AppendResult.Duplicate(2, 5, 5));
        assertThat(killed.append(of(1, 0, 3, 1), 0)).isEqualTo(new AppendResult.Stored(5, 6));
    }

    @Test
    void aFlushIsCompletedWhateverThrows() throws IOException {
        Disk broken = failing(Disk.class, new RealDisk());
        PartitionLog log = new LogLoader(environment().on(broken), folder, SMALL, 0, 0, 0, true).load();
        append(log, new Random(1), 1);
        List<Boolean> completed = new ArrayList<>();

        log.flushThen(Runnable::run, completed::add);

        assertThat(completed).containsExactly(false);
    }

    /** Passes everything on, but forcing a file throws what no disk should throw. */
    private static <T> T failing(Class<T> port, T real) {
        InvocationHandler handler = (proxy, method, arguments) -> {
            if (method.getName().equals("force")) {
                throw new IllegalStateException("thrown by the test");
            }
            Object result = method.invoke(real, arguments);
            return result instanceof DiskFile file ? failing(DiskFile.class, file) : result;
        };
        return port.cast(Proxy.newProxyInstance(port.getClassLoader(), new Class<?>[] {port}, handler));
    }
}

package io.gregor.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.log.compaction.LogCleaning;
import io.gregor.log.disk.CorruptLogException;
import io.gregor.log.disk.LogEnvironment;
import io.gregor.log.disk.LogFiles;
import io.gregor.log.disk.RealDisk;
import io.gregor.log.segment.Segment;
import io.gregor.testsupport.ManualTime;
import io.gregor.wire.Part;
import io.gregor.wire.record.BatchBuilder;
import io.gregor.wire.record.Compression;
import io.gregor.wire.record.Record;
import io.gregor.wire.record.RecordBatch;
import io.gregor.wire.record.RecordCursor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Any byte, length or index entry of a log's files is changed, by seed; then the log is loaded, read, appended to,
 * moved and compacted. It never hangs, never gives an offset that nobody wrote, and never loses what is not damaged.
 */
@Timeout(300)
class DamagedLogTest {
    private static final int SEEDS = Integer.getInteger("damage.seeds", 40);
    private static final int[] LENGTHS = {-12, 0, -1000, 49, Integer.MAX_VALUE, Integer.MIN_VALUE, 100_000_000, -1};

    @TempDir
    Path root;

    private final ManualTime time = new ManualTime();

    /** Of one batch: where it lies, and what is in it. */
    private record Written(Path file, long from, long bytes, long baseOffset, List<Record> records) {}

    /** What was done to a file. */
    private record Damage(Path file, long position, String what) {}

    private final List<Written> written = new ArrayList<>();

    private PartitionLog open(Path folder, boolean compact, boolean clean, long recoveryPoint) throws IOException {
        LogConfig config = new LogConfig(
                new LogConfig.Rolling(3000, Long.MAX_VALUE, 0, 1 << 20),
                new LogConfig.Retention(false, -1, -1),
                new LogConfig.Compaction(compact, 0, 0, Long.MAX_VALUE, 1000),
                LogConfig.DEFAULT.flushing(),
                300,
                0,
                false);
        LogEnvironment environment =
                new LogEnvironment(new RealDisk(), time, new Random(1), (task, delayMs) -> task.run());
        return new LogLoader(environment, folder, config, 0, recoveryPoint, 0, clean).load();
    }

    private void fill(PartitionLog log, Random random) throws IOException {
        written.clear();
        for (int i = 0; i < 60; i++) {
            BatchBuilder batch = new BatchBuilder(Compression.values()[random.nextInt(5)]);
            List<Record> records = new ArrayList<>();
            long base = log.view().endOffset();
            for (int r = 0; r <= random.nextInt(4); r++) {
                byte[] value = new byte[random.nextInt(150)];
                random.nextBytes(value);
                ByteBuffer key =
                        ByteBuffer.allocate(4).putInt(random.nextInt(20)).flip();
                Record record =
                        new Record(base + r, 1000 + random.nextInt(500), key, ByteBuffer.wrap(value), List.of());
                batch.add(record);
                records.add(record);
            }
            ByteBuffer bytes = batch.build();
            log.append(new RecordBatch(bytes, 0), 0);
            Segment last = log.view().segments().get(log.view().segments().size() - 1);
            long end = log.view().activeSize();
            written.add(new Written(last.path(), end - bytes.limit(), bytes.limit(), base, records));
        }
    }

    private long writtenEnd() {
        Written last = written.get(written.size() - 1);
        return last.baseOffset() + last.records().size();
    }

    private Damage damage(Path folder, Random random) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(folder)) {
            files = all.filter(file -> file.toString().matches(".*\\.(log|index|timeindex)"))
                    .sorted()
                    .toList();
        }
        Path file = files.get(random.nextInt(files.size()));
        ByteBuffer content = ByteBuffer.wrap(Files.readAllBytes(file));
        List<Written> inFile =
                written.stream().filter(batch -> batch.file().equals(file)).toList();
        int kind = random.nextInt(5);
        if (kind == 0 && !inFile.isEmpty()) {
            Written batch = inFile.get(random.nextInt(inFile.size()));
            int length = LENGTHS[random.nextInt(LENGTHS.length)];
            content.putInt((int) batch.from() + 8, length);
            Files.write(file, content.array());
            return new Damage(file, batch.from(), "length " + length);
        }
        if (kind == 1) {
            int zeros = random.nextInt(200);
            Files.write(file, Arrays.copyOf(content.array(), content.limit() + zeros));
            return new Damage(file, content.limit(), zeros + " zeros at the end");
        }
        if (content.limit() == 0) {
            return new Damage(file, 0, "nothing");
        }
        int position = random.nextInt(content.limit());
        if (kind == 2) {
            Files.write(file, Arrays.copyOf(content.array(), position));
            return new Damage(file, position, "cut");
        }
        byte before = content.get(position);
        content.put(position, (byte) (kind == 3 ? before ^ 1 << random.nextInt(8) : random.nextInt()));
        Files.write(file, content.array());
        return new Damage(file, position, before + " is now " + content.get(position));
    }

    private boolean isInOffset(Damage damage) {
        return written.stream()
                .anyMatch(batch -> batch.file().equals(damage.file())
                        && damage.position() >= batch.from()
                        && damage.position() < batch.from() + Long.BYTES);
    }

    /** Whether the batch lies before the damage, or in another segment. */
    private static boolean isSpared(Written batch, Damage damage) {
        return !batch.file().equals(damage.file()) || batch.from() + batch.bytes() <= damage.position();
    }

    /** Reads from that offset on as a consumer does; null where the log says that it is damaged. */
    private static List<Record> read(LogView view, long offset) throws IOException {
        Part part;
        try {
            part = view.read(offset, view.endOffset(), 500, true);
        } catch (CorruptLogException e) {
            return List.of();
        }
        assertThat(part).as("at %s, below the end %s", offset, view.endOffset()).isNotSameAs(Part.EMPTY);
        Part.InFile slice = (Part.InFile) part;
        ByteBuffer bytes = ByteBuffer.allocate(slice.size());
        slice.file().channel().read(bytes, slice.position());
        List<Record> records = new ArrayList<>();
        RecordBatch batch = new RecordBatch(bytes, 0);
        // Whoever reads a batch that was cut off, or has another checksum, knows that it is damaged.
        if (bytes.position() >= RecordBatch.HEADER_BYTES
                && batch.sizeInBytes() <= bytes.position()
                && batch.computedCrc() == batch.crc()) {
            RecordCursor.forEach(batch, records::add);
        }
        return records;
    }

    private void check(LogView view, Damage damage, boolean cleanStop, boolean compacts) throws IOException {
        // A checksum says nothing of the offset: where compaction leaves gaps, a crash leaves nothing else to tell.
        boolean offsetsAreKnown = cleanStop || !compacts || !isInOffset(damage);
        if (offsetsAreKnown) {
            assertThat(view.endOffset()).as("no offset that nobody wrote").isLessThanOrEqualTo(writtenEnd());
        }
        for (Written batch : written) {
            boolean mayBeGone = !isSpared(batch, damage) || !cleanStop;
            for (Record record : batch.records()) {
                boolean isBelowEnd = record.offset() < view.endOffset();
                assertThat(isBelowEnd || mayBeGone)
                        .as("%s is there", record.offset())
                        .isTrue();
                List<Record> found = isBelowEnd ? read(view, record.offset()) : List.of();
                if (isSpared(batch, damage) && isBelowEnd) {
                    assertThat(found).as("from %s on", record.offset()).containsAll(batch.records());
                }
                if (offsetsAreKnown) {
                    assertThat(found).allMatch(one -> one.offset() < writtenEnd());
                }
            }
        }
    }

    private void checkTimes(LogView view, Damage damage) throws IOException {
        if (damage.file().toString().endsWith(".log")) {
            return;
        }
        for (long at = 1000; at < 1500; at += 7) {
            long wanted = at;
            Record first = written.stream()
                    .flatMap(batch -> batch.records().stream())
                    .filter(record -> record.timestampMs() >= wanted)
                    .findFirst()
                    .orElse(null);
            LogView.TimedOffset found = view.firstAtOrAfter(at, view.endOffset());
            assertThat(found == null ? -1 : found.offset()).isEqualTo(first == null ? -1 : first.offset());
        }
    }

    private void checkAppend(PartitionLog log) throws IOException {
        long end = log.view().endOffset();
        Record next = Record.of(2000, null, ByteBuffer.allocate(7));
        log.append(new RecordBatch(new BatchBuilder(Compression.NONE).add(next).build(), 0), 0);
        assertThat(read(log.view(), end)).extracting(Record::offset).containsExactly(end);
    }

    private boolean isReadable(PartitionLog log) throws IOException {
        try {
            log.view().forEachBatch(0, batch -> batch.forEachRecord(record -> {}));
            return true;
        } catch (CorruptLogException e) {
            return false;
        }
    }

    /** All of it, or an error. */
    private void checkMove(PartitionLog log, Path folder) throws IOException {
        PartitionLog copy = open(folder, true, false, 0);
        boolean readable = isReadable(log);
        try {
            log.view().forEachBatch(0, copy::appendCopy);
            assertThat(readable).isTrue();
            assertThat(offsets(copy)).isEqualTo(offsets(log));
        } catch (CorruptLogException e) {
            assertThat(readable).isFalse();
        }
    }

    private static List<Long> offsets(PartitionLog log) throws IOException {
        List<Long> offsets = new ArrayList<>();
        log.view().forEachBatch(0, batch -> batch.forEachRecord(record -> offsets.add(record.offset())));
        return offsets;
    }

    private static Map<Path, ByteBuffer> logFiles(Path folder) throws IOException {
        Map<Path, ByteBuffer> files = new TreeMap<>();
        try (Stream<Path> all = Files.list(folder)) {
            for (Path file :
                    all.filter(path -> path.toString().endsWith(".log")).toList()) {
                files.put(file, ByteBuffer.wrap(Files.readAllBytes(file)));
            }
        }
        return files;
    }

    /** The latest record of each key stays, or nothing is touched. */
    private void checkCompaction(PartitionLog log, Path folder) throws IOException, InterruptedException {
        Map<ByteBuffer, ByteBuffer> latest = isReadable(log) ? latest(log) : null;
        Map<Path, ByteBuffer> before = logFiles(folder);
        try {
            new LogCleaning(log, Runnable::run, 100_000, () -> false).compact();
            if (latest != null) {
                assertThat(latest(log)).isEqualTo(latest);
            }
        } catch (CorruptLogException e) {
            assertThat(logFiles(folder)).as("what cannot be compacted stays").isEqualTo(before);
        }
    }

    private static Map<ByteBuffer, ByteBuffer> latest(PartitionLog log) throws IOException {
        Map<ByteBuffer, ByteBuffer> latest = new TreeMap<>();
        log.view()
                .forEachBatch(
                        0,
                        batch -> batch.forEachRecord(record -> {
                            if (record.key() != null && record.value() != null) {
                                latest.put(record.key(), record.value());
                            }
                        }));
        return latest;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whateverIsDamagedTheRestIsThere(boolean compacts) throws Exception {
        for (int seed = 0; seed < SEEDS; seed++) {
            Random random = new Random(seed);
            Path folder = root.resolve("t-" + compacts + seed);
            PartitionLog log = open(folder, compacts, true, 0);
            fill(log, random);
            boolean cleanStop = random.nextInt(3) > 0;
            log.close();
            Damage damage = damage(folder, random);
            try {
                // Later appends may have moved the damage out of sight: what it damaged is known from before.
                PartitionLog again = open(folder, compacts, cleanStop, cleanStop ? log.recoveryPoint() : 0);
                check(again.view(), damage, cleanStop, compacts);
                checkTimes(again.view(), damage);
                checkAppend(again);
                checkMove(again, root.resolve("f-" + compacts + seed));
                checkCompaction(again, folder);
            } catch (IOException | RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed + ", " + damage + ", clean stop " + cleanStop, e);
            }
        }
    }

    /** An index that was mended must not be needed: without a damaged log everything is read. */
    @Test
    void anIndexIsAHint() throws Exception {
        Random random = new Random(7);
        Path folder = root.resolve("i-0");
        PartitionLog log = open(folder, false, true, 0);
        fill(log, random);
        log.close();
        for (Segment segment : log.view().segments()) {
            Path index = LogFiles.path(folder, segment.baseOffset(), LogFiles.OFFSET_INDEX);
            ByteBuffer entries = ByteBuffer.wrap(Files.readAllBytes(index));
            for (int at = 4; at < entries.limit() - 8; at += 8) {
                entries.putInt(at, entries.getInt(at) + random.nextInt(-70, 70));
            }
            Files.write(index, entries.array());
        }
        PartitionLog again = open(folder, false, true, log.recoveryPoint());
        check(again.view(), new Damage(folder, 0, "nothing"), true, false);
    }
}

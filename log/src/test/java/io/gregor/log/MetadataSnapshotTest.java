package io.gregor.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gregor.log.disk.CorruptLogException;
import io.gregor.log.disk.Disk;
import io.gregor.log.disk.DiskFile;
import io.gregor.log.disk.LogEnvironment;
import io.gregor.log.disk.SimulatedDisk;
import io.gregor.testsupport.ManualTime;
import io.gregor.wire.record.BatchBuilder;
import io.gregor.wire.record.Compression;
import io.gregor.wire.record.Record;
import io.gregor.wire.record.RecordBatch;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Records here are numbers: a snapshot holds all from 0 on, as the log would if nothing were ever dropped. */
class MetadataSnapshotTest {
    private static final Path FOLDER = Path.of("/log/m-0");
    private static final int RECORD_BYTES = 100;

    private final SimulatedDisk disk = new SimulatedDisk(new Random(1));
    private final List<Path> opened = new ArrayList<>();
    private PartitionLog log;

    @BeforeEach
    void begin() throws IOException {
        disk.createFolder(Path.of("/log"));
        open();
    }

    private void open() throws IOException {
        Disk counting = (Disk) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Disk.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("open")) {
                        opened.add((Path) arguments[0]);
                    }
                    try {
                        return method.invoke(disk, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        LogEnvironment environment =
                new LogEnvironment(counting, new ManualTime(), new Random(1), (task, delayMs) -> task.run());
        long start = log == null ? 0 : log.view().startOffset();
        log = new LogLoader(environment, FOLDER, LogConfig.DEFAULT, start, 0, 0, true, false).load();
    }

    private static ByteBuffer record(int number) {
        return ByteBuffer.allocate(RECORD_BYTES).putInt(0, number);
    }

    private static List<ByteBuffer> records(int count) {
        return IntStream.range(0, count).mapToObj(MetadataSnapshotTest::record).toList();
    }

    private void append(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            BatchBuilder batch = new BatchBuilder(Compression.NONE);
            batch.add(Record.of(1, null, record((int) log.view().endOffset())));
            log.append(new RecordBatch(batch.build(), 0), 0);
        }
        log.flush();
    }

    private Path snapshot() throws IOException {
        MetadataSnapshot.write(log, 0, 1, records((int) log.view().endOffset()).iterator());
        return FOLDER.resolve("%020d-0000000000.checkpoint".formatted(log.view().endOffset()));
    }

    /** All numbers that the newest whole snapshot and the log behind it hold. */
    private List<Integer> load() throws IOException {
        open();
        List<Integer> numbers = new ArrayList<>();
        LogView.BatchVisitor collect = batch -> {
            if (!batch.header().isControl()) {
                batch.forEachRecord(record ->
                        numbers.add(Objects.requireNonNull(record.value()).getInt(0)));
            }
        };
        long from = MetadataSnapshot.read(log, collect, numbers::clear);
        log.view().forEachBatch(from, batch -> {
            if (batch.header().baseOffset() >= from) {
                collect.visit(batch);
            }
        });
        return numbers;
    }

    private static List<Integer> numbers(int count) {
        return IntStream.range(0, count).boxed().toList();
    }

    private byte[] content(Path file) throws IOException {
        ByteBuffer content = ByteBuffer.allocate((int) disk.size(file));
        disk.open(file).read(content, 0);
        return content.array();
    }

    private void replace(Path file, byte[] content, int length) throws IOException {
        DiskFile opened = disk.open(file);
        opened.truncate(0);
        opened.write(ByteBuffer.wrap(content, 0, length), 0);
    }

    @Test
    void aSnapshotIsWrittenBatchByBatch() throws IOException {
        append(3);
        MetadataSnapshot.write(log, 0, 1, records(30_000).iterator());
        List<Integer> read = new ArrayList<>();
        int[] largest = new int[1];
        LogView.BatchVisitor visitor = batch -> {
            largest[0] = Math.max(largest[0], batch.sizeInBytes());
            if (!batch.header().isControl()) {
                batch.forEachRecord(record ->
                        read.add(Objects.requireNonNull(record.value()).getInt(0)));
            }
        };
        long from = MetadataSnapshot.read(log, visitor, read::clear);
        assertThat(from).isEqualTo(3);
        assertThat(read).isEqualTo(numbers(30_000));
        assertThat(largest[0]).isLessThan(1_300_000);
    }

    @Test
    void aSnapshotThatIsWholeIsReadOnce() throws IOException {
        append(3);
        Path snapshot = snapshot();
        opened.clear();
        assertThat(load()).isEqualTo(numbers(3));
        assertThat(opened).containsOnlyOnce(snapshot);
    }

    @Test
    void theSnapshotBeforeTheNewestIsKeptAndTheLogFromThereOn() throws IOException {
        append(5);
        Path first = snapshot();
        assertThat(log.view().startOffset()).isZero();
        append(5);
        Path second = snapshot();
        assertThat(log.view().startOffset()).isEqualTo(5);
        append(5);
        Path third = snapshot();
        assertThat(disk.exists(first)).isFalse();
        assertThat(disk.exists(second)).isTrue();
        assertThat(disk.exists(third)).isTrue();
        assertThat(log.view().startOffset()).isEqualTo(10);
        assertThat(load()).isEqualTo(numbers(15));
    }

    @Test
    void whateverIsDamagedOfTheNewestTheOneBeforeHolds() throws IOException {
        append(8);
        Path first = snapshot();
        append(8);
        Path second = snapshot();
        append(2);
        byte[] whole = content(second);
        Random random = new Random(3);
        for (int i = 0; i < 300; i++) {
            byte[] damaged = whole.clone();
            int length = i % 2 == 0 ? random.nextInt(whole.length) : whole.length;
            int position = random.nextInt(whole.length);
            damaged[position] ^= (byte) (1 << random.nextInt(8));
            replace(second, i % 2 == 0 ? whole : damaged, length);
            assertThat(load()).as("cut at %d, or byte %d", length, position).isEqualTo(numbers(18));
        }
        replace(second, whole, whole.length - 1);
        byte[] before = content(first);
        replace(first, before, before.length - 1);
        assertThatThrownBy(this::load).isInstanceOf(CorruptLogException.class).hasMessageContaining("checkpoint");
    }

    /** Cut between two batches nothing is damaged but what is missing. */
    @Test
    void aSnapshotWithoutItsFooterIsNotWhole() throws IOException {
        append(4);
        Path only = snapshot();
        List<Integer> ends = new ArrayList<>();
        MetadataSnapshot.read(log, batch -> ends.add(batch.position()), ends::clear);
        assertThat(ends).hasSize(3);
        replace(only, content(only), ends.get(2));
        assertThat(load()).as("from the log alone").isEqualTo(numbers(4));
    }

    @Test
    void whatOnlyASnapshotSaysIsNotPassedOver() throws IOException {
        Path formatted = snapshot();
        append(2);
        byte[] content = content(formatted);
        replace(formatted, content, content.length - 3);
        assertThatThrownBy(this::load).isInstanceOf(CorruptLogException.class);
    }
}

package io.gregor.broker.coordination;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.broker.lane.ManualLane;
import io.gregor.broker.replica.OnePartition;
import io.gregor.coordinator.runtime.Asking;
import io.gregor.coordinator.runtime.Shard;
import io.gregor.coordinator.runtime.StateMemory;
import io.gregor.log.disk.RealDisk;
import io.gregor.testsupport.ManualTime;
import io.gregor.wire.ByteBudget;
import io.gregor.wire.MalformedMessageException;
import io.gregor.wire.record.BatchBuilder;
import io.gregor.wire.record.Compression;
import io.gregor.wire.record.Record;
import io.gregor.wire.record.RecordBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Of a damaged partition of a coordinator only what is damaged is lost. */
class ShardRecordsTest {
    private static final int BATCHES = 8;
    /** Of the log: with two records in each batch. */
    private static final int DAMAGED = 3;

    @TempDir
    Path root;

    private final ListingShard shard = new ListingShard();
    private final List<Integer> ends = new ArrayList<>(List.of(0));
    private OnePartition one;

    /** Lists the keys; does not take those that say that they are bad. */
    private static final class ListingShard implements Shard {
        private final List<String> keys = new ArrayList<>();
        private final List<Long> offsets = new ArrayList<>();

        @Override
        public StateMemory memory() {
            return new StateMemory(new ByteBudget("shards", Long.MAX_VALUE));
        }

        @Override
        public Asking asking() {
            return new Asking();
        }

        @Override
        public void apply(Stored record) {
            String key = StandardCharsets.UTF_8.decode(record.key().duplicate()).toString();
            if (key.startsWith("unreadable")) {
                throw new MalformedMessageException("version 77");
            }
            if (key.startsWith("impossible")) {
                throw new IllegalStateException("no such member");
            }
            keys.add(key);
            offsets.add(record.offset());
        }

        @Override
        public void endTransaction(long producerId, boolean commit) {
            keys.add(commit ? "commit" : "abort");
        }

        @Override
        public void loaded() {}
    }

    @BeforeEach
    void fill() throws IOException {
        one = new OnePartition(new RealDisk(), root, new ManualLane(), new ManualTime(), Map.of());
        for (int i = 0; i < BATCHES; i++) {
            append("a" + i, "b" + i);
        }
    }

    private void append(String... keys) throws IOException {
        BatchBuilder batch = new BatchBuilder(Compression.NONE);
        for (String key : keys) {
            ByteBuffer bytes = StandardCharsets.UTF_8.encode(key);
            batch.add(Record.of(1_000_000, bytes, bytes.duplicate()));
        }
        one.partition().log().append(new RecordBatch(batch.build(), 0), 0);
        ends.add((int) one.partition().view().sizeInBytes());
    }

    /** Changes what lies so far behind the beginning of the damaged batch. */
    private void damage(int at, byte... bytes) throws IOException {
        Path log = root.resolve("t-0").resolve("00000000000000000000.log");
        try (FileChannel file = FileChannel.open(log, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.wrap(bytes), ends.get(DAMAGED) + at);
        }
    }

    private void replay() throws IOException {
        new ShardRecords(one.partition()).replay(shard, () -> {});
    }

    private static List<String> all(int... without) {
        List<String> keys = new ArrayList<>();
        for (int i = 0; i < BATCHES; i++) {
            int batch = i;
            if (IntStream.of(without).noneMatch(one -> one == batch)) {
                keys.add("a" + i);
                keys.add("b" + i);
            }
        }
        return keys;
    }

    @Test
    void aBatchWithAWrongChecksumIsLostAlone() throws IOException {
        damage(RecordBatch.HEADER_BYTES + 3, (byte) 77);
        replay();
        assertThat(shard.keys).isEqualTo(all(DAMAGED));
    }

    @Test
    void aBatchWithAWrongMagicIsLostAlone() throws IOException {
        damage(RecordBatch.MAGIC_AT, (byte) 1);
        replay();
        assertThat(shard.keys).isEqualTo(all(DAMAGED));
    }

    @Test
    void aLengthThatSpansOthersLosesNoneOfThem() throws IOException {
        int size = ends.get(DAMAGED + 1) - ends.get(DAMAGED);
        for (int length : new int[] {-12, 0, size, 2 * size, 2 * size + 7, 100_000, Integer.MAX_VALUE, -1000}) {
            shard.keys.clear();
            damage(RecordBatch.LENGTH_AT, ByteBuffer.allocate(4).putInt(length).array());
            replay();
            assertThat(shard.keys).as("length " + length).isEqualTo(all(DAMAGED));
        }
    }

    @Test
    void anOffsetOfTheFutureIsNotTaken() throws IOException {
        damage(0, ByteBuffer.allocate(8).putLong(1 << 20).array());
        replay();
        assertThat(shard.keys).isEqualTo(all(DAMAGED));
        assertThat(shard.offsets).isSorted().doesNotHaveDuplicates().allMatch(offset -> offset < 2 * BATCHES);
    }

    @Test
    void damageOfSeveralBatchesEndsWhereOneIsSound() throws IOException {
        int size = ends.get(DAMAGED + 2) - ends.get(DAMAGED);
        damage(0, new byte[size]);
        replay();
        assertThat(shard.keys).isEqualTo(all(DAMAGED, DAMAGED + 1));
    }

    @Test
    void damageAtTheEndIsTheEnd() throws IOException {
        int size = ends.get(BATCHES) - ends.get(DAMAGED);
        damage(0, new byte[size]);
        replay();
        assertThat(shard.keys).isEqualTo(all().subList(0, 2 * DAMAGED));
    }

    @Test
    void aFileThatWasCutEndsThere() throws IOException {
        Path log = root.resolve("t-0").resolve("00000000000000000000.log");
        try (FileChannel file = FileChannel.open(log, StandardOpenOption.WRITE)) {
            file.truncate(ends.get(DAMAGED) + 70);
        }
        replay();
        assertThat(shard.keys).isEqualTo(all().subList(0, 2 * DAMAGED));
    }

    @Test
    void aRecordThatCannotBeReadOrAppliedIsLostAlone() throws IOException {
        append("x", "unreadable", "y");
        append("impossible", "z");
        replay();
        List<String> expected = new ArrayList<>(all());
        expected.addAll(List.of("x", "y", "z"));
        assertThat(shard.keys).isEqualTo(expected);
    }
}

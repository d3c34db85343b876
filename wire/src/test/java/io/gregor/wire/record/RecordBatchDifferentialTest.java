package io.gregor.wire.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gregor.wire.MalformedMessageException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.compress.Compression.Builder;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Batches that Apache Kafka's client writes are read, and the other way round, in every compression. */
class RecordBatchDifferentialTest {
    private final Random random = new Random(17);

    @ParameterizedTest
    @EnumSource
    void readsWhatKafkaWrites(Compression compression) {
        for (int round = 0; round < 50; round++) {
            List<Record> records = records(1 + random.nextInt(300));
            ByteBuffer theirs = kafkaBatch(compression, records);

            List<RecordBatch> batches = RecordBatches.split(theirs);
            List<Record> read = new ArrayList<>();
            RecordCursor.forEach(batches.get(0), read::add);

            assertThat(batches).hasSize(1);
            assertThat(read).isEqualTo(records);
            assertThat(batches.get(0).computedCrc()).isEqualTo(batches.get(0).crc());
            assertThat(batches.get(0).producerId()).isEqualTo(77);
            assertThat(batches.get(0).producerEpoch()).isEqualTo((short) 3);
            assertThat(batches.get(0).baseSequence()).isEqualTo(41);
            assertThat(batches.get(0).recordCount()).isEqualTo(records.size());
        }
    }

    @ParameterizedTest
    @EnumSource
    void writesWhatKafkaReads(Compression compression) {
        for (int round = 0; round < 50; round++) {
            List<Record> records = records(1 + random.nextInt(300));
            BatchBuilder builder = new BatchBuilder(compression)
                    .baseOffset(1000)
                    .leaderEpoch(5)
                    .producer(77, (short) 3, 41);
            records.forEach(builder::add);
            ByteBuffer ours = builder.build();

            List<Record> read = new ArrayList<>();
            MemoryRecords theirs = MemoryRecords.readableRecords(ours);
            theirs.batches().forEach(batch -> {
                batch.ensureValid();
                assertThat(batch.partitionLeaderEpoch()).isEqualTo(5);
                assertThat(batch.producerId()).isEqualTo(77);
                batch.forEach(record -> read.add(ofKafka(record)));
            });
            assertThat(read).isEqualTo(records);
            if (compression == Compression.NONE) {
                assertThat(ours).isEqualTo(kafkaBatch(compression, records));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void hostileRecordsEndInOneTypedError(Compression compression) {
        for (int round = 0; round < 2000; round++) {
            BatchBuilder builder = new BatchBuilder(compression);
            records(1 + random.nextInt(20)).forEach(builder::add);
            ByteBuffer batch = builder.build();
            int first = RecordBatch.HEADER_BYTES - 4;
            for (int i = 0; i <= random.nextInt(4); i++) {
                batch.put(first + random.nextInt(batch.capacity() - first), (byte) random.nextInt());
            }
            try {
                RecordCursor.forEach(new RecordBatch(batch, 0), record -> {});
            } catch (MalformedMessageException e) {
                assertThat(e.getMessage()).isNotEmpty();
            }
        }
    }

    @Test
    void bareSnappyIsRead() throws Exception {
        ByteBuffer plain = kafkaBatch(Compression.NONE, records(100));
        byte[] body = new byte[plain.remaining() - RecordBatch.HEADER_BYTES];
        plain.get(RecordBatch.HEADER_BYTES, body);
        byte[] compressed = org.xerial.snappy.Snappy.compress(body);
        ByteBuffer batch = ByteBuffer.allocate(RecordBatch.HEADER_BYTES + compressed.length);
        batch.put(0, plain, 0, RecordBatch.HEADER_BYTES).put(RecordBatch.HEADER_BYTES, compressed);
        batch.putInt(8, batch.capacity() - RecordBatch.PREFIX_BYTES).putShort(RecordBatch.ATTRIBUTES_AT, (short) 2);
        List<Record> read = new ArrayList<>();
        RecordCursor.forEach(new RecordBatch(batch, 0), read::add);
        assertThat(read).hasSize(100);
    }

    @Test
    void aRecordCountThatLiesIsFound() {
        BatchBuilder builder = new BatchBuilder(Compression.NONE);
        records(10).forEach(builder::add);
        for (int lie : new int[] {-1, 0, 9, 11, Integer.MAX_VALUE}) {
            ByteBuffer batch = builder.build().putInt(57, lie);
            assertThatThrownBy(() -> RecordCursor.forEach(new RecordBatch(batch, 0), record -> {}))
                    .isInstanceOf(MalformedMessageException.class);
        }
    }

    @Test
    void sequencesWrapAtTheLargestInteger() {
        assertThat(RecordBatch.addToSequence(Integer.MAX_VALUE, 1)).isZero();
        assertThat(RecordBatch.addToSequence(Integer.MAX_VALUE - 2, 5)).isEqualTo(2);
        assertThat(RecordBatch.addToSequence(7, 5)).isEqualTo(12);
    }

    private List<Record> records(int count) {
        List<Record> records = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            List<Record.Header> headers = new ArrayList<>();
            for (int h = random.nextInt(3); h > 0; h--) {
                headers.add(new Record.Header("header" + h, bytesOrNull(20)));
            }
            records.add(new Record(
                    1000 + i,
                    1_700_000_000_000L + random.nextInt(1000),
                    bytesOrNull(30),
                    bytesOrNull(random.nextInt(10) == 0 ? 20_000 : 200),
                    headers));
        }
        return records;
    }

    private @Nullable ByteBuffer bytesOrNull(int most) {
        if (random.nextInt(5) == 0) {
            return null;
        }
        byte[] bytes = new byte[random.nextInt(most)];
        random.nextBytes(bytes);
        java.util.Arrays.fill(bytes, bytes.length / 2, bytes.length, (byte) 'x');
        return ByteBuffer.wrap(bytes);
    }

    private static ByteBuffer kafkaBatch(Compression compression, List<Record> records) {
        CompressionType type = CompressionType.forId(compression.ordinal());
        Builder<?> codec = org.apache.kafka.common.compress.Compression.of(type);
        MemoryRecordsBuilder builder = MemoryRecords.builder(
                ByteBuffer.allocate(1 << 20),
                (byte) 2,
                codec.build(),
                TimestampType.CREATE_TIME,
                1000,
                -1,
                77,
                (short) 3,
                41,
                false,
                5);
        for (Record record : records) {
            builder.append(new SimpleRecord(
                    record.timestampMs(),
                    record.key(),
                    record.value(),
                    record.headers().stream()
                            .map(header -> new RecordHeader(header.name(), array(header.value())))
                            .toArray(RecordHeader[]::new)));
        }
        return builder.build().buffer();
    }

    private static Record ofKafka(org.apache.kafka.common.record.internal.Record record) {
        List<Record.Header> headers = new ArrayList<>();
        for (org.apache.kafka.common.header.Header header : record.headers()) {
            headers.add(new Record.Header(header.key(), wrap(header.value())));
        }
        return new Record(record.offset(), record.timestamp(), record.key(), record.value(), headers);
    }

    private static @Nullable ByteBuffer wrap(byte @Nullable [] bytes) {
        return bytes == null ? null : ByteBuffer.wrap(bytes);
    }

    private static byte @Nullable [] array(@Nullable ByteBuffer buffer) {
        if (buffer == null) {
            return null;
        }
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }
}

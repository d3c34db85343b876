package io.gregor.compat.hostile;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.utils.Crc32C;

/** Record batches from a seed, of each format and compression; fields and records are wrong here and there. */
final class HostileBatches {
    private static final List<Integer> FIELDS_OF_V2 = List.of(0, 8, 12, 16, 17, 21, 23, 27, 35, 43, 51, 53, 57, 61);
    private static final List<Integer> FIELDS_OF_OLD = List.of(0, 8, 12, 16, 17, 18, 22, 26, 30, 34);

    private final Random random;

    HostileBatches(long seed) {
        this.random = new Random(seed);
    }

    /** Mostly one batch, as Produce wants it. */
    byte[] records() {
        byte[] first = batch();
        if (random.nextInt(10) > 0) {
            return first;
        }
        byte[] second = random.nextBoolean() ? batch() : new byte[random.nextInt(80)];
        return ByteBuffer.allocate(first.length + second.length)
                .put(first)
                .put(second)
                .array();
    }

    private byte[] batch() {
        int magic = random.nextInt(6) == 0 ? random.nextInt(2) : 2;
        byte[] batch = sound((byte) magic);
        switch (random.nextInt(5)) {
            case 0 -> {
                return batch;
            }
            case 1, 2 -> damageField(batch, magic == 2 ? FIELDS_OF_V2 : FIELDS_OF_OLD);
            case 3 -> damageBytes(batch, Math.min(batch.length - 1, magic == 2 ? 61 : 34));
            default -> {
                damageField(batch, magic == 2 ? FIELDS_OF_V2 : FIELDS_OF_OLD);
                damageBytes(batch, 0);
            }
        }
        if (random.nextInt(4) > 0) {
            seal(batch, magic);
        }
        return random.nextInt(12) == 0 ? cut(batch) : batch;
    }

    private byte[] cut(byte[] batch) {
        byte[] cut = new byte[random.nextInt(batch.length)];
        System.arraycopy(batch, 0, cut, 0, cut.length);
        return cut;
    }

    private void damageField(byte[] batch, List<Integer> fields) {
        int at = fields.get(random.nextInt(fields.size()));
        int value = List.of(0, -1, 1, 2, 7, 61, Integer.MAX_VALUE, Integer.MIN_VALUE, random.nextInt())
                .get(random.nextInt(9));
        ByteBuffer all = ByteBuffer.wrap(batch);
        switch (random.nextInt(3)) {
            case 0 -> all.put(Math.min(at, batch.length - 1), (byte) value);
            case 1 -> all.putInt(Math.min(at, batch.length - 4), value);
            default -> {
                // The count of records and the last offset are about the same thing.
                all.putInt(Math.min(57, batch.length - 4), value);
                all.putInt(Math.min(23, batch.length - 4), value - 1);
            }
        }
    }

    private void damageBytes(byte[] batch, int from) {
        for (int i = 1 + random.nextInt(6); i > 0; i--) {
            batch[from + random.nextInt(batch.length - from)] = (byte) random.nextInt();
        }
    }

    /** With the checksum that its bytes have now. */
    private static void seal(byte[] batch, int magic) {
        ByteBuffer all = ByteBuffer.wrap(batch);
        if (magic == 2 && batch.length > 21) {
            all.putInt(17, (int) Crc32C.compute(batch, 21, batch.length - 21));
        } else if (magic < 2 && batch.length > 16) {
            CRC32 checksum = new CRC32();
            checksum.update(batch, 16, batch.length - 16);
            all.putInt(12, (int) checksum.getValue());
        }
    }

    private byte[] sound(byte magic) {
        CompressionType type = CompressionType.values()[random.nextInt(CompressionType.values().length)];
        if (magic < 2 && type == CompressionType.ZSTD) {
            type = CompressionType.GZIP;
        }
        boolean idempotent = magic == 2 && random.nextInt(4) == 0;
        MemoryRecordsBuilder builder = MemoryRecords.builder(
                ByteBuffer.allocate(1 << 12),
                magic,
                Compression.of(type).build(),
                TimestampType.CREATE_TIME,
                0,
                -1,
                idempotent ? random.nextInt(50) : -1,
                idempotent ? (short) random.nextInt(2) : -1,
                idempotent ? random.nextInt(4) : -1,
                idempotent && random.nextBoolean(),
                -1);
        int size = random.nextInt(200) == 0 ? 1_000_000 : random.nextInt(20) == 0 ? 20_000 : 60;
        for (int i = random.nextInt(5); i >= 0; i--) {
            byte[] key = random.nextInt(4) == 0 ? null : ("key" + i).getBytes(StandardCharsets.UTF_8);
            Header[] headers = magic == 2 && random.nextBoolean()
                    ? new Header[] {new RecordHeader("h", new byte[random.nextInt(9)])}
                    : new Header[0];
            builder.append(new SimpleRecord(1_795_000_000_000L, key, new byte[random.nextInt(size)], headers));
        }
        MemoryRecords records = builder.build();
        byte[] bytes = new byte[records.sizeInBytes()];
        records.buffer().get(bytes);
        return bytes;
    }
}

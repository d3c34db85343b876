package io.gregor.compat.hostile;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.utils.ByteBufferOutputStream;
import org.apache.kafka.common.utils.Crc32C;

/** Batches that are small on the wire and large behind it; made as a stream, since this process has no room either. */
final class Bombs {
    private static final int HEADER_BYTES = 61;
    private static final int ATTRIBUTES_AT = 21;
    private static final long TIMESTAMP = System.currentTimeMillis();
    private static final byte[] ZEROS = new byte[1 << 16];

    private Bombs() {}

    /** Writes the records of a batch. */
    private interface Records {
        void writeTo(OutputStream out) throws IOException;
    }

    /** One record with a value of so many zeros. */
    static MemoryRecords ofOneRecord(CompressionType type, byte[] key, int valueBytes) {
        return batch(type, 1, out -> {
            int head = 3 + varintSize(key.length) + key.length + varintSize(valueBytes);
            varint(out, head + valueBytes + 1);
            out.write(new byte[] {0, 0, 0});
            varint(out, key.length);
            out.write(key);
            varint(out, valueBytes);
            for (int left = valueBytes; left > 0; left -= ZEROS.length) {
                out.write(ZEROS, 0, Math.min(left, ZEROS.length));
            }
            out.write(0);
        });
    }

    /** Many records without keys, with a value of so many zeros each. */
    static MemoryRecords ofManyRecords(CompressionType type, int records, int valueBytes) {
        return batch(type, records, out -> {
            for (int i = 0; i < records; i++) {
                varint(out, 4 + varintSize(i) - 1 + varintSize(valueBytes) + valueBytes + 1);
                out.write(new byte[] {0, 0});
                varint(out, i);
                varint(out, -1);
                varint(out, valueBytes);
                out.write(ZEROS, 0, valueBytes);
                out.write(0);
            }
        });
    }

    private static MemoryRecords batch(CompressionType type, int count, Records records) {
        ByteBufferOutputStream out = new ByteBufferOutputStream(1 << 20);
        out.position(HEADER_BYTES);
        try (OutputStream compressed = Compression.of(type).build().wrapForOutput(out, (byte) 2)) {
            records.writeTo(compressed);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        ByteBuffer batch = out.buffer();
        batch.flip();
        batch.putInt(8, batch.limit() - 12)
                .put(16, (byte) 2)
                .putShort(ATTRIBUTES_AT, (short) type.id)
                .putInt(23, count - 1)
                .putLong(27, TIMESTAMP)
                .putLong(35, TIMESTAMP)
                .putLong(43, -1)
                .putShort(51, (short) -1)
                .putInt(53, -1)
                .putInt(57, count);
        batch.putInt(17, (int) Crc32C.compute(batch, ATTRIBUTES_AT, batch.limit() - ATTRIBUTES_AT));
        return MemoryRecords.readableRecords(batch);
    }

    private static void varint(OutputStream out, int value) throws IOException {
        int rest = value << 1 ^ value >> 31;
        while ((rest & ~0x7f) != 0) {
            out.write(rest & 0x7f | 0x80);
            rest >>>= 7;
        }
        out.write(rest);
    }

    private static int varintSize(int value) {
        int bits = Integer.SIZE - Integer.numberOfLeadingZeros((value << 1 ^ value >> 31) | 1);
        return (bits + 6) / 7;
    }
}

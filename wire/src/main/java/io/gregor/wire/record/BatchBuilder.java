package io.gregor.wire.record;

import io.gregor.wire.MalformedMessageException;
import io.gregor.wire.Varints;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Builds one record batch of format v2, record by record. Confined to one thread, used once. Offsets run from the base
 * offset without gaps, unless records are added with offsets of their own.
 */
public final class BatchBuilder {
    private final BatchOutput out = new BatchOutput();
    private final Compression compression;
    private final int level;
    private ByteBuffer scratch = ByteBuffer.allocate(256);
    private @Nullable OutputStream records;
    private long baseOffset;
    private int leaderEpoch = -1;
    private long producerId = RecordBatch.NO_PRODUCER_ID;
    private short producerEpoch = RecordBatch.NO_PRODUCER_EPOCH;
    private int baseSequence = RecordBatch.NO_SEQUENCE;
    private boolean transactional;
    private boolean control;
    private long deleteHorizonMs = RecordBatch.NO_TIMESTAMP;
    private boolean finished;
    private int count;
    private int lastOffsetDelta = -1;
    private long baseTimestampMs = RecordBatch.NO_TIMESTAMP;
    private long maxTimestampMs = RecordBatch.NO_TIMESTAMP;

    public BatchBuilder(Compression compression) {
        this(compression, Compression.DEFAULT_LEVEL);
    }

    public BatchBuilder(Compression compression, int level) {
        this.compression = compression;
        this.level = level;
        out.write(new byte[RecordBatch.HEADER_BYTES], 0, RecordBatch.HEADER_BYTES);
    }

    /** More than so many bytes are counted, but not kept: then {@link #isOverLimit} is true, and there is no batch. */
    public BatchBuilder limit(int bytes) {
        out.limit(bytes);
        return this;
    }

    public BatchBuilder baseOffset(long offset) {
        baseOffset = offset;
        return this;
    }

    public BatchBuilder leaderEpoch(int epoch) {
        leaderEpoch = epoch;
        return this;
    }

    public BatchBuilder producer(long id, short epoch, int firstSequence) {
        producerId = id;
        producerEpoch = epoch;
        baseSequence = firstSequence;
        return this;
    }

    public BatchBuilder transactional() {
        transactional = true;
        return this;
    }

    public BatchBuilder control() {
        control = true;
        return this;
    }

    /** From this time on compaction may drop the tombstones or the marker in it (KIP-534). */
    public BatchBuilder deleteHorizon(long timeMs) {
        deleteHorizonMs = timeMs;
        return this;
    }

    /** As the other batch is, but for its records and its delete horizon. */
    public static BatchBuilder like(RecordBatch other, Compression compression, int level) {
        BatchBuilder builder = new BatchBuilder(compression, level)
                .baseOffset(other.baseOffset())
                .leaderEpoch(other.leaderEpoch())
                .producer(other.producerId(), other.producerEpoch(), other.baseSequence());
        builder.transactional = other.isTransactional();
        builder.control = other.isControl();
        return builder;
    }

    public int count() {
        return count;
    }

    /** Adds a record at the next offset; the record's own offset is not looked at. */
    public BatchBuilder add(Record record) {
        return addAt(lastOffsetDelta + 1, record);
    }

    private BatchBuilder addAt(int offsetDelta, Record record) {
        try {
            encode(offsetDelta, record, began(offsetDelta, record.timestampMs()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    private OutputStream began(int offsetDelta, long timestampMs) throws IOException {
        if (count == 0) {
            baseTimestampMs = deleteHorizonMs >= 0 ? deleteHorizonMs : timestampMs;
        }
        maxTimestampMs = Math.max(maxTimestampMs, timestampMs);
        lastOffsetDelta = offsetDelta;
        count++;
        OutputStream into = records;
        if (into == null) {
            into = compression.compress(out, level);
            records = into;
        }
        return into;
    }

    /**
     * Begins a record whose key, value and headers the caller writes, as they are encoded.
     *
     * @param fieldsBytes how many bytes that will be
     */
    OutputStream beginRecord(long offset, long timestampMs, long fieldsBytes) {
        try {
            int offsetDelta = Math.toIntExact(offset - baseOffset);
            OutputStream into = began(offsetDelta, timestampMs);
            ByteBuffer prefix = ByteBuffer.allocate(32);
            prefix.put((byte) 0);
            Varints.writeSignedLong(prefix, timestampMs - baseTimestampMs);
            Varints.writeSigned(prefix, offsetDelta);
            int length = Math.toIntExact(prefix.position() + fieldsBytes);
            ByteBuffer size = ByteBuffer.allocate(5);
            Varints.writeSigned(size, length);
            into.write(size.array(), 0, size.position());
            into.write(prefix.array(), 0, prefix.position());
            return into;
        } catch (ArithmeticException e) {
            throw new MalformedMessageException("a record of " + fieldsBytes + " bytes at offset " + offset, e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void encode(int offsetDelta, Record record, OutputStream into) throws IOException {
        scratch.clear();
        long timestampDelta = record.timestampMs() - baseTimestampMs;
        room(32 + size(record.key()) + size(record.value()));
        scratch.put((byte) 0);
        Varints.writeSignedLong(scratch, timestampDelta);
        Varints.writeSigned(scratch, offsetDelta);
        field(record.key());
        field(record.value());
        Varints.writeSigned(scratch, record.headers().size());
        for (Record.Header header : record.headers()) {
            byte[] name = header.name().getBytes(StandardCharsets.UTF_8);
            room(10 + name.length + size(header.value()));
            field(ByteBuffer.wrap(name));
            field(header.value());
        }
        int length = scratch.position();
        ByteBuffer prefix = ByteBuffer.allocate(5);
        Varints.writeSigned(prefix, length);
        into.write(prefix.array(), 0, prefix.position());
        into.write(scratch.array(), 0, length);
    }

    private static int size(@Nullable ByteBuffer field) {
        return field == null ? 0 : field.remaining();
    }

    private void field(@Nullable ByteBuffer field) {
        Varints.writeSigned(scratch, field == null ? -1 : field.remaining());
        if (field != null) {
            scratch.put(field.duplicate());
        }
    }

    private void room(int bytes) {
        if (scratch.remaining() < bytes) {
            ByteBuffer larger = ByteBuffer.allocate(Math.max(scratch.capacity() * 2, scratch.position() + bytes));
            scratch = larger.put(scratch.flip());
        }
    }

    /** The finished batch, sealed with its checksum. */
    public ByteBuffer build() {
        return build(lastOffsetDelta);
    }

    /** Whether the batch, as far as its records are added, is larger than it may be; no record may be added after. */
    public boolean isOverLimit() {
        finish();
        return out.isOverLimit();
    }

    /** Of the whole batch; in bytes, also of those that were not kept. No record may be added after. */
    public long sizeInBytes() {
        finish();
        return out.size();
    }

    private void finish() {
        try {
            if (records != null && !finished) {
                records.close();
            }
            finished = true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As {@link #build()}, for a batch that goes on holding offsets whose records are gone. */
    public ByteBuffer build(int finalOffsetDelta) {
        finish();
        ByteBuffer buffer = out.toBuffer();
        buffer.putLong(baseOffset);
        buffer.putInt(buffer.capacity() - RecordBatch.PREFIX_BYTES);
        buffer.putInt(leaderEpoch).put(RecordBatch.MAGIC).putInt(0);
        buffer.putShort(RecordBatch.attributes(compression, transactional, control, deleteHorizonMs >= 0));
        buffer.putInt(finalOffsetDelta).putLong(baseTimestampMs).putLong(maxTimestampMs);
        buffer.putLong(producerId).putShort(producerEpoch).putInt(baseSequence).putInt(count);
        buffer.rewind();
        new RecordBatch(buffer, 0).seal();
        return buffer;
    }
}

package io.gregor.wire.record;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A record batch of format v2 in place: a view of its header over a buffer, which it never copies. Offsets and the
 * leader's epoch lie outside the checksum and can be set; changing the timestamp type seals the batch again. Not
 * thread-safe.
 *
 * <p>Layout (Kafka's protocol guide, "Record Batch"): base offset 8, length 4, leader epoch 4, magic 1, CRC 4 (over all
 * that follows), attributes 2, last offset delta 4, base timestamp 8, max timestamp 8, producer id 8, producer epoch 2,
 * base sequence 4, record count 4, records.
 */
public final class RecordBatch {
    public static final int HEADER_BYTES = 61;
    /** Base offset and length: what lies before the bytes that the length counts. */
    public static final int PREFIX_BYTES = 12;

    public static final byte MAGIC = 2;
    public static final int LENGTH_AT = 8;
    public static final int MAGIC_AT = 16;
    public static final int ATTRIBUTES_AT = 21;
    public static final int LAST_OFFSET_DELTA_AT = 23;
    public static final int MAX_TIMESTAMP_AT = 35;
    public static final int PRODUCER_EPOCH_AT = 51;

    public static final long NO_TIMESTAMP = -1;
    public static final long NO_PRODUCER_ID = -1;
    public static final short NO_PRODUCER_EPOCH = -1;
    public static final int NO_SEQUENCE = -1;

    private static final int LEADER_EPOCH_AT = 12;
    private static final int CRC_AT = 17;
    private static final int BASE_TIMESTAMP_AT = 27;
    private static final int PRODUCER_ID_AT = 43;
    private static final int BASE_SEQUENCE_AT = 53;
    private static final int RECORD_COUNT_AT = 57;

    private static final int COMPRESSION_MASK = 0x07;
    private static final int LOG_APPEND_TIME = 0x08;
    private static final int TRANSACTIONAL = 0x10;
    private static final int CONTROL = 0x20;
    private static final int DELETE_HORIZON = 0x40;

    private final ByteBuffer buffer;
    private final int start;

    /**
     * @param start where in the buffer the batch begins (absolute); at least {@value #HEADER_BYTES} bytes must follow
     */
    public RecordBatch(ByteBuffer buffer, int start) {
        this.buffer = buffer;
        this.start = start;
    }

    public long baseOffset() {
        return buffer.getLong(start);
    }

    public long lastOffset() {
        return baseOffset() + lastOffsetDelta();
    }

    public long nextOffset() {
        return lastOffset() + 1;
    }

    /** Of the whole batch, in bytes. */
    public int sizeInBytes() {
        return lengthField() + PREFIX_BYTES;
    }

    /** What the header says of the length of all that follows it, in bytes; from outside it may be anything. */
    public int lengthField() {
        return buffer.getInt(start + LENGTH_AT);
    }

    public int leaderEpoch() {
        return buffer.getInt(start + LEADER_EPOCH_AT);
    }

    public byte magic() {
        return buffer.get(start + MAGIC_AT);
    }

    public long crc() {
        return Integer.toUnsignedLong(buffer.getInt(start + CRC_AT));
    }

    public long computedCrc() {
        CRC32C crc = new CRC32C();
        crc.update(buffer.slice(start + ATTRIBUTES_AT, sizeInBytes() - ATTRIBUTES_AT));
        return crc.getValue();
    }

    public short attributes() {
        return buffer.getShort(start + ATTRIBUTES_AT);
    }

    /** Null if the batch names a codec that does not exist. */
    public @Nullable Compression compression() {
        return Compression.of(attributes() & COMPRESSION_MASK);
    }

    public boolean isLogAppendTime() {
        return (attributes() & LOG_APPEND_TIME) != 0;
    }

    public boolean isTransactional() {
        return (attributes() & TRANSACTIONAL) != 0;
    }

    public boolean isControl() {
        return (attributes() & CONTROL) != 0;
    }

    /** Whether the base timestamp is the time from which compaction may drop tombstones and markers (KIP-534). */
    public boolean hasDeleteHorizon() {
        return (attributes() & DELETE_HORIZON) != 0;
    }

    public int lastOffsetDelta() {
        return buffer.getInt(start + LAST_OFFSET_DELTA_AT);
    }

    public long baseTimestamp() {
        return buffer.getLong(start + BASE_TIMESTAMP_AT);
    }

    public long maxTimestamp() {
        return buffer.getLong(start + MAX_TIMESTAMP_AT);
    }

    public long producerId() {
        return buffer.getLong(start + PRODUCER_ID_AT);
    }

    /** Any negative id is none, as in Kafka. */
    public boolean hasProducerId() {
        return producerId() > NO_PRODUCER_ID;
    }

    public short producerEpoch() {
        return buffer.getShort(start + PRODUCER_EPOCH_AT);
    }

    public int baseSequence() {
        return buffer.getInt(start + BASE_SEQUENCE_AT);
    }

    /** The sequence of the last record; it wraps from 2^31-1 to 0. */
    public int lastSequence() {
        return baseSequence() == NO_SEQUENCE ? NO_SEQUENCE : addToSequence(baseSequence(), lastOffsetDelta());
    }

    public int recordCount() {
        return buffer.getInt(start + RECORD_COUNT_AT);
    }

    /** The compressed or plain records, without the header. */
    public ByteBuffer body() {
        return buffer.slice(start + HEADER_BYTES, sizeInBytes() - HEADER_BYTES);
    }

    /** The whole batch as a slice. */
    public ByteBuffer bytes() {
        return buffer.slice(start, sizeInBytes());
    }

    /** Gives the batch its place in the log: both fields lie outside the checksum. */
    public void assign(long baseOffset, int leaderEpoch) {
        buffer.putLong(start, baseOffset);
        buffer.putInt(start + LEADER_EPOCH_AT, leaderEpoch);
    }

    /** Says that the records were appended at that time, whatever their own timestamps; seals the batch again. */
    public void logAppendTime(long timestampMs) {
        buffer.putShort(start + ATTRIBUTES_AT, (short) (attributes() | LOG_APPEND_TIME));
        buffer.putLong(start + MAX_TIMESTAMP_AT, timestampMs);
        seal();
    }

    /** Says that the records carry the times of their creation; seals the batch again where that changes it. */
    public void createTime(long maxTimestampMs) {
        if (!isLogAppendTime() && maxTimestamp() == maxTimestampMs) {
            return;
        }
        buffer.putShort(start + ATTRIBUTES_AT, (short) (attributes() & ~LOG_APPEND_TIME));
        buffer.putLong(start + MAX_TIMESTAMP_AT, maxTimestampMs);
        seal();
    }

    /**
     * A batch that goes on holding this one's offsets, producer and sequence, whose records are all gone: compaction
     * needs it where the producer's state would be lost otherwise.
     */
    public RecordBatch emptied() {
        ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
        header.put(0, buffer, start, HEADER_BYTES);
        header.putInt(LENGTH_AT, HEADER_BYTES - PREFIX_BYTES);
        header.putShort(ATTRIBUTES_AT, (short) (attributes() & ~(COMPRESSION_MASK | DELETE_HORIZON)));
        header.putLong(BASE_TIMESTAMP_AT, NO_TIMESTAMP);
        header.putInt(RECORD_COUNT_AT, 0);
        RecordBatch emptied = new RecordBatch(header, 0);
        emptied.seal();
        return emptied;
    }

    /** Whether there is nothing in it but its header. */
    public boolean isEmpty() {
        return recordCount() == 0;
    }

    void seal() {
        buffer.putInt(start + CRC_AT, (int) computedCrc());
    }

    /** The sequence that lies {@code count} records after {@code sequence}. */
    public static int addToSequence(int sequence, int count) {
        return sequence > Integer.MAX_VALUE - count ? count - (Integer.MAX_VALUE - sequence) - 1 : sequence + count;
    }

    /** The attributes of a batch. */
    static short attributes(Compression compression, boolean transactional, boolean control, boolean deleteHorizon) {
        return (short) (compression.ordinal()
                | (transactional ? TRANSACTIONAL : 0)
                | (control ? CONTROL : 0)
                | (deleteHorizon ? DELETE_HORIZON : 0));
    }

    @Override
    public String toString() {
        return "batch of " + recordCount() + " records from offset " + baseOffset() + ", " + sizeInBytes() + " bytes";
    }
}

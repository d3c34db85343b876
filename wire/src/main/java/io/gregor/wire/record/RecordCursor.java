package io.gregor.wire.record;

import io.gregor.wire.MalformedMessageException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Walks over the records of one batch: over the records themselves, over their outlines only, or over these and their
 * keys' hashes. Confined to one thread. Outlines and hashes need a small window of memory, whatever the records claim.
 * Any disagreement between the records and their batch is a {@link MalformedMessageException}.
 */
public final class RecordCursor implements AutoCloseable {
    private final RecordBatch batch;
    private final RecordInput in;
    private final boolean materialize;
    private final boolean withHeaders;
    private int read;
    private int offsetDelta;
    private long timestampDelta;
    private final @Nullable MessageDigest digest;
    private boolean hasKey;
    private boolean hasValue;
    private @Nullable ByteBuffer keyHash;
    private int lastLength;
    private @Nullable ByteBuffer key;
    private @Nullable ByteBuffer value;
    private List<Record.Header> headers = List.of();

    private RecordCursor(RecordBatch batch, RecordInput in, boolean materialize, @Nullable MessageDigest digest) {
        this(batch, in, materialize, materialize, digest);
    }

    private RecordCursor(
            RecordBatch batch,
            RecordInput in,
            boolean materialize,
            boolean withHeaders,
            @Nullable MessageDigest digest) {
        this.batch = batch;
        this.in = in;
        this.materialize = materialize;
        this.withHeaders = withHeaders;
        this.digest = digest;
        if (batch.recordCount() < 0) {
            throw new MalformedMessageException("a batch of " + batch.recordCount() + " records");
        }
    }

    /** A cursor whose {@link #record} is there. */
    public static RecordCursor reading(RecordBatch batch) {
        return new RecordCursor(batch, new RecordInput(batch), true, null);
    }

    /** A cursor whose {@link #record} has its key and value, but no headers: these are passed over, however many. */
    public static RecordCursor keysAndValues(RecordBatch header, InputStream body) {
        return new RecordCursor(header, new RecordInput(header, body), true, false, null);
    }

    /** A cursor that copies no key, value or header. */
    public static RecordCursor skipping(RecordBatch batch) {
        return new RecordCursor(batch, new RecordInput(batch), false, null);
    }

    /**
     * As {@link #skipping(RecordBatch)}, but throws an {@link ExpandsFurtherException} once compressed records have
     * expanded to more bytes than the given maximum.
     */
    public static RecordCursor skipping(RecordBatch batch, long expandedBytesMax) {
        RecordInput in = new RecordInput(batch);
        in.wantAtMost(expandedBytesMax);
        return new RecordCursor(batch, in, false, null);
    }

    /** As {@link #skipping(RecordBatch)}, of a batch whose records are read from elsewhere. */
    public static RecordCursor skipping(RecordBatch header, InputStream body) {
        return new RecordCursor(header, new RecordInput(header, body), false, null);
    }

    /** A cursor that copies nothing, but has a hash of each key. */
    public static RecordCursor hashingKeys(RecordBatch header, InputStream body) {
        try {
            MessageDigest digest = MessageDigest.getInstance("MD5");
            return new RecordCursor(header, new RecordInput(header, body), false, digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has MD5", e);
        }
    }

    /** Hands every record of the batch to the consumer. */
    public static void forEach(RecordBatch batch, Consumer<Record> consumer) {
        try (RecordCursor cursor = reading(batch)) {
            while (cursor.next()) {
                consumer.accept(cursor.record());
            }
        }
    }

    /** Moves to the next record; false at the end, once it is sure that nothing is left over. */
    public boolean next() {
        return next(null, false);
    }

    /** As {@link #next}, and adds the record to another batch, with its offset and the time that a consumer sees. */
    public boolean copyNext(BatchBuilder into) {
        return next(into, false);
    }

    /** As {@link #copyNext}, with the record's own time, whatever the batch says. */
    public boolean copyNextAsCreated(BatchBuilder into) {
        return next(into, true);
    }

    private boolean next(@Nullable BatchBuilder into, boolean asCreated) {
        if (read == batch.recordCount()) {
            if (!in.isAtEnd()) {
                throw new MalformedMessageException("Incorrect declared batch size, records still remaining in file");
            }
            return false;
        }
        int size = in.varint();
        long begin = in.position();
        if (size < 0) {
            throw new MalformedMessageException("a record of size " + size);
        }
        in.int8();
        timestampDelta = in.varlong();
        offsetDelta = in.varint();
        if (into != null) {
            long fields = size - (in.position() - begin);
            in.beginCopy(into.beginRecord(offset(), asCreated ? createTimestampMs() : timestampMs(), fields));
        }
        key = digest == null ? field(materialize) : hashedField();
        hasKey = lastLength >= 0;
        value = field(materialize);
        hasValue = lastLength >= 0;
        readHeaders();
        in.endCopy();
        if (in.position() - begin != size) {
            throw new MalformedMessageException("Invalid record size: expected to read " + size
                    + " bytes in record payload, but instead read " + (in.position() - begin));
        }
        read++;
        return true;
    }

    private @Nullable ByteBuffer field(boolean taken) {
        lastLength = in.varint();
        if (lastLength < 0) {
            return null;
        }
        if (taken) {
            return in.take(lastLength);
        }
        in.skip(lastLength);
        return null;
    }

    private @Nullable ByteBuffer hashedField() {
        lastLength = in.varint();
        keyHash = null;
        if (lastLength >= 0 && digest != null) {
            in.digest(lastLength, digest);
            keyHash = ByteBuffer.wrap(digest.digest());
        }
        return null;
    }

    private void readHeaders() {
        int count = in.varint();
        if (count < 0) {
            throw new MalformedMessageException("Found invalid number of record headers " + count);
        }
        List<Record.Header> found = withHeaders && count > 0 ? new ArrayList<>() : List.of();
        for (int i = 0; i < count; i++) {
            ByteBuffer name = field(withHeaders);
            if (lastLength < 0) {
                throw new MalformedMessageException("Invalid negative header key size " + lastLength);
            }
            ByteBuffer content = field(withHeaders);
            if (withHeaders && name != null) {
                found.add(new Record.Header(StandardCharsets.UTF_8.decode(name).toString(), content));
            }
        }
        headers = found;
    }

    /** Bytes of records that were read so far, counted after decompression. */
    public long position() {
        return in.position();
    }

    public int offsetDelta() {
        return offsetDelta;
    }

    public boolean hasKey() {
        return hasKey;
    }

    public boolean hasValue() {
        return hasValue;
    }

    /** The MD5 of the key, 16 bytes; only for cursors made by {@link #hashingKeys}, and records that have a key. */
    public ByteBuffer keyHash() {
        if (keyHash == null) {
            throw new IllegalStateException("there is no hash of this record's key");
        }
        return keyHash;
    }

    /** The record's own time, whatever the batch says of log append time. */
    public long createTimestampMs() {
        return batch.baseTimestamp() + timestampDelta;
    }

    /** The time that a consumer sees. */
    public long timestampMs() {
        return batch.isLogAppendTime() ? batch.maxTimestamp() : createTimestampMs();
    }

    public long offset() {
        return batch.baseOffset() + offsetDelta;
    }

    /** The record where the cursor stands; only for cursors made by {@link #reading}. */
    public Record record() {
        if (!materialize) {
            throw new IllegalStateException("a skipping cursor has no records");
        }
        return new Record(offset(), timestampMs(), key, value, headers);
    }

    @Override
    public void close() {
        in.close();
    }
}

package io.gregor.wire.record;

import io.gregor.wire.MalformedMessageException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Walks over the records of one batch, by themselves or, with {@link #skipping}, over their outlines only. Confined to
 * one thread. Any disagreement between the records and their batch is a {@link MalformedMessageException}.
 */
public final class RecordCursor implements AutoCloseable {
    private final RecordBatch batch;
    private final RecordInput in;
    private final boolean materialize;
    private int read;
    private int offsetDelta;
    private long timestampDelta;
    private boolean hasKey;
    private int lastLength;
    private @Nullable ByteBuffer key;
    private @Nullable ByteBuffer value;
    private List<Record.Header> headers = List.of();

    private RecordCursor(RecordBatch batch, boolean materialize) {
        this.batch = batch;
        this.materialize = materialize;
        if (batch.recordCount() < 0) {
            throw new MalformedMessageException("a batch of " + batch.recordCount() + " records");
        }
        in = new RecordInput(batch);
    }

    /** A cursor whose {@link #record} is there. */
    public static RecordCursor reading(RecordBatch batch) {
        return new RecordCursor(batch, true);
    }

    /** A cursor that copies no key, value or header. */
    public static RecordCursor skipping(RecordBatch batch) {
        return new RecordCursor(batch, false);
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
        key = field();
        hasKey = lastLength >= 0;
        value = field();
        readHeaders();
        if (in.position() - begin != size) {
            throw new MalformedMessageException("Invalid record size: expected to read " + size
                    + " bytes in record payload, but instead read " + (in.position() - begin));
        }
        read++;
        return true;
    }

    private @Nullable ByteBuffer field() {
        lastLength = in.varint();
        if (lastLength < 0) {
            return null;
        }
        if (materialize) {
            return in.take(lastLength);
        }
        in.skip(lastLength);
        return null;
    }

    private void readHeaders() {
        int count = in.varint();
        if (count < 0) {
            throw new MalformedMessageException("Found invalid number of record headers " + count);
        }
        List<Record.Header> found = materialize && count > 0 ? new ArrayList<>() : List.of();
        for (int i = 0; i < count; i++) {
            ByteBuffer name = field();
            if (lastLength < 0) {
                throw new MalformedMessageException("Invalid negative header key size " + lastLength);
            }
            ByteBuffer content = field();
            if (materialize && name != null) {
                found.add(new Record.Header(StandardCharsets.UTF_8.decode(name).toString(), content));
            }
        }
        headers = found;
    }

    public int offsetDelta() {
        return offsetDelta;
    }

    public boolean hasKey() {
        return hasKey;
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

    /** As {@link #record}, with the record's own time, whatever the batch says. */
    public Record recordAsCreated() {
        Record record = record();
        return new Record(record.offset(), createTimestampMs(), record.key(), record.value(), record.headers());
    }

    @Override
    public void close() {
        in.close();
    }
}

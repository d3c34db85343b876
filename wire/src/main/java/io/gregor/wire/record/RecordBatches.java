package io.gregor.wire.record;

import io.gregor.wire.MalformedMessageException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Splits a buffer of record batches. */
public final class RecordBatches {
    private RecordBatches() {}

    /**
     * The batches between the buffer's position and limit, in order.
     *
     * @throws MalformedMessageException if they do not fill it exactly, or one has an impossible length
     */
    public static List<RecordBatch> split(ByteBuffer records) {
        List<RecordBatch> batches = new ArrayList<>(1);
        int position = records.position();
        while (position < records.limit()) {
            int left = records.limit() - position;
            if (left < RecordBatch.HEADER_BYTES) {
                throw new MalformedMessageException("a batch header needs 61 bytes, " + left + " are left");
            }
            RecordBatch batch = new RecordBatch(records, position);
            int size = batch.sizeInBytes();
            if (size < RecordBatch.HEADER_BYTES || size > left) {
                throw new MalformedMessageException("a batch of " + size + " bytes, " + left + " are left");
            }
            batches.add(batch);
            position += size;
        }
        return batches;
    }
}

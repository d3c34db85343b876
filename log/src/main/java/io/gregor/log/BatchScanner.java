package io.gregor.log;

import io.gregor.wire.record.RecordBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the batches of a segment one after the other, in large steps. Confined to one thread; holds one buffer, which
 * grows to the largest batch.
 */
final class BatchScanner {
    private static final int STEP_BYTES = 256 * 1024;

    private final Segment segment;
    private final int limit;
    private ByteBuffer buffer = ByteBuffer.allocate(STEP_BYTES).limit(0);
    private int bufferStart;
    private int position;

    /** Reads from one position to another. */
    BatchScanner(Segment segment, int from, int limit) {
        this.segment = segment;
        this.limit = limit;
        position = from;
        bufferStart = from;
    }

    /** Where the next batch begins, or where the last good one ended. */
    int position() {
        return position;
    }

    /**
     * The next batch, valid until the next call; null at the end, or where what follows is no whole batch.
     * {@link #position} tells the two apart.
     */
    @Nullable
    RecordBatch next() throws IOException {
        if (limit - position < RecordBatch.HEADER_BYTES || !buffered(RecordBatch.HEADER_BYTES)) {
            return null;
        }
        RecordBatch batch = new RecordBatch(buffer, position - bufferStart);
        long size = (long) batch.sizeInBytes();
        if (batch.magic() != RecordBatch.MAGIC || size < RecordBatch.HEADER_BYTES || size > limit - position) {
            return null;
        }
        if (!buffered((int) size)) {
            return null;
        }
        batch = new RecordBatch(buffer, position - bufferStart);
        position += (int) size;
        return batch;
    }

    private boolean buffered(int bytes) throws IOException {
        if (position + bytes <= bufferStart + buffer.limit()) {
            return true;
        }
        int wanted = Math.min(Math.max(bytes, STEP_BYTES), limit - position);
        buffer = buffer.capacity() >= wanted ? buffer.clear().limit(wanted) : ByteBuffer.allocate(wanted);
        segment.file().read(buffer, position);
        buffer.flip();
        bufferStart = position;
        return buffer.limit() >= bytes;
    }
}

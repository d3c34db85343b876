package io.gregor.cli.produce;

import io.gregor.wire.record.Record;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A record to be written. Immutable.
 *
 * @param partition -1 for whichever its key, or chance, chooses
 * @param timestampMs -1 for now
 */
record Outgoing(
        @Nullable ByteBuffer key,
        @Nullable ByteBuffer value,
        List<Record.Header> headers,
        int partition,
        long timestampMs) {
    long sizeInBytes() {
        long size = 32L + size(key) + size(value);
        for (Record.Header header : headers) {
            size += 16L + header.name().length() * 3L + size(header.value());
        }
        return size;
    }

    private static int size(@Nullable ByteBuffer field) {
        return field == null ? 0 : field.remaining();
    }
}

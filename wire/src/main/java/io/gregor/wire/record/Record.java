package io.gregor.wire.record;

import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One record, with its place and time made absolute. Key and value are buffers that nobody moves. */
public record Record(
        long offset,
        long timestampMs,
        @Nullable ByteBuffer key,
        @Nullable ByteBuffer value,
        List<Header> headers) {

    public record Header(String name, @Nullable ByteBuffer value) {}

    /** A record that still has to be given an offset. */
    public static Record of(long timestampMs, @Nullable ByteBuffer key, @Nullable ByteBuffer value) {
        return new Record(-1, timestampMs, key, value, List.of());
    }
}

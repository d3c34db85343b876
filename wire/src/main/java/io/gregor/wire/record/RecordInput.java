package io.gregor.wire.record;

import io.gregor.wire.MalformedMessageException;
import io.gregor.wire.Varints;
import java.io.IOException;
import java.io.InputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The records of a batch as a run of bytes: straight from the buffer where they are plain, through a small window
 * where they are compressed. Confined to one thread. A batch may expand to {@value #EXPANDED_BYTES_MAX} bytes.
 */
final class RecordInput implements AutoCloseable {
    private static final long EXPANDED_BYTES_MAX = 1L << 30;
    private static final int WINDOW_BYTES = 8 * 1024;
    private static final int LONGEST_VARINT = 10;

    private final @Nullable InputStream expanding;
    private ByteBuffer window;
    private long filled;

    RecordInput(RecordBatch batch) {
        Compression compression = batch.compression();
        if (compression == null) {
            throw new MalformedMessageException("unknown compression in attributes " + batch.attributes());
        }
        if (compression == Compression.NONE) {
            expanding = null;
            window = batch.body();
            return;
        }
        window = ByteBuffer.allocate(WINDOW_BYTES).limit(0);
        try {
            expanding = compression.decompress(batch.body());
        } catch (IOException | RuntimeException e) {
            throw new MalformedMessageException("no " + compression.configName() + " data: " + e.getMessage(), e);
        }
    }

    /** How many bytes were taken so far. */
    long position() {
        return expanding == null ? window.position() : filled - window.remaining();
    }

    boolean isAtEnd() {
        fill(1);
        return !window.hasRemaining();
    }

    byte int8() {
        fill(1);
        if (!window.hasRemaining()) {
            throw ended();
        }
        return window.get();
    }

    int varint() {
        fill(LONGEST_VARINT);
        try {
            return Varints.readSigned(window);
        } catch (BufferUnderflowException e) {
            throw ended();
        }
    }

    long varlong() {
        fill(LONGEST_VARINT);
        try {
            return Varints.readSignedLong(window);
        } catch (BufferUnderflowException e) {
            throw ended();
        }
    }

    void skip(int bytes) {
        int left = bytes;
        while (left > 0) {
            fill(1);
            int step = Math.min(left, window.remaining());
            if (step == 0) {
                throw ended();
            }
            window.position(window.position() + step);
            left -= step;
        }
    }

    /** The next bytes: a slice where the records are plain, else a copy that grows no further than there is data. */
    ByteBuffer take(int bytes) {
        if (expanding == null) {
            if (bytes > window.remaining()) {
                throw ended();
            }
            ByteBuffer slice = window.slice(window.position(), bytes);
            window.position(window.position() + bytes);
            return slice;
        }
        byte[] copy = new byte[Math.min(bytes, WINDOW_BYTES)];
        int size = 0;
        while (size < bytes) {
            fill(1);
            int step = Math.min(bytes - size, window.remaining());
            if (step == 0) {
                throw ended();
            }
            if (size + step > copy.length) {
                copy = Arrays.copyOf(copy, Math.min(bytes, Math.max(copy.length * 2, size + step)));
            }
            window.get(copy, size, step);
            size += step;
        }
        return ByteBuffer.wrap(copy, 0, size);
    }

    private void fill(int wanted) {
        if (expanding == null || window.remaining() >= wanted) {
            return;
        }
        window.compact();
        try {
            while (window.position() < wanted) {
                int read = expanding.read(window.array(), window.position(), window.remaining());
                if (read <= 0) {
                    break;
                }
                window.position(window.position() + read);
                filled += read;
            }
        } catch (IOException | RuntimeException e) {
            throw new MalformedMessageException("compressed records cannot be expanded: " + e.getMessage(), e);
        }
        window.flip();
        if (filled > EXPANDED_BYTES_MAX) {
            throw new MalformedMessageException("a batch expands to more than " + EXPANDED_BYTES_MAX + " bytes");
        }
    }

    private static MalformedMessageException ended() {
        return new MalformedMessageException("the records end before the batch says so");
    }

    @Override
    public void close() {
        if (expanding == null) {
            return;
        }
        try {
            expanding.close();
        } catch (IOException e) {
            throw new MalformedMessageException("closing a decompressor failed", e);
        }
    }
}

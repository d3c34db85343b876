package io.gregor.wire.record;

import io.gregor.wire.MalformedMessageException;
import io.gregor.wire.Varints;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The records of a batch as a run of bytes: straight from the buffer where they are plain, through a small window
 * where they are compressed, or lie in a file. Confined to one thread. A batch may expand to
 * {@value #EXPANDED_BYTES_MAX} bytes; but of a key, value or header that is expanded into memory no more than
 * {@value #EXPANDED_FIELD_BYTES_MAX} bytes are taken.
 */
final class RecordInput implements AutoCloseable {
    private static final long EXPANDED_BYTES_MAX = 1L << 30;
    private static final int EXPANDED_FIELD_BYTES_MAX = 16 * 1024 * 1024;
    private static final int WINDOW_BYTES = 8 * 1024;
    private static final int LONGEST_VARINT = 10;

    private final @Nullable InputStream expanding;
    /** The longest field that is taken. */
    private final long fieldBytesMax;

    private ByteBuffer window;
    private long filled;
    private long wantedBytesMax = Long.MAX_VALUE;
    private @Nullable OutputStream copy;
    /** What of the window is not in the copy yet begins there. */
    private int copiedUpTo;

    /** The records of a batch that is in memory. */
    RecordInput(RecordBatch batch) {
        Compression compression = compressionOf(batch);
        fieldBytesMax = EXPANDED_FIELD_BYTES_MAX;
        boolean plain = compression == Compression.NONE;
        window = plain ? batch.body() : ByteBuffer.allocate(WINDOW_BYTES).limit(0);
        expanding = plain ? null : expanding(compression, new BufferInput(batch.body()));
    }

    /**
     * @param body the records as they are stored; its bytes need not be in memory. If they cannot be read, it throws an
     *     UncheckedIOException, which is passed on
     */
    RecordInput(RecordBatch header, InputStream body) {
        Compression compression = compressionOf(header);
        fieldBytesMax = compression == Compression.NONE ? header.sizeInBytes() : EXPANDED_FIELD_BYTES_MAX;
        window = ByteBuffer.allocate(WINDOW_BYTES).limit(0);
        expanding = expanding(compression, body);
    }

    private static Compression compressionOf(RecordBatch batch) {
        Compression compression = batch.compression();
        if (compression == null) {
            throw new MalformedMessageException("unknown compression in attributes " + batch.attributes());
        }
        return compression;
    }

    private static InputStream expanding(Compression compression, InputStream body) {
        try {
            return compression.decompress(body);
        } catch (UncheckedIOException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw new MalformedMessageException("no " + compression.configName() + " data: " + e.getMessage(), e);
        }
    }

    /** From now on all that is taken goes into that stream as well, until {@link #endCopy}. */
    void beginCopy(OutputStream into) {
        copy = into;
        copiedUpTo = window.position();
    }

    void endCopy() {
        copyTaken();
        copy = null;
    }

    private void copyTaken() {
        int left = window.position() - copiedUpTo;
        if (copy == null || left == 0) {
            return;
        }
        try {
            if (window.hasArray()) {
                copy.write(window.array(), window.arrayOffset() + copiedUpTo, left);
            } else {
                copyPieces(copy);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        copiedUpTo = window.position();
    }

    private void copyPieces(OutputStream into) throws IOException {
        byte[] piece = new byte[Math.min(WINDOW_BYTES, window.position() - copiedUpTo)];
        for (int at = copiedUpTo; at < window.position(); at += piece.length) {
            int count = Math.min(piece.length, window.position() - at);
            window.get(at, piece, 0, count);
            into.write(piece, 0, count);
        }
    }

    /** Throws an {@link ExpandsFurtherException} from now on where more bytes than that would be expanded. */
    void wantAtMost(long bytes) {
        wantedBytesMax = bytes;
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
        if (bytes > fieldBytesMax) {
            throw new MalformedMessageException(
                    "a field of " + bytes + " bytes, of which at most " + fieldBytesMax + " are expanded");
        }
        byte[] taken = new byte[Math.min(bytes, WINDOW_BYTES)];
        int size = 0;
        while (size < bytes) {
            fill(1);
            int step = Math.min(bytes - size, window.remaining());
            if (step == 0) {
                throw ended();
            }
            if (size + step > taken.length) {
                taken = Arrays.copyOf(taken, Math.min(bytes, Math.max(taken.length * 2, size + step)));
            }
            window.get(taken, size, step);
            size += step;
        }
        return ByteBuffer.wrap(taken, 0, size);
    }

    /** Takes the next bytes into the digest, however many they are. */
    void digest(int bytes, MessageDigest digest) {
        int left = bytes;
        while (left > 0) {
            fill(1);
            int step = Math.min(left, window.remaining());
            if (step == 0) {
                throw ended();
            }
            digest.update(window.slice(window.position(), step));
            window.position(window.position() + step);
            left -= step;
        }
    }

    private void fill(int wanted) {
        if (expanding == null || window.remaining() >= wanted) {
            return;
        }
        copyTaken();
        window.compact();
        copiedUpTo = 0;
        try {
            while (window.position() < wanted) {
                int read = expanding.read(window.array(), window.position(), window.remaining());
                if (read <= 0) {
                    break;
                }
                window.position(window.position() + read);
                filled += read;
            }
        } catch (UncheckedIOException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw new MalformedMessageException("compressed records cannot be expanded: " + e.getMessage(), e);
        }
        window.flip();
        if (filled > EXPANDED_BYTES_MAX) {
            throw new MalformedMessageException("a batch expands to more than " + EXPANDED_BYTES_MAX + " bytes");
        }
        if (filled > wantedBytesMax) {
            throw new ExpandsFurtherException();
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

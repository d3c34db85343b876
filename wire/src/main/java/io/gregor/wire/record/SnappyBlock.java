package io.gregor.wire.record;

import java.io.IOException;
import java.io.InputStream;

/**
 * Expands one large block of snappy piece by piece. Confined to one thread. Memory: a window of at most
 * {@value #WINDOW_BYTES_MAX} bytes, whatever the block claims; a block that copies from farther back is refused.
 */
final class SnappyBlock {
    private static final int WINDOW_BYTES_MAX = 4 * 1024 * 1024;
    private static final int BUFFER_BYTES = 8 * 1024;
    /** Shorter literals have their length in the tag; longer ones in so many bytes behind it as the tag is larger. */
    private static final int LONGEST_SHORT_LITERAL = 59;

    private final InputStream in;
    /** What is still to be read of the block; more than there is where it goes on to the end. */
    private long left;

    private final long expandedBytes;
    private long expanded;
    private final byte[] window;
    private byte[] buffer;
    private int next;
    private int limit;
    private long literalLeft;
    private int copyLeft;
    private long copyOffset;

    /**
     * @param head what has been read already of the block, behind its length
     * @param left how many bytes are to come behind that; {@link Long#MAX_VALUE} for all there are
     * @param expandedBytes how many it expands to, as it says
     */
    SnappyBlock(byte[] head, InputStream in, long left, int expandedBytes) {
        this.in = in;
        this.left = left;
        this.expandedBytes = expandedBytes;
        int size = Math.min(expandedBytes, WINDOW_BYTES_MAX);
        window = new byte[size <= 1 ? 1 : Integer.highestOneBit(size - 1) << 1];
        buffer = head;
        limit = head.length;
    }

    /** Expands at least one byte; -1 at the end, once it is sure that nothing is left over. */
    int read(byte[] into, int offset, int length) throws IOException {
        if (expanded == expandedBytes) {
            if (!isAtEnd()) {
                throw new IOException("a snappy block goes on behind what it expands to");
            }
            return -1;
        }
        while (literalLeft == 0 && copyLeft == 0) {
            readTag();
        }
        int count = literalLeft > 0 ? literal(into, offset, length) : copy(into, offset, length);
        expanded += count;
        return count;
    }

    private void readTag() throws IOException {
        int tag = byteOrThrow();
        int high = tag >>> 2;
        switch (tag & 3) {
            case 0 ->
                literalLeft = 1 + (high <= LONGEST_SHORT_LITERAL ? high : littleEndian(high - LONGEST_SHORT_LITERAL));
            case 1 -> beginCopy(4 + (high & 7), ((long) tag >>> 5 << 8) + byteOrThrow());
            case 2 -> beginCopy(1 + high, littleEndian(2));
            default -> beginCopy(1 + high, littleEndian(4));
        }
        if (literalLeft + copyLeft > expandedBytes - expanded) {
            throw new IOException("a snappy block expands to more than the " + expandedBytes + " bytes that it claims");
        }
    }

    private void beginCopy(int length, long offset) throws IOException {
        if (offset == 0 || offset > expanded || offset > window.length) {
            throw new IOException("a snappy block copies from " + offset + " bytes before position " + expanded
                    + ", at most " + window.length + " are kept");
        }
        copyLeft = length;
        copyOffset = offset;
    }

    private int literal(byte[] into, int offset, int length) throws IOException {
        if (next == limit && !fill()) {
            throw ended();
        }
        int at = (int) expanded & window.length - 1;
        int most = Math.min(Math.min(length, limit - next), window.length - at);
        int count = (int) Math.min(literalLeft, most);
        System.arraycopy(buffer, next, into, offset, count);
        System.arraycopy(buffer, next, window, at, count);
        next += count;
        literalLeft -= count;
        return count;
    }

    /** Byte by byte: what is copied may begin within what it yields. */
    private int copy(byte[] into, int offset, int length) {
        int count = Math.min(length, copyLeft);
        int mask = window.length - 1;
        for (int i = 0; i < count; i++) {
            byte copied = window[(int) (expanded + i - copyOffset) & mask];
            window[(int) (expanded + i) & mask] = copied;
            into[offset + i] = copied;
        }
        copyLeft -= count;
        return count;
    }

    private long littleEndian(int bytes) throws IOException {
        long value = 0;
        for (int i = 0; i < bytes; i++) {
            value |= (long) byteOrThrow() << 8 * i;
        }
        return value;
    }

    private int byteOrThrow() throws IOException {
        if (next == limit && !fill()) {
            throw ended();
        }
        return Byte.toUnsignedInt(buffer[next++]);
    }

    private boolean isAtEnd() throws IOException {
        return next == limit && !fill();
    }

    private boolean fill() throws IOException {
        if (buffer.length < BUFFER_BYTES) {
            buffer = new byte[BUFFER_BYTES];
        }
        int read = left == 0 ? -1 : in.read(buffer, 0, (int) Math.min(buffer.length, left));
        next = 0;
        limit = Math.max(read, 0);
        left -= limit;
        return read > 0;
    }

    private static IOException ended() {
        return new IOException("a snappy block ends before it has expanded");
    }
}

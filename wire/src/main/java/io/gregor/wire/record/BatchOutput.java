package io.gregor.wire.record;

import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The bytes of a batch that is built. Confined to one thread. Keeps as many bytes as it may, and counts the others.
 */
final class BatchOutput extends OutputStream {
    private byte[] bytes = new byte[512];
    private long size;
    private int limit = Integer.MAX_VALUE;

    void limit(int most) {
        limit = most;
    }

    boolean isOverLimit() {
        return size > limit;
    }

    /** In bytes, whether they were kept or not. */
    long size() {
        return size;
    }

    @Override
    public void write(int value) {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] from, int offset, int length) {
        long end = size + length;
        if (end <= limit) {
            if (end > bytes.length) {
                bytes = Arrays.copyOf(bytes, (int) Math.max(end, Math.min(limit, bytes.length * 2L)));
            }
            System.arraycopy(from, offset, bytes, (int) size, length);
        } else {
            // There will be no batch.
            bytes = new byte[0];
        }
        size = end;
    }

    /** All bytes, without a copy; there must not be more of them than may be kept. */
    ByteBuffer toBuffer() {
        if (isOverLimit()) {
            throw new IllegalStateException(size + " bytes, of which only " + limit + " may be kept");
        }
        return ByteBuffer.wrap(bytes, 0, (int) size).slice();
    }
}

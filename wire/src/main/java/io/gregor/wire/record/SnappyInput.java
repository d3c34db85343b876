package io.gregor.wire.record;

import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.xerial.snappy.Snappy;

/**
 * Reads snappy data: either blocks in the framing of the Java library (which most clients write), or one bare block
 * (which librdkafka and others write). Confined to one thread. Memory: a block of up to {@value #BLOCK_BYTES_MAX}
 * bytes, as it is and expanded; a larger one is expanded piece by piece, see {@link SnappyBlock}. Nothing is allocated
 * because a block claims it.
 */
final class SnappyInput extends InputStream {
    private static final byte[] MAGIC = {(byte) 0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0};
    private static final int HEADER_BYTES = 16;
    private static final int BLOCK_BYTES_MAX = 1024 * 1024;
    private static final int LENGTH_BYTES_MAX = 5;

    private final PushbackInputStream in;
    private final boolean framed;
    private byte[] block = new byte[0];
    private int position;
    private @Nullable SnappyBlock large;

    SnappyInput(InputStream compressed) throws IOException {
        in = new PushbackInputStream(compressed, HEADER_BYTES);
        byte[] first = in.readNBytes(HEADER_BYTES);
        framed = first.length == HEADER_BYTES && Arrays.equals(first, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
        if (!framed) {
            in.unread(first);
        }
    }

    @Override
    public int read() throws IOException {
        byte[] single = new byte[1];
        return read(single, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(single[0]);
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (position == block.length) {
            int count = large == null ? -1 : large.read(bytes, offset, length);
            if (count > 0) {
                return count;
            }
            large = null;
            int next = in.read();
            if (next < 0) {
                return -1;
            }
            in.unread(next);
            nextBlock();
        }
        int count = Math.min(length, block.length - position);
        System.arraycopy(block, position, bytes, offset, count);
        position += count;
        return count;
    }

    private void nextBlock() throws IOException {
        long stored = framed ? framedLength() : Long.MAX_VALUE;
        byte[] length = in.readNBytes((int) Math.min(LENGTH_BYTES_MAX, stored));
        int lengthBytes = 0;
        long expanded = 0;
        do {
            if (lengthBytes == length.length) {
                throw new IOException("a snappy block without its length");
            }
            expanded |= (length[lengthBytes] & 0x7FL) << 7 * lengthBytes;
        } while (length[lengthBytes++] < 0);
        if (expanded > Integer.MAX_VALUE) {
            throw new IOException("a snappy block claims to expand to " + expanded + " bytes");
        }
        in.unread(length, lengthBytes, length.length - lengthBytes);
        expand(length, lengthBytes, stored - lengthBytes, (int) expanded);
    }

    /** @param stored how many bytes follow at the most, behind the length */
    private void expand(byte[] length, int lengthBytes, long stored, int expanded) throws IOException {
        block = new byte[0];
        position = 0;
        if (expanded > BLOCK_BYTES_MAX) {
            large = new SnappyBlock(new byte[0], in, stored, expanded);
            return;
        }
        // A block gets no larger than that by compression, unless it was made in a strange way.
        int most = Snappy.maxCompressedLength(expanded);
        byte[] body = in.readNBytes((int) Math.min(stored, most));
        boolean isWhole = framed ? body.length == stored : body.length < most;
        if (isWhole) {
            byte[] compressed = Arrays.copyOf(length, lengthBytes + body.length);
            System.arraycopy(body, 0, compressed, lengthBytes, body.length);
            block = Snappy.uncompress(compressed);
        } else {
            large = new SnappyBlock(body, in, stored - body.length, expanded);
        }
    }

    private int framedLength() throws IOException {
        int length = int32();
        // Streams that were put together carry the header again where a length would be.
        while (length == ByteBuffer.wrap(MAGIC).getInt()) {
            in.skipNBytes(HEADER_BYTES - 4);
            length = int32();
        }
        if (length < 0) {
            throw new IOException("a snappy block of " + length + " bytes");
        }
        return length;
    }

    private int int32() throws IOException {
        byte[] bytes = in.readNBytes(4);
        if (bytes.length < 4) {
            throw new IOException("a snappy block ends within its length");
        }
        return ByteBuffer.wrap(bytes).getInt();
    }
}

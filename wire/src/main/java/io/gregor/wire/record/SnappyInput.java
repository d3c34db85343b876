package io.gregor.wire.record;

import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.xerial.snappy.Snappy;

/**
 * Reads snappy data: either blocks in the framing of the Java library (which most clients write), or one bare block
 * (which librdkafka and others write). Confined to one thread. Memory: one block, as it is and expanded; one that
 * claims to expand to more than {@value #BLOCK_BYTES_MAX} bytes, or to more than snappy can, is refused before
 * anything is allocated for it.
 */
final class SnappyInput extends InputStream {
    private static final byte[] MAGIC = {(byte) 0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0};
    private static final int HEADER_BYTES = 16;
    private static final int BLOCK_BYTES_MAX = 128 * 1024 * 1024;
    /** The shortest element that copies, 3 bytes, stands for 64 bytes at the most. */
    private static final long EXPANSION_MAX = 22;

    private final PushbackInputStream in;
    private final boolean framed;
    private byte[] block = new byte[0];
    private int position;

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
        return hasMore() ? Byte.toUnsignedInt(block[position++]) : -1;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (!hasMore()) {
            return -1;
        }
        int count = Math.min(length, block.length - position);
        System.arraycopy(block, position, bytes, offset, count);
        position += count;
        return count;
    }

    private boolean hasMore() throws IOException {
        while (position == block.length) {
            int next = in.read();
            if (next < 0) {
                return false;
            }
            in.unread(next);
            nextBlock();
        }
        return true;
    }

    private void nextBlock() throws IOException {
        byte[] compressed = framed ? framedBlock() : in.readAllBytes();
        int expanded = Snappy.uncompressedLength(compressed);
        if (expanded < 0 || expanded > BLOCK_BYTES_MAX || expanded > EXPANSION_MAX * compressed.length) {
            throw new IOException("a snappy block of " + compressed.length + " bytes claims to expand to " + expanded);
        }
        block = Snappy.uncompress(compressed);
        position = 0;
    }

    private byte[] framedBlock() throws IOException {
        int length = int32();
        // Streams that were put together carry the header again where a length would be.
        while (length == ByteBuffer.wrap(MAGIC).getInt()) {
            in.skipNBytes(HEADER_BYTES - 4);
            length = int32();
        }
        // A stream yields what it has, whatever is asked for: what is not there is not allocated.
        byte[] compressed = length < 0 ? new byte[0] : in.readNBytes(length);
        if (length < 0 || compressed.length < length) {
            throw new IOException("a snappy block of " + length + " bytes with " + compressed.length + " left");
        }
        return compressed;
    }

    private int int32() throws IOException {
        byte[] bytes = in.readNBytes(4);
        if (bytes.length < 4) {
            throw new IOException("a snappy block ends within its length");
        }
        return ByteBuffer.wrap(bytes).getInt();
    }
}

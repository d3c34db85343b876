package io.gregor.wire.record;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.xerial.snappy.Snappy;

/**
 * Reads snappy data: either blocks in the framing of the Java library (which most clients write), or one bare block
 * (which librdkafka and others write). Confined to one thread. A block that claims to expand to more than
 * {@value #BLOCK_BYTES_MAX} bytes is refused before anything is allocated for it.
 */
final class SnappyInput extends InputStream {
    private static final byte[] MAGIC = {(byte) 0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0};
    private static final int HEADER_BYTES = 16;
    private static final int BLOCK_BYTES_MAX = 128 * 1024 * 1024;

    private final ByteBuffer in;
    private final boolean framed;
    private byte[] block = new byte[0];
    private int position;

    SnappyInput(ByteBuffer compressed) {
        in = compressed.slice();
        framed = in.remaining() >= HEADER_BYTES && startsWithMagic();
        if (framed) {
            in.position(HEADER_BYTES);
        }
    }

    private boolean startsWithMagic() {
        byte[] first = new byte[MAGIC.length];
        in.get(in.position(), first);
        return Arrays.equals(first, MAGIC);
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
            if (!in.hasRemaining()) {
                return false;
            }
            nextBlock();
        }
        return true;
    }

    private void nextBlock() throws IOException {
        int length = framed ? blockLength() : in.remaining();
        byte[] compressed = new byte[length];
        in.get(compressed);
        int expanded = Snappy.uncompressedLength(compressed);
        if (expanded < 0 || expanded > BLOCK_BYTES_MAX) {
            throw new IOException("a snappy block claims to expand to " + expanded + " bytes");
        }
        block = Snappy.uncompress(compressed);
        position = 0;
    }

    private int blockLength() throws IOException {
        if (in.remaining() < 4) {
            throw new IOException("a snappy block ends within its length");
        }
        int length = in.getInt();
        // Streams that were put together carry the header again where a length would be.
        if (length == ByteBuffer.wrap(MAGIC).getInt() && in.remaining() >= HEADER_BYTES - 4) {
            in.position(in.position() + HEADER_BYTES - 4);
            return blockLength();
        }
        if (length < 0 || length > in.remaining()) {
            throw new IOException("a snappy block of " + length + " bytes with " + in.remaining() + " left");
        }
        return length;
    }
}

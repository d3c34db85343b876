package io.gregor.wire;

import java.nio.ByteBuffer;

/** Variable-length integers: seven bits a byte, the lowest first; signed ones in zigzag order. */
public final class Varints {
    private Varints() {}

    /**
     * Bits beyond the 32nd are dropped, as in Kafka.
     *
     * @throws java.nio.BufferUnderflowException if the buffer ends within the number
     * @throws MalformedMessageException if it does not end within five bytes
     */
    public static int readUnsigned(ByteBuffer buffer) {
        int first = buffer.get();
        if (first >= 0) {
            return first;
        }
        int value = first & 0x7F;
        for (int shift = 7; shift <= 28; shift += 7) {
            int next = buffer.get();
            value |= (next & 0x7F) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new MalformedMessageException("a varint is longer than five bytes");
    }

    /** As {@link #readUnsigned}, in zigzag order. */
    public static int readSigned(ByteBuffer buffer) {
        int raw = readUnsigned(buffer);
        return (raw >>> 1) ^ -(raw & 1);
    }

    /** As {@link #readSigned}, for up to ten bytes. */
    public static long readSignedLong(ByteBuffer buffer) {
        long raw = 0;
        for (int shift = 0; shift <= 63; shift += 7) {
            long next = buffer.get();
            raw |= (next & 0x7F) << shift;
            if (next >= 0) {
                return (raw >>> 1) ^ -(raw & 1);
            }
        }
        throw new MalformedMessageException("a varlong is longer than 64 bits");
    }

    public static void writeUnsigned(ByteBuffer buffer, int value) {
        int rest = value;
        while ((rest & ~0x7F) != 0) {
            buffer.put((byte) (rest & 0x7F | 0x80));
            rest >>>= 7;
        }
        buffer.put((byte) rest);
    }

    public static void writeSigned(ByteBuffer buffer, int value) {
        writeUnsigned(buffer, (value << 1) ^ (value >> 31));
    }

    public static void writeSignedLong(ByteBuffer buffer, long value) {
        long rest = (value << 1) ^ (value >> 63);
        while ((rest & ~0x7FL) != 0) {
            buffer.put((byte) (rest & 0x7F | 0x80));
            rest >>>= 7;
        }
        buffer.put((byte) rest);
    }

    /** In bytes, 1 to 5. */
    public static int sizeOfUnsigned(int value) {
        int bits = 32 - Integer.numberOfLeadingZeros(value | 1);
        return (bits + 6) / 7;
    }

    /** In bytes, 1 to 5. */
    public static int sizeOfSigned(int value) {
        return sizeOfUnsigned((value << 1) ^ (value >> 31));
    }

    /** In bytes, 1 to 10. */
    public static int sizeOfSignedLong(long value) {
        int bits = 64 - Long.numberOfLeadingZeros((value << 1) ^ (value >> 63) | 1);
        return (bits + 6) / 7;
    }
}

package io.gregor.wire;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the protocol's primitives from a frame. Confined to one thread. Never allocates more for a length than the
 * frame still has bytes; every fault is a {@link MalformedMessageException}. One message has at most
 * {@value #ELEMENTS_MAX} elements of arrays and {@value #COPIED_BYTES_MAX} bytes of strings and bytes fields.
 */
public final class ByteReader {
    private static final int CAPACITY_BEFORE_ANY_ELEMENT = 64;

    /** An element of a few bytes becomes an object of fifty: longer arrays stay encoded. */
    private static final int KEPT_ELEMENTS_MAX = 1000;

    private static final int ELEMENTS_MAX = 500_000;

    private static final int COPIED_BYTES_MAX = 32 * 1024 * 1024;

    /** Reads one element of an array. */
    @FunctionalInterface
    public interface Element<T> {
        T read(ByteReader in);
    }

    private final ByteBuffer buffer;
    private final int keptElementsMax;
    private int elements;
    private int arrays;
    private int copiedBytes;

    /** Reads from the buffer's position to its limit, and moves the position along. */
    public ByteReader(ByteBuffer buffer) {
        this(buffer, KEPT_ELEMENTS_MAX);
    }

    /** Reads a message of which every array stays encoded: whatever it has of them, they take its bytes only. */
    public static ByteReader encoded(ByteBuffer buffer) {
        return new ByteReader(buffer, 0);
    }

    /** @param keptElementsMax arrays that are longer stay encoded */
    ByteReader(ByteBuffer buffer, int keptElementsMax) {
        this.buffer = buffer;
        this.keptElementsMax = keptElementsMax;
    }

    /** Reads one message that fills the buffer, and leaves the buffer's position alone. */
    public static <M extends Message> M readAll(M message, ByteBuffer bytes, short version) {
        message.read(new ByteReader(bytes.duplicate()), version);
        return message;
    }

    /** Room for the first elements of a list: a count alone is no reason to allocate. */
    public static int initialCapacity(int count) {
        return Math.min(count, CAPACITY_BEFORE_ANY_ELEMENT);
    }

    public int remaining() {
        return buffer.remaining();
    }

    public boolean bool() {
        return int8() != 0;
    }

    public byte int8() {
        need(1);
        return buffer.get();
    }

    public short int16() {
        need(2);
        return buffer.getShort();
    }

    public int uint16() {
        return Short.toUnsignedInt(int16());
    }

    public int int32() {
        need(4);
        return buffer.getInt();
    }

    public long uint32() {
        return Integer.toUnsignedLong(int32());
    }

    public long int64() {
        need(8);
        return buffer.getLong();
    }

    public double float64() {
        need(8);
        return buffer.getDouble();
    }

    public Uuid uuid() {
        need(16);
        return new Uuid(buffer.getLong(), buffer.getLong());
    }

    /** At most five bytes. */
    public int unsignedVarint() {
        try {
            return Varints.readUnsigned(buffer);
        } catch (BufferUnderflowException e) {
            throw new MalformedMessageException("a varint ends beyond the frame", e);
        }
    }

    /** @return the number of elements, or -1 for null: any negative length, as in Kafka */
    public int arrayLength(boolean flexible, boolean nullable) {
        int length = checked("array", flexible ? unsignedVarint() - 1 : int32(), nullable);
        elements += Math.max(length, 0);
        arrays++;
        if (elements > ELEMENTS_MAX) {
            throw new MalformedMessageException("a message of more than " + ELEMENTS_MAX + " elements");
        }
        return length;
    }

    /** Whether an array of so many elements is to stay encoded: see {@link #longList}. */
    public boolean isLong(int count) {
        return count > keptElementsMax;
    }

    /**
     * Checks all elements of a long array, and returns it as a list that reads them again when they are asked for. It
     * is valid as long as the bytes that are read here do not change.
     */
    public <T> List<T> longList(int count, Element<T> element) {
        int[] positions = new int[(count + LongList.STEP - 1) / LongList.STEP];
        for (int i = 0; i < count; i++) {
            if (i % LongList.STEP == 0) {
                positions[i / LongList.STEP] = buffer.position();
            }
            element.read(this);
        }
        return new LongList<>(buffer.duplicate(), positions, count, element);
    }

    /** How many arrays were read, also of what stays encoded. */
    public int arrays() {
        return arrays;
    }

    /** How many elements the arrays that were read have together. */
    public int elements() {
        return elements;
    }

    public String string(boolean flexible, boolean nullable) {
        int length = flexible ? unsignedVarint() - 1 : int16();
        checked("string", length, nullable);
        if (length > Short.MAX_VALUE) {
            throw new MalformedMessageException("a string of " + length + " bytes is longer than 32767");
        }
        return length < 0 ? none() : new String(take(length), StandardCharsets.UTF_8);
    }

    public byte[] bytes(boolean flexible, boolean nullable) {
        int length = checked("bytes", flexible ? unsignedVarint() - 1 : int32(), nullable);
        return length < 0 ? none() : take(length);
    }

    /** A slice of the frame, not a copy: valid as long as the frame is. */
    public Part records(boolean flexible, boolean nullable) {
        int length = checked("records", flexible ? unsignedVarint() - 1 : int32(), nullable);
        if (length < 0) {
            return none();
        }
        ByteBuffer slice = buffer.slice(buffer.position(), length);
        buffer.position(buffer.position() + length);
        return new Part.InMemory(slice);
    }

    /** Not checked: a field whose tag is known is read whatever its size is said to be, as in Kafka. */
    public int tagSize() {
        return unsignedVarint();
    }

    public void skip(int bytes) {
        need(bytes);
        buffer.position(buffer.position() + bytes);
    }

    public void skipTaggedFields() {
        int tags = unsignedVarint();
        for (int i = 0; i < tags; i++) {
            unsignedVarint();
            skip(tagSize());
        }
    }

    private int checked(String what, int length, boolean nullable) {
        if (length > buffer.remaining()) {
            throw new MalformedMessageException(
                    what + " of length " + length + " in a frame with " + buffer.remaining() + " bytes left");
        }
        if (length < 0 && !nullable) {
            throw new MalformedMessageException(what + " of length " + length + " where null is not allowed");
        }
        return Math.max(length, -1);
    }

    private byte[] take(int length) {
        copiedBytes += length;
        if (copiedBytes > COPIED_BYTES_MAX) {
            throw new MalformedMessageException("a message that copies more than " + COPIED_BYTES_MAX + " bytes");
        }
        byte[] taken = new byte[length];
        buffer.get(taken);
        return taken;
    }

    private void need(int bytes) {
        if (bytes < 0 || buffer.remaining() < bytes) {
            throw new MalformedMessageException(
                    bytes + " bytes wanted in a frame with " + buffer.remaining() + " bytes left");
        }
    }

    /** Null, for the one caller who said that null is allowed: the generated field is declared nullable. */
    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
    private static <T extends @Nullable Object> T none() {
        return null;
    }
}

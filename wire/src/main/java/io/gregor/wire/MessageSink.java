package io.gregor.wire;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where messages are written to: yields a list of parts, in which records stay where they are, in memory or in a
 * file. Confined to one thread; used for one message or frame and then dropped.
 */
public final class MessageSink {
    public static final byte[] NO_BYTES = new byte[0];

    /** What making an element of a piece counts for, however few bytes it has. */
    private static final int ELEMENT_BYTES = 32;

    /** Records in memory that are smaller than this are copied: a part of their own would cost more. */
    private static final int COPIED_BELOW = 512;

    /** Ends the writing of a message between two elements of an array; never leaves this class. */
    private static final class Paused extends RuntimeException {
        private static final long serialVersionUID = 1;

        Paused() {
            super(null, null, false, false);
        }
    }

    private final List<Part> parts = new ArrayList<>(4);
    private final boolean cutsText;
    private final @Nullable ArrayPath path;
    private final int pauseAtBytes;
    private int elements;
    private byte[] buffer;
    private int start;
    private int end;
    private long sizeOfParts;
    private long sizeInMemory;
    private int tagDepth;

    public MessageSink(int initialCapacity) {
        this(initialCapacity, false, null, Integer.MAX_VALUE);
    }

    private MessageSink(int initialCapacity, boolean cutsText, @Nullable ArrayPath path, int pauseAtBytes) {
        buffer = new byte[Math.max(16, initialCapacity)];
        this.cutsText = cutsText;
        this.path = path;
        this.pauseAtBytes = pauseAtBytes;
    }

    /**
     * For what is sent to a client: text that came with invalid UTF-8 grows when it is written back, and is cut where
     * the protocol cannot carry it.
     *
     * @param pauseAtBytes {@link #writeSome} gives up when so many bytes have been written, without those of files
     */
    public static MessageSink ofAnswer(int initialCapacity, int pauseAtBytes) {
        return new MessageSink(initialCapacity, true, null, pauseAtBytes);
    }

    static MessageSink ofPiece(ArrayPath path, int pauseAtBytes) {
        return new MessageSink(pauseAtBytes + 4096, true, path, pauseAtBytes);
    }

    /**
     * Writes the message, or so much of it as may be written at once.
     *
     * @return whether all of it was written
     */
    public boolean writeSome(Message message, short version) {
        if (path != null) {
            path.begin();
        }
        try {
            message.write(this, version);
            return true;
        } catch (Paused e) {
            return false;
        }
    }

    /** Begins with an array of structs, and returns the index of the first that is to be written. */
    public int enterArray(int count) {
        return path == null ? 0 : path.enter(count);
    }

    /** Begins with the element of that index: writing may pause here. */
    public void element(int index) {
        if (path != null && path.reaches(index)) {
            // All that was written on the way here has been written before.
            parts.clear();
            sizeOfParts = 0;
            sizeInMemory = 0;
            start = 0;
            end = 0;
            elements = 1;
        } else if (sizeInMemory + end - start + worthOfElements() >= pauseAtBytes && tagDepth == 0) {
            pause();
        } else {
            elements++;
        }
    }

    private int worthOfElements() {
        return path == null ? 0 : elements * ELEMENT_BYTES;
    }

    private void pause() {
        if (path != null) {
            if (path.isReplaying()) {
                return;
            }
            path.pause();
        }
        throw new Paused();
    }

    /** Ends an array of structs. */
    public void leaveArray() {
        if (path != null) {
            path.leave();
        }
    }

    /** The message alone in one buffer; for messages without records in files. */
    public static ByteBuffer toBuffer(Message message, short version) {
        MessageSink sink = new MessageSink(128);
        message.write(sink, version);
        return sink.toBuffer();
    }

    /** What the generated code throws for a value that the version cannot carry. */
    public static IllegalStateException notInVersion(String field, short version) {
        return new IllegalStateException(field + " has a value, but version " + version + " cannot carry it");
    }

    /** In bytes, all that was written so far. */
    public long size() {
        return sizeOfParts + end - start;
    }

    /** All that was written, in order. The sink is not used afterwards. */
    public List<Part> parts() {
        seal();
        return parts;
    }

    /** All that was written, in one buffer. */
    public ByteBuffer toBuffer() {
        if (parts.isEmpty()) {
            return ByteBuffer.wrap(buffer, 0, end).slice();
        }
        seal();
        ByteBuffer all = ByteBuffer.allocate(Math.toIntExact(sizeOfParts));
        for (Part part : parts) {
            if (!(part instanceof Part.InMemory inMemory)) {
                throw new IllegalStateException("a part in a file has no buffer");
            }
            all.put(inMemory.bytes().duplicate());
        }
        return all.flip();
    }

    /** Like {@link #parts}, for a frame whose first four bytes were left for its length. */
    public List<Part> frame() {
        int length = Math.toIntExact(size() - 4);
        seal();
        ((Part.InMemory) parts.get(0)).bytes().putInt(0, length);
        return parts;
    }

    public void bool(boolean value) {
        int8((byte) (value ? 1 : 0));
    }

    public void int8(byte value) {
        room(1);
        buffer[end++] = value;
    }

    public void int16(short value) {
        room(2);
        buffer[end++] = (byte) (value >> 8);
        buffer[end++] = (byte) value;
    }

    public void uint16(int value) {
        int16((short) value);
    }

    public void int32(int value) {
        room(4);
        buffer[end++] = (byte) (value >> 24);
        buffer[end++] = (byte) (value >> 16);
        buffer[end++] = (byte) (value >> 8);
        buffer[end++] = (byte) value;
    }

    public void uint32(long value) {
        int32((int) value);
    }

    public void int64(long value) {
        int32((int) (value >> 32));
        int32((int) value);
    }

    public void float64(double value) {
        int64(Double.doubleToRawLongBits(value));
    }

    public void uuid(Uuid value) {
        int64(value.mostSignificantBits());
        int64(value.leastSignificantBits());
    }

    public void unsignedVarint(int value) {
        room(5);
        int rest = value;
        while ((rest & ~0x7F) != 0) {
            buffer[end++] = (byte) (rest & 0x7F | 0x80);
            rest >>>= 7;
        }
        buffer[end++] = (byte) rest;
    }

    /** @param length the number of elements, or -1 for null */
    public void arrayLength(int length, boolean flexible) {
        if (flexible) {
            unsignedVarint(length + 1);
        } else {
            int32(length);
        }
    }

    /** @throws IllegalStateException if the text is longer than 32767 bytes, and this is no answer */
    public void string(@Nullable String value, boolean flexible) {
        byte[] bytes = value == null ? NO_BYTES : value.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > Short.MAX_VALUE && cutsText) {
            bytes = cut(bytes);
        } else if (bytes.length > Short.MAX_VALUE) {
            throw new IllegalStateException("a string of " + bytes.length + " bytes is longer than 32767");
        }
        int length = value == null ? -1 : bytes.length;
        if (flexible) {
            unsignedVarint(length + 1);
        } else {
            int16((short) length);
        }
        raw(bytes);
    }

    /** As many whole characters as a string may have bytes. */
    private static byte[] cut(byte[] utf8) {
        int length = Short.MAX_VALUE;
        while ((utf8[length] & 0xC0) == 0x80) {
            length--;
        }
        return Arrays.copyOf(utf8, length);
    }

    public void bytes(byte @Nullable [] value, boolean flexible) {
        arrayLength(value == null ? -1 : value.length, flexible);
        raw(value == null ? NO_BYTES : value);
    }

    public void records(@Nullable Part value, boolean flexible) {
        arrayLength(value == null ? -1 : value.size(), flexible);
        if (value == null || value.size() == 0) {
            return;
        }
        if (value instanceof Part.InMemory inMemory && value.size() < COPIED_BELOW) {
            raw(inMemory.bytes());
            return;
        }
        seal();
        add(value);
    }

    public void raw(byte[] bytes) {
        room(bytes.length);
        System.arraycopy(bytes, 0, buffer, end, bytes.length);
        end += bytes.length;
    }

    /** Copies what remains in the buffer, and leaves its position alone. */
    public void raw(ByteBuffer bytes) {
        room(bytes.remaining());
        bytes.get(bytes.position(), buffer, end, bytes.remaining());
        end += bytes.remaining();
    }

    /** Begins a tagged field; what it returns goes to {@link #endTagged}. */
    public int beginTagged(int tag) {
        unsignedVarint(tag);
        tagDepth++;
        return end - start;
    }

    /** Puts the size in front of what was written since {@link #beginTagged}. */
    public void endTagged(int begin) {
        tagDepth--;
        int from = start + begin;
        int size = end - from;
        int prefix = Varints.sizeOfUnsigned(size);
        room(prefix);
        from = start + begin;
        System.arraycopy(buffer, from, buffer, from + prefix, size);
        end = from;
        unsignedVarint(size);
        end += size;
    }

    private void seal() {
        if (end > start) {
            add(new Part.InMemory(ByteBuffer.wrap(buffer, start, end - start).slice()));
            sizeInMemory += end - start;
            start = end;
        }
    }

    private void add(Part part) {
        parts.add(part);
        sizeOfParts += part.size();
    }

    private void room(int bytes) {
        if (buffer.length - end >= bytes) {
            return;
        }
        int used = end - start;
        int wanted = Math.max(Math.addExact(used, bytes), Math.min(used * 2, 1 << 30));
        buffer = start == 0 ? Arrays.copyOf(buffer, wanted) : copyOfOpenPart(wanted);
        start = 0;
        end = used;
    }

    /** What is sealed stays in the old array; only what is still being written moves to a new one. */
    private byte[] copyOfOpenPart(int wanted) {
        byte[] copy = new byte[Math.max(wanted, 64)];
        System.arraycopy(buffer, start, copy, 0, end - start);
        return copy;
    }
}

package io.gregor.coordinator.runtime;

import io.gregor.wire.Message;
import io.gregor.wire.MessageSink;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A record of a coordinator's topic. The key begins with its type, the value with its version, two bytes each; without
 * a value it is a tombstone.
 */
public record CoordinatorRecord(
        short keyType,
        Message key,
        short valueVersion,
        @Nullable Message value) {
    private static final Logger LOG = LoggerFactory.getLogger(CoordinatorRecord.class);

    public static CoordinatorRecord tombstone(short keyType, Message key) {
        return new CoordinatorRecord(keyType, key, (short) 0, null);
    }

    /** A record as it is stored; without a value it is a tombstone. */
    public record Encoded(ByteBuffer key, @Nullable ByteBuffer value) {
        public int bytes() {
            return key.remaining() + (value == null ? 0 : value.remaining());
        }
    }

    /** @throws IllegalStateException if a string in it has more than 32,767 bytes in UTF-8 */
    public Encoded encoded() {
        return new Encoded(
                encode(keyType, key, (short) 0), value == null ? null : encode(valueVersion, value, valueVersion));
    }

    /**
     * The records as they are stored; null if they cannot be, since they have more bytes than that, or since a string
     * in one of them has more than 32,767 in UTF-8: text of a request that was not valid UTF-8 may have grown when it
     * was read.
     */
    public static @Nullable List<Encoded> encoded(List<CoordinatorRecord> records, int bytesMax) {
        List<Encoded> encoded = new ArrayList<>();
        long bytes = 0;
        try {
            for (CoordinatorRecord record : records) {
                Encoded next = record.encoded();
                bytes += next.bytes();
                if (bytes > bytesMax) {
                    LOG.warn(
                            "{} records, with more than {} bytes, are too many for one batch",
                            records.size(),
                            bytesMax);
                    return null;
                }
                encoded.add(next);
            }
        } catch (IllegalStateException e) {
            LOG.warn("A record cannot be stored: {}", e.getMessage());
            return null;
        }
        return encoded;
    }

    /** The records in order, cut such that no part has more bytes, unless it is one record alone. */
    static List<List<CoordinatorRecord>> parts(List<CoordinatorRecord> records, int bytesMax) {
        List<List<CoordinatorRecord>> parts = new ArrayList<>();
        List<CoordinatorRecord> part = new ArrayList<>();
        int bytes = 0;
        for (CoordinatorRecord record : records) {
            int more = record.encodedBytes();
            if (!part.isEmpty() && bytes + more > bytesMax) {
                parts.add(part);
                part = new ArrayList<>();
                bytes = 0;
            }
            part.add(record);
            bytes += more;
        }
        if (!part.isEmpty()) {
            parts.add(part);
        }
        return parts;
    }

    /** 0 if it cannot be stored: whoever appends it will see. */
    private int encodedBytes() {
        List<Encoded> encoded = encoded(List.of(this), Integer.MAX_VALUE);
        return encoded == null ? 0 : encoded.get(0).bytes();
    }

    private static ByteBuffer encode(short prefix, Message message, short version) {
        MessageSink sink = new MessageSink(128);
        sink.int16(prefix);
        message.write(sink, version);
        return sink.toBuffer();
    }
}

package io.gregor.coordinator;

import io.gregor.wire.Message;
import io.gregor.wire.MessageSink;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A record of a coordinator's topic. The key begins with its type, the value with its version, two bytes each; without
 * a value it is a tombstone.
 */
public record CoordinatorRecord(
        short keyType,
        Message key,
        short valueVersion,
        @Nullable Message value) {
    public static CoordinatorRecord tombstone(short keyType, Message key) {
        return new CoordinatorRecord(keyType, key, (short) 0, null);
    }

    public ByteBuffer encodedKey() {
        return encode(keyType, key, (short) 0);
    }

    public @Nullable ByteBuffer encodedValue() {
        return value == null ? null : encode(valueVersion, value, valueVersion);
    }

    private static ByteBuffer encode(short prefix, Message message, short version) {
        MessageSink sink = new MessageSink(128);
        sink.int16(prefix);
        message.write(sink, version);
        return sink.toBuffer();
    }
}

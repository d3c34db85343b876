package io.gregor.coordinator.runtime;

import io.gregor.wire.ByteReader;
import io.gregor.wire.MalformedMessageException;
import io.gregor.wire.Message;
import java.nio.ByteBuffer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A type of records in a coordinator's topic: how keys and values are read, and what they change. Immutable.
 *
 * @param id the two bytes that the keys begin with
 * @param newKey an empty key
 * @param newValue an empty value
 * @param highestVersion of the values that can be read
 */
public record RecordType<K extends Message, V extends Message>(
        short id, Supplier<K> newKey, Supplier<V> newValue, short highestVersion, Change<K, V> change) {
    /** Where a record is. Applied before it is stored it is nowhere, and in no transaction: all are -1. */
    public record Position(long offset, long producerId) {
        static final Position NONE = new Position(-1, -1);
    }

    /** What a record changes; a tombstone has no value. */
    public interface Change<K, V> {
        void apply(K key, @Nullable V value, Position position);
    }

    /** What a record changes, wherever it is. */
    public interface PlainChange<K, V> {
        void apply(K key, @Nullable V value);
    }

    /** A type of records that change the same wherever they are. */
    public static <K extends Message, V extends Message> RecordType<K, V> of(
            short id, Supplier<K> newKey, Supplier<V> newValue, short highestVersion, PlainChange<K, V> change) {
        return new RecordType<>(
                id, newKey, newValue, highestVersion, (key, value, position) -> change.apply(key, value));
    }

    /** @throws MalformedMessageException if it cannot be read */
    void apply(ByteReader keyWithoutType, @Nullable ByteBuffer valueBytes, Position position) {
        K key = newKey.get();
        key.read(keyWithoutType, (short) 0);
        change.apply(key, valueBytes == null ? null : value(valueBytes), position);
    }

    /** Reads a value in the version that it begins with. */
    private V value(ByteBuffer bytes) {
        V value = newValue.get();
        ByteReader in = new ByteReader(bytes.duplicate());
        short version = in.int16();
        if (version < 0 || version > highestVersion) {
            throw new MalformedMessageException(value.getClass().getSimpleName() + " of version " + version);
        }
        value.read(in, version);
        return value;
    }

    /** Applies a record that was made here. */
    @SuppressWarnings("unchecked") // A record's type says of which classes its key and value are.
    void apply(CoordinatorRecord record) {
        change.apply((K) record.key(), (V) record.value(), Position.NONE);
    }
}

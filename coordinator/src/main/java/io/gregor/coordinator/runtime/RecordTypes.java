package io.gregor.coordinator.runtime;

import io.gregor.wire.ByteReader;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The types of records that a shard knows. Confined to the shard's lane; types are only added. */
public final class RecordTypes {
    private final Map<Short, RecordType<?, ?>> byId = new HashMap<>();

    public void add(List<RecordType<?, ?>> types) {
        types.forEach(type -> byId.put(type.id(), type));
    }

    /** Applies a record of the log. Types that are not known are left alone: they are in the log, and stay there. */
    public void apply(Shard.Stored stored) {
        ByteReader key = new ByteReader(stored.key().duplicate());
        RecordType<?, ?> type = byId.get(key.int16());
        if (type != null) {
            type.apply(key, stored.value(), new RecordType.Position(stored.offset(), stored.producerId()));
        }
    }

    /** Applies a record that was made here. */
    public void apply(CoordinatorRecord record) {
        RecordType<?, ?> type = byId.get(record.keyType());
        if (type == null) {
            throw new IllegalArgumentException("no record of this coordinator: " + record.key());
        }
        type.apply(record);
    }
}

package io.gregor.coordinator;

import io.gregor.wire.message.ErrorCode;
import java.util.List;
import java.util.function.Consumer;

/** Where a shard's records are made to last: the log of its partition. */
public interface Journal {
    /**
     * Appends the records as one batch and then, on the shard's lane, says how that went. Appends are answered in
     * order.
     */
    void append(List<CoordinatorRecord> records, Consumer<ErrorCode> stored);
}

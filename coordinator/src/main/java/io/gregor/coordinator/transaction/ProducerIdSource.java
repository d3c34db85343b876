package io.gregor.coordinator.transaction;

import io.gregor.wire.message.ErrorCode;
import java.util.function.Consumer;

/** Gives out producer ids, none of them twice. */
public interface ProducerIdSource {
    /** Hands over an id, or says why there is none; on the shard's lane. */
    void next(Consumer<Long> id, Consumer<ErrorCode> failed);
}

package io.gregor.coordinator.runtime;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The part of a coordinator that one partition of its topic holds. Confined to that partition's lane, but for being
 * loaded: then nobody else knows it yet.
 */
public interface Shard {
    /** A record as it lies in the log; {@code producerId} is -1 unless it was written in a transaction. */
    record Stored(
            long offset,
            long producerId,
            ByteBuffer key,
            @Nullable ByteBuffer value) {}

    /** What the shard's state takes. */
    StateMemory memory();

    /** Whom the shard answers. */
    Asking asking();

    /** Takes in what is stored. */
    void apply(Stored record);

    /** Takes in that a producer's transaction has ended in this partition. */
    void endTransaction(long producerId, boolean commit);

    /** To be called once after loading. */
    void loaded();
}

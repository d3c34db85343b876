package io.gregor.coordinator.runtime;

import org.jspecify.annotations.Nullable;

/**
 * The bytes that a group takes, counted in the shard's memory as long as the group is one of the shard's. Confined to
 * the shard's lane.
 */
public final class Weight {
    private long bytes;
    private @Nullable StateMemory memory;

    public Weight(long bytes) {
        this.bytes = bytes;
    }

    public long bytes() {
        return bytes;
    }

    public void add(long more) {
        bytes += more;
        if (memory != null) {
            memory.change(more);
        }
    }

    public void countIn(StateMemory shard) {
        countNoMore();
        memory = shard;
        shard.change(bytes);
    }

    public void countNoMore() {
        if (memory != null) {
            memory.change(-bytes);
            memory = null;
        }
    }
}

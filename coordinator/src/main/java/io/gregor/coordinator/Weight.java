package io.gregor.coordinator;

import org.jspecify.annotations.Nullable;

/**
 * The bytes that a group takes, counted in the shard's memory as long as the group is one of the shard's. Confined to
 * the shard's lane.
 */
final class Weight {
    private long bytes;
    private @Nullable StateMemory memory;

    Weight(long bytes) {
        this.bytes = bytes;
    }

    long bytes() {
        return bytes;
    }

    void add(long more) {
        bytes += more;
        if (memory != null) {
            memory.change(more);
        }
    }

    void countIn(StateMemory shard) {
        countNoMore();
        memory = shard;
        shard.change(bytes);
    }

    void countNoMore() {
        if (memory != null) {
            memory.change(-bytes);
            memory = null;
        }
    }
}

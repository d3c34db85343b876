package io.gregor.broker.replica;

import io.gregor.wire.ByteBudget;
import java.time.InstantSource;

/**
 * Has all partitions forget producers that have not written for a while, and for a shorter while when their memory is
 * nearly full, so that no partition takes the room of the others. Called on one thread.
 */
public final class ProducerExpiry {
    private static final long LONGEST_MS = 86_400_000;
    private static final long SHORTEST_MS = 10_000;

    private final Partitions partitions;
    private final InstantSource clock;
    private final ByteBudget memory;
    private long shorterMs = LONGEST_MS;

    /** @param memory of the producers that all partitions remember */
    public ProducerExpiry(Partitions partitions, InstantSource clock, ByteBudget memory) {
        this.partitions = partitions;
        this.clock = clock;
        this.memory = memory;
    }

    /** Forgets who has not written for so long. */
    public void expire(long afterMs) {
        long before = clock.millis() - afterMs;
        for (Partition partition : partitions.all()) {
            partition.lane().execute(() -> partition.log().producers().expire(before));
        }
    }

    /** Expires sooner each time, from a day down to ten seconds, until an eighth of the memory is free. */
    public void expireIfMany() {
        if (memory.used() <= memory.limit() - memory.limit() / 8) {
            shorterMs = LONGEST_MS;
            return;
        }
        expire(shorterMs);
        shorterMs = Math.max(SHORTEST_MS, shorterMs / 2);
    }
}

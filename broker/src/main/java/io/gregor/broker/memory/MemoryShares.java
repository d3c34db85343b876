package io.gregor.broker.memory;

import io.gregor.wire.ByteBudget;
import io.netty.util.internal.PlatformDependent;

/**
 * The memory that each purpose may take, as a part of the heap and of the direct memory that the process was given.
 * Immutable; the budgets are thread-safe. What has no share here is not counted yet.
 *
 * @param frames requests as they came, in direct memory: a quarter of it
 * @param coordinators groups, offsets and transactional ids, on the heap: a fifth
 * @param metadata the cluster's metadata, on the heap: an eighth
 */
public record MemoryShares(ByteBudget frames, ByteBudget coordinators, ByteBudget metadata) {
    /** Of the memory that this process may take at most. */
    public static MemoryShares ofThisProcess() {
        return of(Runtime.getRuntime().maxMemory(), PlatformDependent.maxDirectMemory());
    }

    /**
     * @param heap in bytes
     * @param direct in bytes
     */
    static MemoryShares of(long heap, long direct) {
        return new MemoryShares(
                new ByteBudget("frames", direct / 4),
                new ByteBudget("coordinators", heap / 5),
                new ByteBudget("metadata", heap / 8));
    }
}

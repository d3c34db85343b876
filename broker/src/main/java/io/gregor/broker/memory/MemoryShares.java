package io.gregor.broker.memory;

import io.gregor.wire.ByteBudget;
import io.netty.util.internal.PlatformDependent;

/**
 * The memory that each purpose may take, as a part of the memory that the process was given.
 * Immutable; the budgets are thread-safe. What has no share here is not counted yet.
 *
 * @param frames requests as they came, in direct memory: a quarter of it
 */
public record MemoryShares(ByteBudget frames) {
    /** Of the memory that this process may take at most. */
    public static MemoryShares ofThisProcess() {
        return of(PlatformDependent.maxDirectMemory());
    }

    /** @param directBytes the direct memory of the process */
    static MemoryShares of(long directBytes) {
        return new MemoryShares(new ByteBudget("frames", directBytes / 4));
    }
}

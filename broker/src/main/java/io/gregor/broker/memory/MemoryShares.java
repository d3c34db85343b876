package io.gregor.broker.memory;

import io.gregor.wire.ByteBudget;
import io.netty.util.internal.PlatformDependent;
import java.util.ArrayList;
import java.util.List;

/**
 * The memory that each purpose may take, as a part of the heap and of the direct memory that the process was given.
 * Immutable; the budgets are thread-safe. What has no share here is not counted yet.
 *
 * @param frames requests as they came, in direct memory: a quarter of it
 * @param requests what requests in flight expand to, on the heap: a quarter
 * @param answers large answers on their way to a socket, on the heap: an eighth
 * @param coordinators groups, offsets and transactional ids, on the heap: a fifth
 * @param metadata the cluster's metadata, on the heap: an eighth
 * @param caches what is kept by names that clients choose, on the heap: an eighth
 */
public record MemoryShares(
        ByteBudget frames,
        ByteBudget requests,
        ByteBudget answers,
        ByteBudget coordinators,
        ByteBudget metadata,
        CacheShares caches) {
    /** Of the memory that this process may take at most. */
    public static MemoryShares ofThisProcess() {
        return of(Runtime.getRuntime().maxMemory(), PlatformDependent.maxDirectMemory());
    }

    /**
     * @param heap in bytes
     * @param direct in bytes
     */
    public static MemoryShares of(long heap, long direct) {
        return new MemoryShares(
                new ByteBudget("frames", direct / 4),
                new ByteBudget("requests", heap / 4),
                new ByteBudget("answers", heap / 8),
                new ByteBudget("coordinators", heap / 5),
                new ByteBudget("metadata", heap / 8),
                CacheShares.of(heap));
    }

    /** The bytes that are held by what stays when requests have been answered. */
    public long lasting() {
        long bytes = coordinators.used() + metadata.used();
        for (ByteBudget cache : caches.all()) {
            bytes += cache.used();
        }
        return bytes;
    }

    /** One for each purpose. */
    public List<ByteBudget> all() {
        List<ByteBudget> all = new ArrayList<>(List.of(frames, requests, answers, coordinators, metadata));
        all.addAll(caches.all());
        return all;
    }
}

package io.gregor.broker.memory;

import io.gregor.wire.ByteBudget;
import java.util.List;

/**
 * The memory for what is kept by names and numbers that clients choose, an eighth of the heap. Immutable; the budgets
 * are thread-safe. Each kind has its own part, so that none can take another one's.
 *
 * @param producers what partitions remember of idempotent producers: 6/16
 * @param sessions fetch sessions: 4/16
 * @param pushedMetrics what clients have pushed of their metrics: 4/16
 * @param clientInstances who pushes metrics: 1/16
 * @param quotas what clients have used: 1/32
 * @param addresses how often addresses have connected: 1/32
 */
public record CacheShares(
        ByteBudget producers,
        ByteBudget sessions,
        ByteBudget pushedMetrics,
        ByteBudget clientInstances,
        ByteBudget quotas,
        ByteBudget addresses) {
    /** @param heapBytes of the process */
    static CacheShares of(long heapBytes) {
        long part = heapBytes / 8 / 16;
        return new CacheShares(
                new ByteBudget("producers", 6 * part),
                new ByteBudget("fetch sessions", 4 * part),
                new ByteBudget("pushed metrics", 4 * part),
                new ByteBudget("client instances", part),
                new ByteBudget("quotas", part / 2),
                new ByteBudget("addresses", part / 2));
    }

    /** One for each kind. */
    List<ByteBudget> all() {
        return List.of(producers, sessions, pushedMetrics, clientInstances, quotas, addresses);
    }
}

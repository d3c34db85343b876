package io.gregor.broker.net;

import io.gregor.broker.memory.Admission;
import io.gregor.broker.memory.MemoryShares;

/**
 * The memory of all connections together. Immutable, and thread-safe.
 *
 * @param frames requests as they came
 * @param requests what requests in flight expand to; with one that goes beyond the limit, five eighths of the heap, or
 *     less where the broker's state leaves less
 * @param answers pieces of large answers that are being sent
 */
record NetMemory(Admission frames, Admission requests, Admission answers) {
    private static final long FRAME_STALLED_MS = 5_000;
    private static final long REQUEST_STALLED_MS = 30_000;

    static NetMemory of(MemoryShares shares) {
        return new NetMemory(
                new Admission(shares.frames(), NetMemory::unlimited, FRAME_STALLED_MS, System::nanoTime),
                new Admission(shares.requests(), () -> mostOfRequests(shares), REQUEST_STALLED_MS, System::nanoTime),
                new Admission(shares.answers(), NetMemory::unlimited, FRAME_STALLED_MS, System::nanoTime));
    }

    private static long unlimited() {
        return Long.MAX_VALUE;
    }

    /** State that lasts and requests take three quarters of the heap together, and the requests always their share. */
    private static long mostOfRequests(MemoryShares shares) {
        long share = shares.requests().limit();
        return Math.max(share, Math.min(share * 5 / 2, share * 3 - shares.lasting()));
    }

    void evictStalled() {
        frames.evictStalled();
        requests.evictStalled();
        answers.evictStalled();
    }
}

package io.gregor.broker.net;

import io.gregor.broker.memory.Admission;
import io.gregor.broker.memory.MemoryShares;

/**
 * The memory of all connections together. Immutable, and thread-safe.
 *
 * @param frames requests as they came
 * @param requests what requests in flight expand to; with one that goes beyond the limit, five eighths of the heap
 * @param answers pieces of large answers that are being sent
 */
record NetMemory(Admission frames, Admission requests, Admission answers) {
    private static final long FRAME_STALLED_MS = 5_000;
    private static final long REQUEST_STALLED_MS = 30_000;

    static NetMemory of(MemoryShares shares) {
        long mostOfHeap = shares.requests().limit() * 5 / 2;
        return new NetMemory(
                new Admission(shares.frames(), Long.MAX_VALUE, FRAME_STALLED_MS, System::nanoTime),
                new Admission(shares.requests(), mostOfHeap, REQUEST_STALLED_MS, System::nanoTime),
                new Admission(shares.answers(), Long.MAX_VALUE, FRAME_STALLED_MS, System::nanoTime));
    }

    void evictStalled() {
        frames.evictStalled();
        requests.evictStalled();
        answers.evictStalled();
    }
}

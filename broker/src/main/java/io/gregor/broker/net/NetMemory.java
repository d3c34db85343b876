package io.gregor.broker.net;

import io.gregor.broker.memory.Admission;
import io.gregor.broker.memory.Admission.Overdraft;
import io.gregor.broker.memory.MemoryShares;

/**
 * The memory of all connections together. Immutable, and thread-safe.
 *
 * @param frames requests as they came
 * @param requests what requests in flight expand to
 * @param answers pieces of large answers that are being sent
 */
record NetMemory(Admission frames, Admission requests, Admission answers) {
    private static final long FRAME_STALLED_MS = 5_000;
    private static final long REQUEST_STALLED_MS = 30_000;

    static NetMemory of(MemoryShares shares) {
        return new NetMemory(
                new Admission(shares.frames(), Overdraft.ONE, FRAME_STALLED_MS, System::nanoTime),
                new Admission(shares.requests(), Overdraft.ALONE, REQUEST_STALLED_MS, System::nanoTime),
                new Admission(shares.answers(), Overdraft.ONE, FRAME_STALLED_MS, System::nanoTime));
    }

    void evictStalled() {
        frames.evictStalled();
        requests.evictStalled();
        answers.evictStalled();
    }
}

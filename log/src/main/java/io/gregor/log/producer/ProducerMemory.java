package io.gregor.log.producer;

import io.gregor.wire.ByteBudget;

/**
 * What one partition's producers take of a budget that all partitions share. Thread-safe. Ends when the log does: from
 * then on nothing is counted.
 */
final class ProducerMemory {
    private final ByteBudget budget;
    private long held;
    private boolean ended;

    ProducerMemory(ByteBudget budget) {
        this.budget = budget;
    }

    /** Takes the bytes if there is room for them. */
    synchronized boolean tryTake(long bytes) {
        if (!ended && !budget.tryReserve(bytes)) {
            return false;
        }
        held += ended ? 0 : bytes;
        return true;
    }

    /** Takes the bytes in any case. */
    synchronized void take(long bytes) {
        if (!ended) {
            budget.force(bytes);
            held += bytes;
        }
    }

    synchronized void giveBack(long bytes) {
        if (!ended) {
            budget.release(bytes);
            held -= bytes;
        }
    }

    /** Gives everything back. */
    synchronized void end() {
        budget.release(held);
        held = 0;
        ended = true;
    }
}

package io.gregor.log.producer;

/**
 * That somebody asks the transaction coordinator whether a producer's transaction may begin in this partition
 * (KIP-890). The answer counts only as long as this is the partition's verification of that producer: a marker that
 * comes in between ends it, so that no record can be left behind a transaction that is over. Confined to the
 * partition's lane.
 */
public final class TransactionVerification {
    /** In memory with its place in a map, at most. */
    static final int BYTES = 120;

    private final boolean implicit;
    private final long begunMs;
    private short epoch;
    private int lowestSequence;

    /** @param implicit whether a first record adds the partition to the transaction (transaction version 2) */
    TransactionVerification(boolean implicit, short epoch, int sequence, long nowMs) {
        this.implicit = implicit;
        this.begunMs = nowMs;
        this.epoch = epoch;
        this.lowestSequence = sequence;
    }

    long begunMs() {
        return begunMs;
    }

    /** Takes in that another batch waits for the same answer. */
    void alsoFor(short batchEpoch, int sequence) {
        if (batchEpoch > epoch) {
            epoch = batchEpoch;
            lowestSequence = sequence;
        } else if (batchEpoch == epoch) {
            lowestSequence = Math.min(lowestSequence, sequence);
        }
    }

    /** Whether a batch that begins with this sequence would overtake one that waits, or one that is not here yet. */
    boolean isOvertaken(int sequence, boolean producerIsKnown) {
        return implicit && sequence != 0 && !producerIsKnown || sequence > lowestSequence;
    }
}

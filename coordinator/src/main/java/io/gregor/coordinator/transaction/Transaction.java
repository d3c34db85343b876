package io.gregor.coordinator.transaction;

import io.gregor.coordinator.runtime.Footprint;
import io.gregor.coordinator.runtime.TopicPartition;
import java.util.Collections;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a transactional id. Immutable: every transition makes a new one, which counts once it is stored.
 *
 * @param previousProducerId the id before the last transition; -1 if there was none
 * @param nextProducerId the id that follows when this transaction is complete, since the epochs are used up; else -1
 * @param epoch -1 if the id has only been made up yet
 * @param lastEpoch the producer's epoch before the last bump that it asked for, -1 if there was none; not stored
 * @param startMs when the open or last transaction began, -1 if there was none
 * @param clientVersion how the client handles transactions: 2 if every end raises the epoch (KIP-890)
 */
record Transaction(
        long producerId,
        long previousProducerId,
        long nextProducerId,
        short epoch,
        short lastEpoch,
        int timeoutMs,
        TransactionState state,
        Set<TopicPartition> partitions,
        long startMs,
        long updatedMs,
        short clientVersion) {
    static final long NO_PRODUCER_ID = -1;
    static final short NO_EPOCH = -1;
    static final short VERSION_THAT_RAISES_EPOCHS = 2;
    private static final long NO_TIME = -1;

    static Transaction created(long producerId, int timeoutMs, long nowMs) {
        return new Transaction(
                producerId,
                NO_PRODUCER_ID,
                NO_PRODUCER_ID,
                NO_EPOCH,
                NO_EPOCH,
                timeoutMs,
                TransactionState.EMPTY,
                Set.of(),
                NO_TIME,
                nowMs,
                (short) 0);
    }

    /** What it takes under its transactional id, in bytes. */
    long bytes(String transactionalId) {
        return Footprint.of(transactionalId) + 4 * Footprint.OBJECT + Footprint.ENTRY + bytes(partitions);
    }

    private static long bytes(Set<TopicPartition> partitions) {
        long bytes = 0;
        for (TopicPartition partition : partitions) {
            bytes += Footprint.of(partition.topic()) + Footprint.NUMBER + Footprint.ENTRY;
        }
        return bytes;
    }

    /** Whether the epoch must not be raised any more, but by the marker of a last transaction. */
    boolean isExhausted() {
        return isExhausted(epoch);
    }

    static boolean isExhausted(short epoch) {
        return epoch >= Short.MAX_VALUE - 1;
    }

    boolean raisesEpochs() {
        return clientVersion >= VERSION_THAT_RAISES_EPOCHS;
    }

    /**
     * A producer begins anew.
     *
     * @param expectedEpoch the epoch that it has, or null if it has none
     * @return null if that is not its epoch any more
     */
    @Nullable
    Transaction initialized(@Nullable Short expectedEpoch, int newTimeoutMs, long nowMs) {
        short raised = (short) (epoch + 1);
        if (expectedEpoch == null) {
            return empty(producerId, raised, NO_EPOCH, newTimeoutMs, nowMs);
        }
        if (epoch == NO_EPOCH || expectedEpoch == epoch) {
            return empty(producerId, raised, epoch, newTimeoutMs, nowMs);
        }
        // It asks again, since the answer was lost.
        return expectedEpoch == lastEpoch ? empty(producerId, epoch, lastEpoch, newTimeoutMs, nowMs) : null;
    }

    /** A producer begins anew, with another id, since the epochs of the old one are used up. */
    Transaction rotated(long newProducerId, boolean keepLastEpoch, int newTimeoutMs, long nowMs) {
        return empty(newProducerId, (short) 0, keepLastEpoch ? epoch : NO_EPOCH, newTimeoutMs, nowMs);
    }

    private Transaction empty(long id, short newEpoch, short newLastEpoch, int newTimeoutMs, long nowMs) {
        return new Transaction(
                id,
                producerId,
                nextProducerId,
                newEpoch,
                newLastEpoch,
                newTimeoutMs,
                TransactionState.EMPTY,
                Set.of(),
                NO_TIME,
                nowMs,
                clientVersion);
    }

    Transaction with(Set<TopicPartition> added, short newClientVersion, long nowMs) {
        Set<TopicPartition> all = new HashSet<>(partitions);
        all.addAll(added);
        return new Transaction(
                producerId,
                producerId,
                nextProducerId,
                epoch,
                lastEpoch,
                timeoutMs,
                TransactionState.ONGOING,
                Collections.unmodifiableSet(all),
                state.isSettled() ? nowMs : startMs,
                nowMs,
                newClientVersion);
    }

    /** The epoch of this producer is over, and so that of whoever has it. Only for client versions below 2. */
    Transaction fenced() {
        short raised = epoch == Short.MAX_VALUE ? epoch : (short) (epoch + 1);
        return new Transaction(
                producerId,
                previousProducerId,
                nextProducerId,
                raised,
                NO_EPOCH,
                timeoutMs,
                state,
                partitions,
                startMs,
                updatedMs,
                clientVersion);
    }

    /**
     * It is decided how the transaction ends.
     *
     * @param followingProducerId what the producer is to go on with, or -1 for the id that it has
     */
    Transaction prepared(boolean commit, short version, long followingProducerId, long nowMs) {
        boolean raises = version >= VERSION_THAT_RAISES_EPOCHS && epoch != Short.MAX_VALUE;
        return new Transaction(
                producerId,
                producerId,
                followingProducerId,
                raises ? (short) (epoch + 1) : epoch,
                version >= VERSION_THAT_RAISES_EPOCHS ? epoch : lastEpoch,
                timeoutMs,
                commit ? TransactionState.PREPARE_COMMIT : TransactionState.PREPARE_ABORT,
                partitions,
                state == TransactionState.ONGOING ? startMs : nowMs,
                nowMs,
                version);
    }

    /** All partitions have their marker. */
    Transaction completed(long nowMs) {
        boolean rotates = raisesEpochs() && nextProducerId != NO_PRODUCER_ID;
        return new Transaction(
                rotates ? nextProducerId : producerId,
                producerId,
                NO_PRODUCER_ID,
                rotates ? 0 : epoch,
                lastEpoch,
                timeoutMs,
                state == TransactionState.PREPARE_COMMIT
                        ? TransactionState.COMPLETE_COMMIT
                        : TransactionState.COMPLETE_ABORT,
                Set.of(),
                startMs,
                nowMs,
                clientVersion);
    }
}

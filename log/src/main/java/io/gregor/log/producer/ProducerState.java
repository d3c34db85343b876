package io.gregor.log.producer;

import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.ProducerSnapshot;
import io.gregor.wire.record.EndMarker;
import io.gregor.wire.record.RecordBatch;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * What a partition remembers of one producer: its epoch, its last five batches, its open transaction. Confined to the
 * partition's lane.
 */
final class ProducerState {
    /** Kafka's clients have at most five requests in flight, so a retry is never older. */
    private static final int BATCHES_KEPT = 5;

    /** One batch that was appended. */
    record Batch(int firstSequence, int lastSequence, long lastOffset, int offsetDelta, long timestampMs) {
        long firstOffset() {
            return lastOffset - offsetDelta;
        }
    }

    /** In memory with all its batches and its places in the maps, at most. */
    static final int BYTES = 400;

    private final long producerId;
    private final Deque<Batch> batches = new ArrayDeque<>(BATCHES_KEPT);
    private short epoch;
    private int coordinatorEpoch = -1;
    private long transactionFirstOffset = -1;
    private long lastTimestampMs = RecordBatch.NO_TIMESTAMP;

    ProducerState(long producerId, short epoch) {
        this.producerId = producerId;
        this.epoch = epoch;
    }

    static ProducerState of(ProducerSnapshot.ProducerEntry entry) {
        ProducerState state = new ProducerState(entry.producerId(), entry.epoch());
        state.coordinatorEpoch = entry.coordinatorEpoch();
        state.transactionFirstOffset = entry.currentTxnFirstOffset();
        state.lastTimestampMs = entry.timestamp();
        if (entry.lastOffset() >= 0) {
            int first = entry.lastSequence() - entry.offsetDelta();
            int firstSequence = first < 0 ? first + Integer.MAX_VALUE + 1 : first;
            state.batches.add(new Batch(
                    firstSequence, entry.lastSequence(), entry.lastOffset(), entry.offsetDelta(), entry.timestamp()));
        }
        return state;
    }

    long producerId() {
        return producerId;
    }

    ProducerSnapshot.ProducerEntry toSnapshot() {
        Batch last = batches.peekLast();
        return new ProducerSnapshot.ProducerEntry()
                .producerId(producerId)
                .epoch(epoch)
                .lastSequence(last == null ? RecordBatch.NO_SEQUENCE : last.lastSequence)
                .lastOffset(last == null ? -1 : last.lastOffset)
                .offsetDelta(last == null ? 0 : last.offsetDelta)
                .timestamp(lastTimestampMs)
                .coordinatorEpoch(coordinatorEpoch)
                .currentTxnFirstOffset(transactionFirstOffset);
    }

    short epoch() {
        return epoch;
    }

    ProducerSummary summary() {
        Batch last = batches.peekLast();
        return new ProducerSummary(
                producerId,
                epoch,
                last == null ? RecordBatch.NO_SEQUENCE : last.lastSequence,
                last == null ? -1 : last.lastOffset,
                lastTimestampMs,
                coordinatorEpoch,
                transactionFirstOffset);
    }

    long lastTimestampMs() {
        return lastTimestampMs;
    }

    /** The batch that this one repeats, or null. */
    @Nullable
    Batch duplicateOf(RecordBatch batch) {
        if (batch.producerEpoch() != epoch) {
            return null;
        }
        for (Batch kept : batches) {
            if (kept.firstSequence == batch.baseSequence() && kept.lastSequence == batch.lastSequence()) {
                return kept;
            }
        }
        return null;
    }

    /** Whether the batch may follow what is remembered; NONE if so. */
    ErrorCode check(RecordBatch batch) {
        if (batch.producerEpoch() < epoch) {
            return ErrorCode.INVALID_PRODUCER_EPOCH;
        }
        if (!follows(batch)) {
            return ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER;
        }
        return isInTransaction() && !batch.isTransactional() ? ErrorCode.INVALID_TXN_STATE : ErrorCode.NONE;
    }

    private boolean follows(RecordBatch batch) {
        int first = batch.baseSequence();
        if (batch.producerEpoch() != epoch) {
            return first == 0;
        }
        Batch last = batches.peekLast();
        int expected = last == null ? 0 : RecordBatch.addToSequence(last.lastSequence, 1);
        return first == expected;
    }

    /**
     * Whether a marker of that producer epoch may end what is open here. With transaction version 2 every marker raises
     * the epoch, so one of the same epoch is good only as a repetition, or at the end of all epochs.
     */
    ErrorCode checkMarker(short producerEpoch, EndMarker marker, boolean raisesEpoch) {
        boolean repeated = producerEpoch == epoch && (!isInTransaction() || producerEpoch == Short.MAX_VALUE);
        boolean fenced = raisesEpoch ? producerEpoch <= epoch && !repeated : producerEpoch < epoch;
        if (fenced) {
            return ErrorCode.INVALID_PRODUCER_EPOCH;
        }
        return marker.coordinatorEpoch() < coordinatorEpoch ? ErrorCode.TRANSACTION_COORDINATOR_FENCED : ErrorCode.NONE;
    }

    /** The offset of its last record, or -1. */
    long lastOffset() {
        Batch last = batches.peekLast();
        return last == null ? -1 : last.lastOffset;
    }

    boolean hasBatches() {
        return !batches.isEmpty();
    }

    boolean isInTransaction() {
        return transactionFirstOffset >= 0;
    }

    /** The first offset of the open transaction, or -1. */
    long transactionFirstOffset() {
        return transactionFirstOffset;
    }

    /** Takes in that a marker was appended; no transaction is open after that. */
    void ended(short producerEpoch, EndMarker marker, long timestampMs) {
        enterEpoch(producerEpoch);
        coordinatorEpoch = marker.coordinatorEpoch();
        transactionFirstOffset = -1;
        lastTimestampMs = timestampMs;
    }

    private void enterEpoch(short next) {
        if (next != epoch) {
            epoch = next;
            batches.clear();
        }
    }

    /** Takes a batch in that was appended. */
    void appended(RecordBatch batch) {
        enterEpoch(batch.producerEpoch());
        if (batch.isTransactional() && !isInTransaction()) {
            transactionFirstOffset = batch.baseOffset();
        }
        if (batches.size() == BATCHES_KEPT) {
            batches.removeFirst();
        }
        batches.add(new Batch(
                batch.baseSequence(),
                batch.lastSequence(),
                batch.lastOffset(),
                batch.lastOffsetDelta(),
                batch.maxTimestamp()));
        lastTimestampMs = batch.maxTimestamp();
    }
}

package io.gregor.log;

import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.ProducerSnapshot;
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
        int first = batch.baseSequence();
        if (batch.producerEpoch() != epoch) {
            return first == 0 ? ErrorCode.NONE : ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER;
        }
        Batch last = batches.peekLast();
        boolean follows = last == null || first == RecordBatch.addToSequence(last.lastSequence, 1);
        return follows ? ErrorCode.NONE : ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER;
    }

    /** Takes a batch in that was appended. */
    void appended(RecordBatch batch) {
        if (batch.producerEpoch() != epoch) {
            epoch = batch.producerEpoch();
            batches.clear();
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

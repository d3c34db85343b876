package io.gregor.broker.simulation;

import io.gregor.coordinator.runtime.TopicPartition;
import io.gregor.wire.record.BatchBuilder;
import io.gregor.wire.record.Compression;
import io.gregor.wire.record.Record;
import io.gregor.wire.record.RecordBatch;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a producer sends to one partition: a few batches at a time, in order, each as often as it takes. Confined to one
 * thread.
 */
final class PartitionWriter {
    private static final int IN_FLIGHT_MAX = 3;

    /** What is sent with one request. */
    record Batch(int sequence, List<String> values, Call call) {
        /** Made anew each time: a log writes its offset into it. */
        RecordBatch encoded(long producerId, short epoch, long nowMs) {
            BatchBuilder builder = new BatchBuilder(Compression.NONE)
                    .producer(producerId, epoch, sequence)
                    .transactional();
            values.forEach(value -> builder.add(Record.of(nowMs, null, StandardCharsets.UTF_8.encode(value))));
            return new RecordBatch(builder.build(), 0);
        }
    }

    private final TopicPartition partition;
    private final Deque<Batch> batches = new ArrayDeque<>();
    private int nextSequence;
    private int lastSent;
    private boolean isAdded;

    PartitionWriter(TopicPartition partition) {
        this.partition = partition;
    }

    TopicPartition partition() {
        return partition;
    }

    void add(List<String> values) {
        batches.add(new Batch(nextSequence, values, new Call()));
        nextSequence += values.size();
    }

    boolean isDone() {
        return batches.isEmpty();
    }

    boolean isAnyOpen() {
        return batches.stream().anyMatch(batch -> batch.call().isOpen());
    }

    boolean isFirst(Batch batch) {
        return batch.equals(batches.peek());
    }

    /** Whether one after it was sent, too, and may be stored while the partition has forgotten this one. */
    boolean isAnyAfter(Batch batch) {
        return lastSent > batch.sequence();
    }

    void sending(Batch batch) {
        lastSent = Math.max(lastSent, batch.sequence());
    }

    /** What can be sent now, if all before it is on its way. */
    @Nullable
    Batch next(long nowMs) {
        return batches.stream()
                .limit(IN_FLIGHT_MAX)
                .filter(batch -> !batch.call().isOpen())
                .findFirst()
                .filter(batch -> batch.call().isFree(nowMs))
                .orElse(null);
    }

    void acknowledged(Batch batch) {
        batches.remove(batch);
    }

    /** Whether the partition is known to be part of the transaction. */
    boolean isAdded() {
        return isAdded;
    }

    void added() {
        isAdded = true;
    }

    void disconnect() {
        batches.forEach(batch -> batch.call().giveUp());
    }

    /** The transaction is over, and what was not sent is dropped. */
    void end() {
        disconnect();
        batches.clear();
        isAdded = false;
    }

    /** The producer has another epoch. */
    void beginEpoch() {
        nextSequence = 0;
        lastSent = 0;
    }
}

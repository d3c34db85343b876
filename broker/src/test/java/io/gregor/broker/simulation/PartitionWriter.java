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

/**
 * What a producer sends to one partition: batch after batch, each as often as it takes. Confined to one thread.
 */
final class PartitionWriter {
    private final TopicPartition partition;
    private final Call call = new Call();
    private final Deque<List<String>> batches = new ArrayDeque<>();
    private int sequence;
    private boolean isAdded;

    PartitionWriter(TopicPartition partition) {
        this.partition = partition;
    }

    TopicPartition partition() {
        return partition;
    }

    Call call() {
        return call;
    }

    void add(List<String> values) {
        batches.add(values);
    }

    boolean isDone() {
        return batches.isEmpty();
    }

    /** Whether the partition is known to be part of the transaction. */
    boolean isAdded() {
        return isAdded;
    }

    void added() {
        isAdded = true;
    }

    /** The next batch, made anew each time: a log writes its offset into it. */
    RecordBatch next(long producerId, short epoch, long nowMs) {
        BatchBuilder builder = new BatchBuilder(Compression.NONE)
                .producer(producerId, epoch, sequence)
                .transactional();
        batches.getFirst().forEach(value -> builder.add(Record.of(nowMs, null, StandardCharsets.UTF_8.encode(value))));
        return new RecordBatch(builder.build(), 0);
    }

    /** The next batch is stored. */
    List<String> acknowledged() {
        sequence += batches.getFirst().size();
        return batches.removeFirst();
    }

    /** The transaction is over, and what was not sent is dropped. */
    void end() {
        batches.clear();
        call.giveUp();
        isAdded = false;
    }

    /** The producer has another epoch. */
    void beginEpoch() {
        sequence = 0;
    }
}

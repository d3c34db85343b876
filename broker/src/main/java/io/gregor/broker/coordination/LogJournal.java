package io.gregor.broker.coordination;

import io.gregor.broker.replica.AppendCallback;
import io.gregor.broker.replica.Durability;
import io.gregor.broker.replica.Partition;
import io.gregor.coordinator.runtime.CoordinatorRecord;
import io.gregor.coordinator.runtime.CoordinatorRecord.Encoded;
import io.gregor.coordinator.runtime.Journal;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.record.BatchBuilder;
import io.gregor.wire.record.Compression;
import io.gregor.wire.record.Record;
import io.gregor.wire.record.RecordBatch;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Appends a shard's records to its partition. Confined to the partition's lane. */
record LogJournal(Partition partition, InstantSource clock) implements Journal {
    private static final long NO_OFFSET = -1;

    @Override
    public void append(
            List<CoordinatorRecord> records, @Nullable Producer producer, Runnable accepted, Consumer<Appended> done) {
        int bytesMax = partition.config().rules().maxMessageBytes();
        List<Encoded> encoded = CoordinatorRecord.encoded(records, bytesMax);
        RecordBatch batch = encoded == null ? null : batch(encoded, producer);
        if (batch == null || batch.sizeInBytes() > bytesMax) {
            done.accept(new Appended(ErrorCode.UNKNOWN_SERVER_ERROR, NO_OFFSET));
        } else {
            partition.append(batch, Durability.COMMITTED, new Answer(accepted, done));
        }
    }

    private RecordBatch batch(List<Encoded> records, @Nullable Producer producer) {
        BatchBuilder builder = new BatchBuilder(Compression.NONE);
        if (producer != null) {
            builder.producer(producer.id(), producer.epoch(), RecordBatch.NO_SEQUENCE)
                    .transactional();
        }
        long now = clock.millis();
        records.forEach(record -> builder.add(Record.of(now, record.key(), record.value())));
        return new RecordBatch(builder.build(), 0);
    }

    /** Passes on to the shard what became of its records. */
    private static final class Answer implements AppendCallback {
        private final Runnable accepted;
        private final Consumer<Appended> done;
        private long baseOffset = NO_OFFSET;

        Answer(Runnable accepted, Consumer<Appended> done) {
            this.accepted = accepted;
            this.done = done;
        }

        @Override
        public void placed(long offset, long appendTimeMs) {
            baseOffset = offset;
            accepted.run();
        }

        @Override
        public void completed(ErrorCode error) {
            done.accept(new Appended(ofShard(error), error == ErrorCode.NONE ? baseOffset : NO_OFFSET));
        }

        private static ErrorCode ofShard(ErrorCode error) {
            return switch (error) {
                case UNKNOWN_TOPIC_OR_PARTITION -> ErrorCode.NOT_COORDINATOR;
                case KAFKA_STORAGE_ERROR -> ErrorCode.COORDINATOR_NOT_AVAILABLE;
                default -> error;
            };
        }
    }
}

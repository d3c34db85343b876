package io.gregor.broker.coordinator;

import io.gregor.broker.partition.Partition;
import io.gregor.coordinator.CoordinatorRecord;
import io.gregor.coordinator.Journal;
import io.gregor.log.PartitionLog;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.record.BatchBuilder;
import io.gregor.wire.record.Compression;
import io.gregor.wire.record.Record;
import io.gregor.wire.record.RecordBatch;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Appends a shard's records to the log of its partition. Confined to the partition's lane. */
record LogJournal(Partition partition, InstantSource clock) implements Journal {
    private static final Logger LOG = LoggerFactory.getLogger(LogJournal.class);

    @Override
    public void append(List<CoordinatorRecord> records, @Nullable Producer producer, Consumer<Appended> done) {
        partition.lane().assertCurrent();
        done.accept(append(records, producer));
    }

    private Appended append(List<CoordinatorRecord> records, @Nullable Producer producer) {
        if (partition.isDeleted()) {
            return refused(ErrorCode.NOT_COORDINATOR);
        }
        BatchBuilder builder = new BatchBuilder(Compression.NONE);
        if (producer != null) {
            builder.producer(producer.id(), producer.epoch(), RecordBatch.NO_SEQUENCE)
                    .transactional();
        }
        long now = clock.millis();
        records.forEach(record -> builder.add(Record.of(now, record.encodedKey(), record.encodedValue())));
        RecordBatch batch = new RecordBatch(builder.build(), 0);
        if (batch.sizeInBytes() > partition.config().rules().maxMessageBytes()) {
            return refused(ErrorCode.UNKNOWN_SERVER_ERROR);
        }
        PartitionLog.Appended appended;
        try {
            appended = partition.log().append(batch, partition.leaderEpoch());
        } catch (IOException e) {
            LOG.error("Appending to {} failed", partition, e);
            return refused(ErrorCode.COORDINATOR_NOT_AVAILABLE);
        }
        if (appended instanceof PartitionLog.Appended.Stored stored) {
            partition.wakeWaiters();
            return new Appended(ErrorCode.NONE, stored.baseOffset());
        }
        return refused(
                appended instanceof PartitionLog.Appended.Refused refusal
                        ? refusal.error()
                        : ErrorCode.UNKNOWN_SERVER_ERROR);
    }

    private static Appended refused(ErrorCode error) {
        return new Appended(error, -1);
    }
}

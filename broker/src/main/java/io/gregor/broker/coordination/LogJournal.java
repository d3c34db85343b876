package io.gregor.broker.coordination;

import io.gregor.broker.replica.Partition;
import io.gregor.coordinator.runtime.CoordinatorRecord;
import io.gregor.coordinator.runtime.CoordinatorRecord.Encoded;
import io.gregor.coordinator.runtime.Journal;
import io.gregor.log.AppendResult;
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
    public void append(
            List<CoordinatorRecord> records, @Nullable Producer producer, Runnable accepted, Consumer<Appended> done) {
        partition.lane().assertCurrent();
        if (partition.isDeleted()) {
            done.accept(refused(ErrorCode.NOT_COORDINATOR));
            return;
        }
        int bytesMax = partition.config().rules().maxMessageBytes();
        List<Encoded> encoded = CoordinatorRecord.encoded(records, bytesMax);
        RecordBatch batch = encoded == null ? null : batch(encoded, producer);
        if (batch == null || batch.sizeInBytes() > bytesMax) {
            done.accept(refused(ErrorCode.UNKNOWN_SERVER_ERROR));
            return;
        }
        AppendResult appended;
        try {
            appended = partition.log().append(batch, partition.leaderEpoch());
        } catch (IOException e) {
            LOG.error("Appending to {} failed", partition, e);
            done.accept(refused(ErrorCode.COORDINATOR_NOT_AVAILABLE));
            return;
        }
        if (appended instanceof AppendResult.Stored stored) {
            accepted.run();
            settle(stored, done);
        } else {
            boolean known = appended instanceof AppendResult.Refused;
            ErrorCode error = known ? ((AppendResult.Refused) appended).error() : ErrorCode.UNKNOWN_SERVER_ERROR;
            done.accept(refused(error));
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

    private void settle(AppendResult.Stored stored, Consumer<Appended> done) {
        partition.wakeWaiters();
        Appended result = new Appended(ErrorCode.NONE, stored.baseOffset());
        if (stored.awaitsFlush()) {
            partition.whenFlushed(
                    worked -> done.accept(worked ? result : refused(ErrorCode.COORDINATOR_NOT_AVAILABLE)));
        } else {
            done.accept(result);
        }
    }

    private static Appended refused(ErrorCode error) {
        return new Appended(error, -1);
    }
}

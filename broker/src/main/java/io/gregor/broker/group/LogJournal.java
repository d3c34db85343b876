package io.gregor.broker.group;

import io.gregor.broker.partition.Partition;
import io.gregor.coordinator.CoordinatorRecord;
import io.gregor.coordinator.Journal;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.record.BatchBuilder;
import io.gregor.wire.record.Compression;
import io.gregor.wire.record.Record;
import io.gregor.wire.record.RecordBatch;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Appends a shard's records to the log of its partition. Confined to the partition's lane. */
record LogJournal(Partition partition, InstantSource clock) implements Journal {
    private static final Logger LOG = LoggerFactory.getLogger(LogJournal.class);

    @Override
    public void append(List<CoordinatorRecord> records, Consumer<ErrorCode> stored) {
        partition.lane().assertCurrent();
        stored.accept(append(records));
    }

    private ErrorCode append(List<CoordinatorRecord> records) {
        if (partition.isDeleted()) {
            return ErrorCode.NOT_COORDINATOR;
        }
        BatchBuilder builder = new BatchBuilder(Compression.NONE);
        long now = clock.millis();
        records.forEach(record -> builder.add(Record.of(now, record.encodedKey(), record.encodedValue())));
        RecordBatch batch = new RecordBatch(builder.build(), 0);
        if (batch.sizeInBytes() > partition.config().rules().maxMessageBytes()) {
            return ErrorCode.UNKNOWN_SERVER_ERROR;
        }
        try {
            partition.log().append(batch, partition.leaderEpoch());
        } catch (IOException e) {
            LOG.error("Appending to {} failed", partition, e);
            return ErrorCode.COORDINATOR_NOT_AVAILABLE;
        }
        partition.wakeWaiters();
        return ErrorCode.NONE;
    }
}

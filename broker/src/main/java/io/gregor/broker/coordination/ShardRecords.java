package io.gregor.broker.coordination;

import io.gregor.broker.lane.Lane;
import io.gregor.broker.replica.Partition;
import io.gregor.coordinator.runtime.Shard;
import io.gregor.log.LogView;
import io.gregor.log.segment.StoredBatch;
import io.gregor.wire.record.EndMarker;
import io.gregor.wire.record.RecordBatch;
import java.io.IOException;

/** The records of a coordinator's partition. Immutable; read on any thread. */
record ShardRecords(Partition partition) implements ShardHandle.Source {
    @Override
    public Lane lane() {
        return partition.lane();
    }

    @Override
    public boolean isDeleted() {
        return partition.isDeleted();
    }

    @Override
    public boolean isEmpty() {
        return partition.view().endOffset() == 0;
    }

    @Override
    public void replay(Shard shard, Runnable afterBatch) throws IOException {
        LogView view = partition.view();
        view.forEachBatch(view.startOffset(), batch -> {
            apply(batch, shard);
            afterBatch.run();
        });
    }

    private static void apply(StoredBatch batch, Shard shard) throws IOException {
        RecordBatch header = batch.header();
        if (header.isControl()) {
            if (!header.isEmpty()) {
                shard.endTransaction(
                        header.producerId(), EndMarker.of(batch.whole()).commit());
            }
            return;
        }
        long producerId = header.isTransactional() ? header.producerId() : -1;
        batch.forEachRecord(record -> {
            if (record.key() != null) {
                shard.apply(new Shard.Stored(record.offset(), producerId, record.key(), record.value()));
            }
        });
    }

    @Override
    public String toString() {
        return partition.toString();
    }
}

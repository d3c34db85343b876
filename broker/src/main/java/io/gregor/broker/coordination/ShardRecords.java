package io.gregor.broker.coordination;

import io.gregor.broker.lane.Lane;
import io.gregor.broker.replica.Partition;
import io.gregor.coordinator.runtime.Shard;
import io.gregor.log.LogView;
import io.gregor.log.disk.CorruptLogException;
import io.gregor.log.segment.StoredBatch;
import io.gregor.wire.MalformedMessageException;
import io.gregor.wire.record.EndMarker;
import io.gregor.wire.record.Record;
import io.gregor.wire.record.RecordBatch;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The records of a coordinator's partition. Immutable; read on any thread. What is damaged, or cannot be applied, is
 * lost alone, with a line in the log: Apache Kafka gives up the whole partition of groups, or all transactional ids
 * behind the damage.
 */
record ShardRecords(Partition partition) implements ShardHandle.Source {
    private static final Logger LOG = LoggerFactory.getLogger(ShardRecords.class);

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
        Replay replay = new Replay(partition, shard);
        view.forEachSoundBatch(
                view.startOffset(),
                batch -> {
                    replay.apply(batch);
                    afterBatch.run();
                },
                damage -> replay.lost(damage, null));
        replay.end();
    }

    /** Applies batches to a shard, and says what is lost. Confined to the thread that loads the shard. */
    private static final class Replay {
        /** Of a partition of which much cannot be read. */
        private static final int LINES_MAX = 20;

        private final Partition partition;
        private final Shard shard;
        private long lost;

        Replay(Partition partition, Shard shard) {
            this.partition = partition;
            this.shard = shard;
        }

        void apply(StoredBatch batch) throws IOException {
            RecordBatch header = batch.header();
            long producerId = header.isTransactional() ? header.producerId() : -1;
            try {
                if (!header.isControl()) {
                    batch.forEachRecord(record -> apply(record, producerId, batch));
                } else if (!header.isEmpty()) {
                    shard.endTransaction(
                            header.producerId(), EndMarker.of(batch.whole()).commit());
                }
            } catch (CorruptLogException e) {
                lost(e, null);
            } catch (RuntimeException e) {
                lost(batch.damaged(String.valueOf(e.getMessage())), faultIn(e));
            }
        }

        private void apply(Record record, long producerId, StoredBatch batch) {
            if (record.key() == null) {
                return;
            }
            try {
                shard.apply(new Shard.Stored(record.offset(), producerId, record.key(), record.value()));
            } catch (RuntimeException e) {
                String what = "the record at offset " + record.offset() + " cannot be applied: " + e.getMessage();
                lost(batch.damaged(what), faultIn(e));
            }
        }

        private static @Nullable RuntimeException faultIn(RuntimeException e) {
            return e instanceof MalformedMessageException ? null : e;
        }

        /** @param fault if it is not only the record that may be wrong */
        void lost(CorruptLogException damage, @Nullable RuntimeException fault) {
            lost++;
            if (lost <= LINES_MAX) {
                LOG.error("{} goes on without what is lost there: {}", partition, damage.getMessage(), fault);
            }
        }

        void end() {
            if (lost > LINES_MAX) {
                LOG.error("{} goes on without {} more that are lost", partition, lost - LINES_MAX);
            }
        }
    }

    @Override
    public String toString() {
        return partition.toString();
    }
}

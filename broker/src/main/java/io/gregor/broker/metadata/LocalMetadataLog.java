package io.gregor.broker.metadata;

import io.gregor.controller.ImageChange;
import io.gregor.controller.MetadataImage;
import io.gregor.controller.MetadataLog;
import io.gregor.controller.MetadataRecords;
import io.gregor.log.MetadataSnapshot;
import io.gregor.log.PartitionLog;
import io.gregor.wire.Message;
import io.gregor.wire.MessageSink;
import io.gregor.wire.message.LeaderChangeMessage;
import io.gregor.wire.record.BatchBuilder;
import io.gregor.wire.record.Compression;
import io.gregor.wire.record.Record;
import io.gregor.wire.record.RecordBatch;
import io.gregor.wire.record.RecordCursor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.List;

/**
 * The metadata of a cluster of one node: {@code __cluster_metadata-0} in the first log folder, as KRaft writes it for
 * a quorum of one voter. Confined to the controller's thread, but for where it stands. Every append is on the disk
 * before it returns.
 */
final class LocalMetadataLog implements MetadataLog {
    private static final short LEADER_CHANGE = 2;
    private static final short VERSION = 0;

    private final PartitionLog log;
    private final InstantSource clock;
    private volatile int epoch;

    LocalMetadataLog(PartitionLog log, InstantSource clock) {
        this.log = log;
        this.clock = clock;
    }

    int epoch() {
        return epoch;
    }

    long endOffset() {
        return log.view().endOffset();
    }

    /** Applies all that is stored: the newest snapshot, and the log behind it. */
    MetadataImage load() throws IOException {
        ImageChange change = new ImageChange(MetadataImage.EMPTY);
        long from = MetadataSnapshot.read(log, batch -> apply(batch, change));
        log.view().forEachBatch(from, batch -> apply(batch, change));
        return change.image();
    }

    private static void apply(RecordBatch batch, ImageChange change) {
        if (!batch.isControl()) {
            RecordCursor.forEach(batch, record -> {
                if (record.value() != null) {
                    change.apply(MetadataRecords.decode(record.value()));
                }
            });
        }
    }

    /** Begins an epoch with this node as the leader: later than all that is in the log, or was ever voted for. */
    void lead(int nodeId) throws IOException {
        epoch = QuorumState.nextEpoch(log.folder(), nodeId, log.epochs().latest());
        ByteBuffer key =
                ByteBuffer.allocate(4).putShort(VERSION).putShort(LEADER_CHANGE).flip();
        MessageSink value = new MessageSink(64);
        List<LeaderChangeMessage.Voter> voters = List.of(new LeaderChangeMessage.Voter().voterId(nodeId));
        new LeaderChangeMessage()
                .leaderId(nodeId)
                .voters(voters)
                .grantingVoters(voters)
                .write(value, VERSION);
        store(new BatchBuilder(Compression.NONE).control().add(Record.of(clock.millis(), key, value.toBuffer())));
    }

    @Override
    public void append(List<? extends Message> records) throws IOException {
        BatchBuilder batch = new BatchBuilder(Compression.NONE);
        long now = clock.millis();
        records.forEach(record -> batch.add(Record.of(now, null, MetadataRecords.encode(record))));
        store(batch);
    }

    private void store(BatchBuilder batch) throws IOException {
        log.append(new RecordBatch(batch.build(), 0), epoch);
        log.flush();
    }
}

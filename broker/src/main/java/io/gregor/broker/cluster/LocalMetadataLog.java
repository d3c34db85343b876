package io.gregor.broker.cluster;

import io.gregor.broker.config.BrokerConfig;
import io.gregor.controller.ImageChange;
import io.gregor.controller.ImageRecords;
import io.gregor.controller.MetadataImage;
import io.gregor.controller.MetadataRecords;
import io.gregor.log.MetadataSnapshot;
import io.gregor.log.PartitionLog;
import io.gregor.log.disk.CorruptLogException;
import io.gregor.log.segment.StoredBatch;
import io.gregor.wire.Message;
import io.gregor.wire.MessageSink;
import io.gregor.wire.message.LeaderChangeMessage;
import io.gregor.wire.record.BatchBuilder;
import io.gregor.wire.record.Compression;
import io.gregor.wire.record.Record;
import io.gregor.wire.record.RecordBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The metadata of a cluster of one node: {@code __cluster_metadata-0} in the first log directory, as KRaft writes it
 * for a quorum of one voter. Confined to the controller's thread, but for where it stands. Every append is on the disk
 * before it returns.
 */
public final class LocalMetadataLog implements MetadataLog {
    private static final short LEADER_CHANGE = 2;
    private static final short VERSION = 0;

    private final PartitionLog log;
    private final InstantSource clock;
    private final SnapshotRules snapshots;
    private volatile int epoch;
    /** In no snapshot. */
    private long bytesSince;

    private long snapshotMs;

    /**
     * When a snapshot is written, if anything is in none.
     *
     * @param bytes when so many are not
     * @param ms so long after the last one; 0 for never
     */
    public record SnapshotRules(long bytes, long ms) {
        public static SnapshotRules of(BrokerConfig config) {
            return new SnapshotRules(
                    config.number("metadata.log.max.record.bytes.between.snapshots"),
                    config.number("metadata.log.max.snapshot.interval.ms"));
        }
    }

    public LocalMetadataLog(PartitionLog log, InstantSource clock, SnapshotRules snapshots) {
        this.log = log;
        this.clock = clock;
        this.snapshots = snapshots;
        snapshotMs = clock.millis();
    }

    int epoch() {
        return epoch;
    }

    long endOffset() {
        return log.view().endOffset();
    }

    /**
     * Applies all that is stored: the newest snapshot, and the log behind it.
     *
     * @throws CorruptLogException if anything of it is damaged: half of the metadata is not the cluster's
     */
    MetadataImage load() throws IOException {
        // One element, which is made anew if a snapshot proves to be damaged.
        ImageChange[] restored = {new ImageChange(MetadataImage.EMPTY)};
        long from = MetadataSnapshot.read(
                log, batch -> apply(batch, restored[0]), () -> restored[0] = new ImageChange(MetadataImage.EMPTY));
        ImageChange change = restored[0];
        log.view().forEachBatch(from, batch -> {
            bytesSince += batch.sizeInBytes();
            apply(batch, change);
        });
        return change.image();
    }

    private static void apply(StoredBatch batch, ImageChange change) throws IOException {
        if (!batch.header().isControl()) {
            batch.forEachRecord(record -> {
                if (record.value() != null) {
                    change.applyStored(record.value());
                }
            });
        }
    }

    /** The records that {@code kafka-storage format} has left for the first start, if it was used. */
    List<ByteBuffer> formatted() throws IOException {
        List<ByteBuffer> records = new ArrayList<>();
        MetadataSnapshot.readBootstrap(log, batch -> {
            if (!batch.header().isControl()) {
                batch.forEachRecord(record -> {
                    if (record.value() != null) {
                        records.add(record.value());
                    }
                });
            }
        });
        return records;
    }

    /** Begins an epoch with this node as the leader: later than all that is in the log, or was ever voted for. */
    void lead(int nodeId) throws IOException {
        epoch = QuorumState.nextEpoch(
                log.fileBeside(QuorumState.NAME), nodeId, log.epochs().latest());
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

    /** Committed at once: the only voter is this node. */
    @Override
    public CompletionStage<Long> append(List<? extends Message> records) {
        try {
            store(records);
            return CompletableFuture.completedStage(endOffset());
        } catch (IOException e) {
            return CompletableFuture.failedStage(e);
        }
    }

    /** Appends the records, if there are any. */
    void store(List<? extends Message> records) throws IOException {
        appendStored(records.stream().map(MetadataRecords::encode).toList());
    }

    /** As above, records as they are stored. */
    void appendStored(List<ByteBuffer> records) throws IOException {
        if (!records.isEmpty()) {
            BatchBuilder batch = new BatchBuilder(Compression.NONE);
            long now = clock.millis();
            records.forEach(record -> batch.add(Record.of(now, null, record)));
            store(batch);
        }
    }

    /** What fails for a reason that may pass fails before the append: what is appended must not be refused. */
    private void store(BatchBuilder builder) throws IOException {
        RecordBatch batch = new RecordBatch(builder.build(), 0);
        log.makeReadyFor(batch);
        log.append(batch, epoch);
        log.flush();
        bytesSince += batch.sizeInBytes();
    }

    /** Writes a snapshot if it is time for one. */
    void snapshotIfDue(MetadataImage image) throws IOException {
        long now = clock.millis();
        boolean old = snapshots.ms() > 0 && now - snapshotMs >= snapshots.ms();
        if (bytesSince >= snapshots.bytes() || bytesSince > 0 && old) {
            MetadataSnapshot.write(log, epoch, now, ImageRecords.of(image).iterator());
            bytesSince = 0;
            snapshotMs = now;
        }
    }
}

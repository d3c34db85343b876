package io.gregor.broker.metadata;

import io.gregor.controller.ImageChange;
import io.gregor.controller.MetadataImage;
import io.gregor.controller.MetadataLog;
import io.gregor.controller.MetadataRecords;
import io.gregor.log.PartitionLog;
import io.gregor.wire.Message;
import io.gregor.wire.record.BatchBuilder;
import io.gregor.wire.record.Compression;
import io.gregor.wire.record.Record;
import io.gregor.wire.record.RecordBatch;
import io.gregor.wire.record.RecordCursor;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;

/**
 * The metadata of a cluster of one node: {@code __cluster_metadata-0} in the first log folder. Confined to the
 * controller's thread. Every append is on the disk before it returns.
 */
final class LocalMetadataLog implements MetadataLog {
    private static final int EPOCH = 1;

    private final PartitionLog log;
    private final InstantSource clock;

    LocalMetadataLog(PartitionLog log, InstantSource clock) {
        this.log = log;
        this.clock = clock;
    }

    /** Applies all that is stored. */
    MetadataImage load() throws IOException {
        ImageChange change = new ImageChange(MetadataImage.EMPTY);
        log.view().forEachBatch(log.view().startOffset(), batch -> {
            if (!batch.isControl()) {
                RecordCursor.forEach(batch, record -> {
                    if (record.value() != null) {
                        change.apply(MetadataRecords.decode(record.value()));
                    }
                });
            }
        });
        return change.image();
    }

    @Override
    public void append(List<? extends Message> records) throws IOException {
        BatchBuilder batch = new BatchBuilder(Compression.NONE);
        long now = clock.millis();
        records.forEach(record -> batch.add(Record.of(now, null, MetadataRecords.encode(record))));
        log.append(new RecordBatch(batch.build(), 0), EPOCH);
        log.flush();
    }
}

package io.gregor.broker.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.broker.config.BrokerConfig;
import io.gregor.broker.replica.OnePartition;
import io.gregor.broker.replica.QueueLane;
import io.gregor.wire.record.BatchBuilder;
import io.gregor.wire.record.Compression;
import io.gregor.wire.record.Record;
import io.gregor.wire.record.RecordBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CleanerTest {
    private static final int RECORDS = 40;

    @TempDir
    Path root;

    private final DiskOperations operations = new DiskOperations();
    private long nowMs = 1_700_000_000_000L;

    @Test
    void whatCouldNotBeCompactedIsTriedAgain() throws IOException {
        Map<String, String> compacted =
                Map.of("cleanup.policy", "compact", "segment.bytes", "1048576", "min.cleanable.dirty.ratio", "0.01");
        InstantSource clock = () -> Instant.ofEpochMilli(nowMs);
        OnePartition t = new OnePartition(operations.disk(), root, new QueueLane(), clock, compacted);
        for (int i = 0; i < RECORDS; i++) {
            BatchBuilder batch = new BatchBuilder(Compression.NONE);
            batch.add(Record.of(nowMs, ByteBuffer.wrap(new byte[] {1}), ByteBuffer.allocate(100_000)));
            t.partition().log().append(new RecordBatch(batch.build(), 0), 0);
        }
        Mover mover = new Mover(List.of(), Runnable::run);
        Cleaner cleaner = new Cleaner(BrokerConfig.of(Map.of()), t.partitions(), mover, clock);
        long before = t.partition().view().sizeInBytes();
        operations.refuse(".cleaned");
        cleaner.compact();
        operations.refuse("nothing");
        cleaner.compact();
        assertThat(t.partition().view().sizeInBytes()).isEqualTo(before);
        nowMs += 2000;
        cleaner.compact();
        assertThat(t.partition().view().sizeInBytes()).isLessThan(before / 2);
    }
}

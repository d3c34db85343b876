package io.gregor.broker.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.broker.lane.ManualLane;
import io.gregor.log.disk.RealDisk;
import io.gregor.wire.record.BatchBuilder;
import io.gregor.wire.record.Compression;
import io.gregor.wire.record.Record;
import io.gregor.wire.record.RecordBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PartitionTest {
    @TempDir
    Path root;

    /** A move that ends meanwhile replaces the log: the one that is there then has to get the new configuration. */
    @Test
    void theLogGetsItsConfigurationOnTheLane() throws IOException {
        ManualLane lane = new ManualLane();
        OnePartition t = new OnePartition(new RealDisk(), root, lane, InstantSource.system(), Map.of());
        lane.hold();
        t.configure(Map.of("segment.bytes", "1048600"));
        assertThat(t.partition().config().log().rolling().bytes()).isEqualTo(1_048_600);
        assertThat(t.partition().log().config().rolling().bytes()).isEqualTo(1 << 30);
        lane.release();
        assertThat(t.partition().log().config().rolling().bytes()).isEqualTo(1_048_600);
    }

    /** Nobody waits for it; but a stop has to flush what is left, and takes as long as the disk for that. */
    @Test
    void muchIsFlushedInTheBackgroundOnceTheBrokerIsQuiet() throws IOException {
        ManualLane lane = new ManualLane();
        OnePartition t = new OnePartition(new RealDisk(), root, lane, InstantSource.system(), Map.of());
        PeriodicFlush flush = new PeriodicFlush(t.partitions(), InstantSource.system(), 100);
        append(t, 100);
        assertThat(flushedEndAfter(flush, t)).as("it is too little").isZero();
        append(t, Partition.FLUSHED_WHEN_QUIET_BYTES);
        append(t, PeriodicFlush.QUIET_BYTES / 10);
        assertThat(flushedEndAfter(flush, t)).as("too much has come").isZero();
        append(t, 100);
        assertThat(flushedEndAfter(flush, t)).isEqualTo(4);
        assertThat(t.partition().mayHaveFlushDue(true)).isFalse();
    }

    private static void append(OnePartition t, int bytes) {
        BatchBuilder batch = new BatchBuilder(Compression.NONE).add(Record.of(7, null, ByteBuffer.allocate(bytes)));
        t.partition().append(new RecordBatch(batch.build(), 0), Durability.COMMITTED, error -> {});
    }

    private static long flushedEndAfter(PeriodicFlush flush, OnePartition t) {
        flush.run();
        t.runBackground();
        return t.partition().log().flushedEnd();
    }
}

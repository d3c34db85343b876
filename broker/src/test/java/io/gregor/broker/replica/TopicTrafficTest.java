package io.gregor.broker.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.broker.lane.ManualLane;
import io.gregor.broker.replica.TopicTraffic.Kind;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.record.BatchBuilder;
import io.gregor.wire.record.Compression;
import io.gregor.wire.record.EndMarker;
import io.gregor.wire.record.Record;
import io.gregor.wire.record.RecordBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is counted of a topic's appends, as Apache Kafka's ReplicaManager does. */
class TopicTrafficTest {
    private static final AppendCallback IGNORED = error -> {};

    @TempDir
    Path root;

    private final FailingDisk disk = new FailingDisk();

    private OnePartition partition() throws IOException {
        return new OnePartition(disk.disk(), root, new ManualLane(), InstantSource.system(), Map.of());
    }

    private static RecordBatch batch(int sequence) {
        BatchBuilder batch = new BatchBuilder(Compression.NONE).producer(1, (short) 0, sequence);
        batch.add(Record.of(7, null, ByteBuffer.allocate(10)));
        batch.add(Record.of(7, null, ByteBuffer.allocate(10)));
        return new RecordBatch(batch.build(), 0);
    }

    private static Map<Kind, Long> counted(TopicTraffic traffic) {
        Map<Kind, Long> counted = new EnumMap<>(Kind.class);
        for (Kind kind : Kind.values()) {
            if (traffic.count(kind) > 0) {
                counted.put(kind, traffic.count(kind));
            }
        }
        return counted;
    }

    @Test
    void appendsAreCountedByWhatBecameOfThem() throws IOException {
        OnePartition t = partition();
        t.partition().append(batch(0), Durability.COMMITTED, IGNORED);
        t.partition().append(batch(0), Durability.COMMITTED, IGNORED);
        t.partition().append(batch(9), Durability.COMMITTED, IGNORED);
        disk.failWrites(FailingDisk.Failure.DISK);
        t.partition().append(batch(2), Durability.COMMITTED, IGNORED);
        disk.failWrites(FailingDisk.Failure.UNEXPECTED);
        t.partition().append(batch(2), Durability.COMMITTED, IGNORED);

        TopicTraffic traffic = t.traffic().topics().iterator().next();
        assertThat(traffic.topic()).isEqualTo("t");
        assertThat(counted(traffic))
                .isEqualTo(Map.of(
                        Kind.TOTALPRODUCEREQUESTS,
                        5L,
                        Kind.MESSAGESIN,
                        4L,
                        Kind.BYTESIN,
                        2L * batch(0).sizeInBytes(),
                        Kind.FAILEDPRODUCEREQUESTS,
                        2L));
        assertThat(counted(t.traffic().all())).isEqualTo(counted(traffic));
    }

    @Test
    void aMarkerIsCountedWithItsSize() throws IOException {
        OnePartition t = partition();
        EndMarker marker = new EndMarker(true, 0);
        t.partition().appendMarker(1, (short) 0, marker, false, Durability.COMMITTED, IGNORED);

        assertThat(counted(t.traffic().all()))
                .isEqualTo(Map.of(Kind.TOTALPRODUCEREQUESTS, 1L, Kind.MESSAGESIN, 1L, Kind.BYTESIN, (long)
                        marker.toBatch(1, (short) 0, 7).sizeInBytes()));
    }

    @Test
    void aBatchThatIsTooLargeIsNoFailure() throws IOException {
        OnePartition t = partition();
        t.traffic().topics().iterator().next().refused(ErrorCode.MESSAGE_TOO_LARGE, 100);

        assertThat(counted(t.traffic().all()))
                .isEqualTo(Map.of(Kind.TOTALPRODUCEREQUESTS, 1L, Kind.BYTESREJECTED, 100L));
    }

    @Test
    void whatATopicHadStaysInTheSumWhenItIsDeleted() throws IOException {
        OnePartition t = partition();
        t.partition().append(batch(0), Durability.COMMITTED, IGNORED);
        t.delete();

        assertThat(t.traffic().topics()).isEmpty();
        assertThat(t.traffic().all().count(Kind.MESSAGESIN)).isEqualTo(2);
    }
}

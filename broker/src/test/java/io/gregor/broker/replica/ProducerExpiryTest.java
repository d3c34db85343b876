package io.gregor.broker.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.broker.lane.ManualLane;
import io.gregor.log.disk.RealDisk;
import io.gregor.log.producer.ProducerSummary;
import io.gregor.testsupport.ManualTime;
import io.gregor.wire.ByteBudget;
import io.gregor.wire.record.BatchBuilder;
import io.gregor.wire.record.Compression;
import io.gregor.wire.record.Record;
import io.gregor.wire.record.RecordBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProducerExpiryTest {
    private static final int LIMIT = 800;
    private static final int NEARLY_FULL = 701;
    private static final long HOUR_MS = 3_600_000;

    @TempDir
    Path root;

    private final ManualTime time = new ManualTime();
    private final ManualLane lane = new ManualLane(time);
    private final ByteBudget memory = new ByteBudget("producers", LIMIT);
    private OnePartition partition;
    private ProducerExpiry expiry;

    @BeforeEach
    void start() throws IOException {
        partition = new OnePartition(new RealDisk(), root, lane, time, Map.of());
        expiry = new ProducerExpiry(partition.partitions(), time, memory);
    }

    private void wrote(long producerId, long agoMs) {
        ByteBuffer batch = new BatchBuilder(Compression.NONE)
                .producer(producerId, (short) 0, 0)
                .add(Record.of(time.millis() - agoMs, null, ByteBuffer.allocate(1)))
                .build();
        partition.partition().log().producers().appended(new RecordBatch(batch, 0));
    }

    private List<Long> remembered() {
        return partition.partition().log().producers().summaries().stream()
                .map(ProducerSummary::producerId)
                .sorted()
                .toList();
    }

    @Test
    void forgetsOnThePartitionsLaneWhoHasNotWrittenForSoLong() {
        wrote(1, HOUR_MS + 1);
        wrote(2, HOUR_MS);
        lane.hold();
        expiry.expire(HOUR_MS);
        assertThat(remembered()).containsExactly(1L, 2L);
        lane.release();
        assertThat(remembered()).containsExactly(2L);
    }

    @Test
    void forgetsNobodyBeforeItsTimeWhereThereIsRoom() {
        wrote(1, 30 * HOUR_MS);
        memory.force(NEARLY_FULL - 1);
        expiry.expireIfMany();
        assertThat(remembered()).containsExactly(1L);
    }

    @Test
    void forgetsSoonerEachTimeAsLongAsTheMemoryIsNearlyFullButNeverWhoHasJustWritten() {
        wrote(1, 25 * HOUR_MS);
        wrote(2, 13 * HOUR_MS);
        wrote(3, 11_000);
        wrote(4, 9_000);
        memory.force(NEARLY_FULL);
        expiry.expireIfMany();
        assertThat(remembered()).containsExactly(2L, 3L, 4L);
        expiry.expireIfMany();
        assertThat(remembered()).containsExactly(3L, 4L);
        for (int i = 0; i < 20; i++) {
            expiry.expireIfMany();
        }
        assertThat(remembered()).containsExactly(4L);
    }

    @Test
    void beginsWithADayAgainOnceThereWasRoom() {
        memory.force(NEARLY_FULL);
        for (int i = 0; i < 20; i++) {
            expiry.expireIfMany();
        }
        memory.release(1);
        expiry.expireIfMany();
        memory.force(1);
        wrote(1, 23 * HOUR_MS);
        expiry.expireIfMany();
        assertThat(remembered()).containsExactly(1L);
    }
}

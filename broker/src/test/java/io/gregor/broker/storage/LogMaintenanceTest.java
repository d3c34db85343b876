package io.gregor.broker.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.broker.config.BrokerConfig;
import io.gregor.broker.lane.Lane;
import io.gregor.broker.lane.ManualLane;
import io.gregor.broker.replica.OnePartition;
import io.gregor.wire.record.BatchBuilder;
import io.gregor.wire.record.Compression;
import io.gregor.wire.record.Record;
import io.gregor.wire.record.RecordBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogMaintenanceTest {
    private static final int RECORDS = 40;
    /** Among the records of the first batch. */
    private static final int DAMAGED_AT = 1000;

    @TempDir
    Path root;

    private final DiskOperations operations = new DiskOperations();
    private long nowMs = 1_700_000_000_000L;
    private final InstantSource clock = () -> Instant.ofEpochMilli(nowMs);

    @Test
    void whatCouldNotBeCompactedIsTriedAgain() throws IOException {
        OnePartition t = compactedPartition();
        LogMaintenance cleaner = cleaner(t);
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

    @Test
    void aDamagedLogIsNotTriedAgain() throws IOException {
        OnePartition t = compactedPartition();
        Path log = root.resolve("t-0").resolve("00000000000000000000.log");
        try (FileChannel file = FileChannel.open(log, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.wrap(new byte[] {9}), DAMAGED_AT);
        }
        LogMaintenance cleaner = cleaner(t);
        cleaner.compact();
        int tried = operations.seen().size();
        nowMs += Duration.ofDays(1).toMillis();

        cleaner.compact();

        assertThat(operations.seen()).hasSize(tried);
    }

    /** What runs when the broker stops may wait for its lane, which must not end before. */
    @Test
    void aStopReturnsWhenWhatRunsHasEnded() throws Exception {
        HandedOver lane = new HandedOver();
        OnePartition t = compactedPartition(lane);
        lane.handsOver = true;
        LogMaintenance cleaner = cleaner(t);
        Thread pass = daemon(cleaner::compact);
        Runnable awaited = lane.tasks.take();

        Thread stop = daemon(cleaner::stop);
        while (stop.isAlive() && stop.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        assertThat(stop.isAlive()).isTrue();

        awaited.run();
        while (stop.isAlive()) {
            Runnable next = lane.tasks.poll(1, TimeUnit.MILLISECONDS);
            if (next != null) {
                next.run();
            }
        }
        pass.join();
        assertThat(lane.tasks).isEmpty();
        int seen = operations.seen().size();
        cleaner.compact();
        assertThat(operations.seen()).hasSize(seen);
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    /** Runs its tasks at once, then leaves them to the test. */
    private static final class HandedOver implements Lane {
        private final BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
        private boolean handsOver;

        @Override
        public boolean isCurrent() {
            return true;
        }

        @Override
        public void execute(Runnable task) {
            if (handsOver) {
                tasks.add(task);
            } else {
                task.run();
            }
        }

        @Override
        public Scheduled schedule(Runnable task, long delayMs) {
            throw new UnsupportedOperationException();
        }
    }

    private LogMaintenance cleaner(OnePartition t) {
        LogDirMover mover = new LogDirMover(List.of(), Runnable::run);
        return new LogMaintenance(BrokerConfig.of(Map.of()), t.partitions(), mover, clock);
    }

    private OnePartition compactedPartition() throws IOException {
        return compactedPartition(new ManualLane());
    }

    private OnePartition compactedPartition(Lane lane) throws IOException {
        Map<String, String> compacted =
                Map.of("cleanup.policy", "compact", "segment.bytes", "1048576", "min.cleanable.dirty.ratio", "0.01");
        OnePartition t = new OnePartition(operations.disk(), root, lane, clock, compacted);
        for (int i = 0; i < RECORDS; i++) {
            BatchBuilder batch = new BatchBuilder(Compression.NONE);
            batch.add(Record.of(nowMs, ByteBuffer.wrap(new byte[] {1}), ByteBuffer.allocate(100_000)));
            t.partition().log().append(new RecordBatch(batch.build(), 0), 0);
        }
        return t;
    }
}

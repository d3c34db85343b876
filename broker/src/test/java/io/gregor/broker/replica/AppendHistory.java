package io.gregor.broker.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.broker.lane.ManualLane;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Appends at random to one partition, while its disk fails, its configuration changes, flushes are held, and callbacks
 * throw or append again; the topic may be deleted in the end. Confined to the test's thread.
 */
final class AppendHistory {
    private static final FailingDisk.Failure[] FAILURES = {
        FailingDisk.Failure.DISK, FailingDisk.Failure.UNEXPECTED, null, null, null
    };
    private static final List<String> FLUSH_MESSAGES = List.of("1", "3", String.valueOf(Long.MAX_VALUE));
    private static final Durability[] DURABILITIES = Durability.values();

    private final Random random;
    private final FailingDisk disk = new FailingDisk();
    private final OnePartition t;
    private final Partition partition;
    private final List<Append> appends = new ArrayList<>();
    private final List<Append> placed = new ArrayList<>();
    private final List<Append> completed = new ArrayList<>();
    private int sequence;
    private boolean deleted;

    AppendHistory(Path folder, Random random) throws IOException {
        this.random = random;
        t = new OnePartition(disk.disk(), folder, new ManualLane(), InstantSource.system(), Map.of());
        t.mayGoOffline();
        partition = t.partition();
    }

    void run(int steps, String description) throws IOException {
        for (int i = 0; i < steps; i++) {
            step();
        }
        if (random.nextBoolean()) {
            delete();
        }
        partition.releaseFlushes();
        t.runBackground();
        check(description);
    }

    private void step() throws IOException {
        switch (random.nextInt(12)) {
            case 0 -> disk.failWrites(FAILURES[random.nextInt(FAILURES.length)]);
            case 1 -> disk.failFlushes(random.nextInt(4) > 0 ? null : FailingDisk.Failure.UNEXPECTED);
            case 2 -> t.configure(Map.of("flush.messages", FLUSH_MESSAGES.get(random.nextInt(FLUSH_MESSAGES.size()))));
            case 3 -> partition.holdFlushes();
            case 4 -> partition.releaseFlushes();
            case 5 -> {
                if (random.nextInt(20) == 0) {
                    disk.failFlushes(FailingDisk.Failure.DISK);
                }
            }
            case 6, 7 -> t.runNextInBackground();
            case 8 -> appendMarker();
            case 9 -> append(Math.max(0, sequence - random.nextInt(3)));
            default -> append(sequence);
        }
    }

    private void append(int firstSequence) {
        BatchBuilder batch = new BatchBuilder(Compression.NONE).producer(1, (short) 0, firstSequence);
        batch.add(Record.of(7, null, ByteBuffer.allocate(10)));
        Append append = new Append();
        partition.append(new RecordBatch(batch.build(), 0), append.required, append);
    }

    private void appendMarker() {
        Append append = new Append();
        partition.appendMarker(2, (short) 0, new EndMarker(true, 0), false, append.required, append);
    }

    private int nextSequence() {
        return partition.log().producers().summaries().stream()
                .filter(producer -> producer.producerId() == 1)
                .mapToInt(producer -> producer.lastSequence() + 1)
                .findAny()
                .orElse(0);
    }

    private void delete() throws IOException {
        deleted = true;
        t.delete();
    }

    private void check(String description) {
        assertThat(appends).as(description).allSatisfy(append -> {
            assertThat(append.completions).isEqualTo(1);
            assertThat(append.placements).isLessThanOrEqualTo(1);
        });
        List<Append> completedOfPlaced =
                completed.stream().filter(append -> append.placements == 1).toList();
        assertThat(completedOfPlaced).as(description).isEqualTo(placed);
    }

    /** One append, which looks at what it is told. */
    private final class Append implements AppendCallback {
        private final boolean throwsWhenPlaced = random.nextInt(20) == 0;
        private final Durability required = DURABILITIES[random.nextInt(DURABILITIES.length)];
        private long offset;
        private int placements;
        private int completions;

        Append() {
            appends.add(this);
        }

        @Override
        public void placed(long baseOffset, long appendTimeMs) {
            assertThat(completions).isZero();
            placements++;
            placed.add(this);
            offset = baseOffset;
            sequence = nextSequence();
            if (throwsWhenPlaced) {
                throw new IllegalStateException("thrown by the test");
            }
        }

        @Override
        public void completed(ErrorCode error) {
            completions++;
            completed.add(this);
            if (error == ErrorCode.NONE) {
                assertThat(placements).isEqualTo(1);
                assertThat(throwsWhenPlaced).isFalse();
                assertThat(partition.view().highWatermark()).isGreaterThan(offset);
                assertThat(partition.log().flushedEnd()).isGreaterThan(required == Durability.FLUSHED ? offset : -1);
            }
            if (deleted) {
                assertThat(error).isEqualTo(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
            }
            switch (random.nextInt(20)) {
                case 0 -> throw new IllegalStateException("thrown by the test");
                case 1 -> append(sequence);
                default -> {}
            }
        }
    }
}

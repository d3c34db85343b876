package io.gregor.log.producer;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.log.AppendResult;
import io.gregor.log.LogConfig;
import io.gregor.log.LogDir;
import io.gregor.log.PartitionLog;
import io.gregor.log.disk.LogEnvironment;
import io.gregor.log.disk.SimulatedDisk;
import io.gregor.testsupport.ManualTime;
import io.gregor.wire.ByteBudget;
import io.gregor.wire.Uuid;
import io.gregor.wire.record.BatchBuilder;
import io.gregor.wire.record.Compression;
import io.gregor.wire.record.EndMarker;
import io.gregor.wire.record.Record;
import io.gregor.wire.record.RecordBatch;
import io.gregor.wire.record.RecordBatches;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** However many producers write, and whatever ids they choose, what is remembered of them has a bound. */
class ProducerMemoryTest {
    private static final Path ROOT = Path.of("/logs");
    private static final int ROOM_FOR = 100;
    private static final int MANY = 1000;

    private final ByteBudget budget = new ByteBudget("producers", (long) ROOM_FOR * ProducerState.BYTES);
    private final SimulatedDisk disk = new SimulatedDisk(new Random(1));
    private final ManualTime time = new ManualTime();
    private LogDir folder;

    @BeforeEach
    void makeFolder() throws IOException {
        disk.createFolder(ROOT);
        folder = folder();
    }

    private LogDir folder() throws IOException {
        LogEnvironment environment =
                new LogEnvironment(disk, time, new Random(2), (task, delayMs) -> task.run(), budget);
        return new LogDir(environment, ROOT, because -> {
            throw new AssertionError(because);
        });
    }

    private PartitionLog open(String topic, int id) throws IOException {
        return folder.open(topic, 0, new Uuid(id, id), LogConfig.DEFAULT);
    }

    private static RecordBatch batch(long producerId, int sequence, boolean transactional) {
        BatchBuilder batch = new BatchBuilder(Compression.NONE).producer(producerId, (short) 0, sequence);
        if (transactional) {
            batch.transactional();
        }
        batch.add(Record.of(5, null, ByteBuffer.allocate(10)));
        return RecordBatches.split(batch.build()).get(0);
    }

    private static AppendResult append(PartitionLog log, long producerId, int sequence) throws IOException {
        return log.append(batch(producerId, sequence, false), 0);
    }

    private static void appendOfMany(PartitionLog log, int firstId) throws IOException {
        for (int i = 0; i < MANY; i++) {
            assertThat(append(log, firstId + i, 0)).isInstanceOf(AppendResult.Stored.class);
        }
    }

    @Test
    void thoseThatHaveNotWrittenForTheLongestTimeAreForgotten() throws IOException {
        PartitionLog log = open("t", 1);
        append(log, 1, 0);
        for (int i = 0; i < MANY; i++) {
            append(log, 100 + i, 0);
            append(log, 1, i + 1);
        }

        assertThat(log.producers().summaries()).hasSizeBetween(ROOM_FOR / 2, ROOM_FOR);
        assertThat(append(log, 1, MANY)).isInstanceOf(AppendResult.Duplicate.class);
        assertThat(append(log, 100 + MANY - 1, 0)).isInstanceOf(AppendResult.Duplicate.class);
        assertThat(append(log, 100, 7)).isInstanceOf(AppendResult.Stored.class);
        assertThat(budget.used()).isLessThanOrEqualTo(budget.limit());
    }

    @Test
    void noneWithAnOpenTransactionIsForgotten() throws IOException {
        PartitionLog log = open("t", 1);
        log.append(batch(1, 0, true), 0);
        appendOfMany(log, 100);

        assertThat(log.producers().isInTransaction(1, (short) 0)).isTrue();
        assertThat(log.view().lastStableOffset()).isZero();
        log.appendMarker(1, (short) 0, new EndMarker(true, 0), false, 0);
        assertThat(log.view().lastStableOffset()).isEqualTo(log.view().endOffset());
    }

    @Test
    void anotherPartitionStillRemembersTheLastFew() throws IOException {
        PartitionLog greedy = open("greedy", 1);
        appendOfMany(greedy, 1);
        PartitionLog modest = open("modest", 2);
        for (int sequence = 0; sequence < 10; sequence++) {
            for (int id = 1; id <= 3; id++) {
                append(modest, id, sequence);
                assertThat(append(modest, id, sequence)).isInstanceOf(AppendResult.Duplicate.class);
            }
        }
        assertThat(budget.used()).isLessThanOrEqualTo(budget.limit() + 5 * ProducerState.BYTES);
    }

    @Test
    void whatALogHasToReplayHasTheSameBound() throws IOException {
        appendOfMany(open("t", 1), 1);
        folder.leaveFiles();
        assertThat(budget.used()).isZero();

        folder = folder();
        PartitionLog replayed = open("t", 1);

        assertThat(replayed.view().endOffset()).isEqualTo(MANY);
        assertThat(replayed.producers().summaries()).hasSizeBetween(ROOM_FOR / 2, ROOM_FOR);
        assertThat(append(replayed, MANY, 0)).isInstanceOf(AppendResult.Duplicate.class);
    }

    @Test
    void aSnapshotIsTakenOverAsFarAsThereIsRoom() throws IOException {
        PartitionLog log = open("t", 1);
        appendOfMany(log, 1);
        folder.close();
        budget.force(budget.limit() / 2);

        folder = folder();
        PartitionLog again = open("t", 1);

        assertThat(again.producers().summaries()).hasSizeBetween(ROOM_FOR / 4, ROOM_FOR / 2);
        assertThat(append(again, MANY, 0)).isInstanceOf(AppendResult.Duplicate.class);
    }

    @Test
    void expiredProducersGiveTheirMemoryBack() throws IOException {
        PartitionLog log = open("t", 1);
        appendOfMany(log, 1);
        log.producers().verification(7, (short) 0, 0, true);

        log.producers().expire(Long.MAX_VALUE);

        assertThat(log.producers().summaries()).isEmpty();
        assertThat(budget.used()).isZero();
    }

    @Test
    void aDeletedPartitionGivesItsMemoryBackOnce() throws IOException {
        PartitionLog log = open("t", 1);
        appendOfMany(log, 1);

        folder.delete(log);
        log.leaveFiles();
        log.producers().expire(Long.MAX_VALUE);

        assertThat(budget.used()).isZero();
    }

    @Test
    void questionsForProducersThatNeverWriteHaveABound() throws IOException {
        ProducerStates producers = open("t", 1).producers();
        TransactionVerification first = producers.verification(1, (short) 0, 0, true);
        for (int id = 2; id < MANY; id++) {
            producers.verification(id, (short) 0, 0, true);
        }

        assertThat(budget.used()).isLessThanOrEqualTo(budget.limit());
        assertThat(producers.isValid(first, 1)).isFalse();
        TransactionVerification last = producers.verification(MANY, (short) 0, 0, true);
        assertThat(producers.isValid(last, MANY)).isTrue();
    }
}

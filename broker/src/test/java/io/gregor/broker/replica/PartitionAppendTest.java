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
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An append is placed and completed once each, in the order of the offsets, whatever fails meanwhile. */
class PartitionAppendTest {
    private static final Map<String, String> FLUSHED_FIRST = Map.of("flush.messages", "1");
    private static final long PRODUCER = 1;
    private static final int HISTORIES = 200;
    private static final int STEPS = 60;

    @TempDir
    Path root;

    private final FailingDisk disk = new FailingDisk();
    private final ManualLane lane = new ManualLane();
    /** "placed" and "completed" of all appends, in order. */
    private final List<String> heard = new ArrayList<>();

    private OnePartition partition(Map<String, String> config) throws IOException {
        return new OnePartition(disk.disk(), root, lane, InstantSource.system(), config);
    }

    private static RecordBatch batch(int sequence, int records) {
        BatchBuilder batch = new BatchBuilder(Compression.NONE).producer(PRODUCER, (short) 0, sequence);
        for (int i = 0; i < records; i++) {
            batch.add(Record.of(7, null, ByteBuffer.allocate(10)));
        }
        return new RecordBatch(batch.build(), 0);
    }

    /** Notes what becomes of an append. */
    private class Noted implements AppendCallback {
        private final String name;

        Noted(String name) {
            this.name = name;
        }

        @Override
        public void placed(long baseOffset, long appendTimeMs) {
            heard.add(name + " placed at " + baseOffset);
        }

        @Override
        public void completed(ErrorCode error) {
            heard.add(name + " " + error);
        }
    }

    private void append(OnePartition t, int sequence, String name) {
        t.partition().append(batch(sequence, 1), Durability.COMMITTED, new Noted(name));
    }

    @Test
    void withoutARuleForFlushesAnAppendIsCompletedAtOnce() throws IOException {
        append(partition(Map.of()), 0, "a");

        assertThat(heard).containsExactly("a placed at 0", "a NONE");
    }

    @Test
    void oneFlushServesAllThatWait() throws IOException {
        OnePartition t = partition(FLUSHED_FIRST);
        append(t, 0, "a");
        append(t, 1, "b");
        append(t, 1, "b again");
        append(t, 9, "gap");
        assertThat(heard)
                .containsExactly(
                        "a placed at 0", "b placed at 1", "b again placed at 1", "gap OUT_OF_ORDER_SEQUENCE_NUMBER");
        assertThat(t.partition().view().highWatermark()).isZero();
        heard.clear();

        t.runBackground();

        assertThat(heard).containsExactly("a NONE", "b NONE", "b again NONE");
        assertThat(t.partition().view().highWatermark()).isEqualTo(2);
    }

    @Test
    void whatIsToBeFlushedWaitsForItWhateverTheTopicSays() throws IOException {
        OnePartition t = partition(Map.of());
        t.partition()
                .appendMarker(
                        PRODUCER, (short) 0, new EndMarker(true, 0), false, Durability.FLUSHED, new Noted("marker"));
        append(t, 0, "a");
        assertThat(t.partition().view().highWatermark()).isEqualTo(2);
        assertThat(heard).containsExactly("marker placed at 0", "a placed at 1");
        heard.clear();

        t.runBackground();

        assertThat(heard).containsExactly("marker NONE", "a NONE");
    }

    @Test
    void aDiskThatRefusesToWriteIsAnErrorOfTheAppend() throws IOException {
        OnePartition t = partition(Map.of());
        disk.failWrites(FailingDisk.Failure.DISK);
        append(t, 0, "a");
        disk.failWrites(FailingDisk.Failure.UNEXPECTED);
        append(t, 0, "b");
        disk.failWrites(null);
        append(t, 0, "c");

        assertThat(heard).containsExactly("a KAFKA_STORAGE_ERROR", "b UNKNOWN_SERVER_ERROR", "c placed at 0", "c NONE");
    }

    @Test
    void aLogDirectoryThatGoesOfflineEndsWhatIsPending() throws IOException {
        OnePartition t = partition(FLUSHED_FIRST);
        t.mayGoOffline();
        Partition partition = t.partition();
        append(t, 0, "a");
        disk.failFlushes(FailingDisk.Failure.DISK);
        t.runBackground();
        partition.append(batch(1, 1), Durability.COMMITTED, new Noted("b"));
        t.runBackground();

        assertThat(heard).containsExactly("a placed at 0", "a KAFKA_STORAGE_ERROR", "b KAFKA_STORAGE_ERROR");
    }

    @Test
    void aFlushThatFailsConcernsOnlyThoseItWasFor() throws IOException {
        OnePartition t = partition(FLUSHED_FIRST);
        append(t, 0, "a");
        append(t, 1, "b");
        disk.failFlushes(FailingDisk.Failure.UNEXPECTED);
        t.runNextInBackground();
        disk.failFlushes(null);
        t.runBackground();

        assertThat(heard).containsExactly("a placed at 0", "b placed at 1", "a KAFKA_STORAGE_ERROR", "b NONE");
    }

    @Test
    void aTopicThatIsDeletedEndsWhatIsPending() throws IOException {
        OnePartition t = partition(FLUSHED_FIRST);
        Partition partition = t.partition();
        append(t, 0, "a");
        t.delete();
        partition.append(batch(1, 1), Durability.COMMITTED, new Noted("b"));
        t.runBackground();

        assertThat(heard)
                .containsExactly("a placed at 0", "a UNKNOWN_TOPIC_OR_PARTITION", "b UNKNOWN_TOPIC_OR_PARTITION");
    }

    @Test
    void aMoveToAnotherLogDirectoryOnlyPutsTheFlushOff() throws IOException {
        OnePartition t = partition(FLUSHED_FIRST);
        t.partition().holdFlushes();
        append(t, 0, "a");
        t.runBackground();
        assertThat(heard).containsExactly("a placed at 0");

        t.partition().releaseFlushes();
        t.runBackground();

        assertThat(heard).containsExactly("a placed at 0", "a NONE");
    }

    @Test
    void aCallbackThatThrowsKeepsNobodyFromTheirs() throws IOException {
        OnePartition t = partition(FLUSHED_FIRST);
        t.partition().append(batch(0, 1), Durability.COMMITTED, new Noted("a") {
            @Override
            public void placed(long baseOffset, long appendTimeMs) {
                throw new IllegalStateException("thrown by the test");
            }
        });
        t.partition().append(batch(1, 1), Durability.COMMITTED, new Noted("b") {
            @Override
            public void completed(ErrorCode error) {
                super.completed(error);
                throw new IllegalStateException("thrown by the test");
            }
        });
        append(t, 2, "c");
        t.runBackground();

        assertThat(heard)
                .containsExactly("b placed at 1", "c placed at 2", "a UNKNOWN_SERVER_ERROR", "b NONE", "c NONE");
    }

    @Test
    void someoneWhoWaitsAndThrowsKeepsNobodyFromBeingWoken() throws IOException {
        OnePartition t = partition(Map.of());
        for (int i = 0; i < 2; i++) {
            t.partition().addWaiter(() -> {
                heard.add("woken");
                throw new IllegalStateException("thrown by the test");
            });
        }
        append(t, 0, "a");

        assertThat(heard).containsExactly("a placed at 0", "a NONE", "woken", "woken");
    }

    /** Each of them appends the next: on one stack they would not all fit. */
    @Test
    void aCallbackMayAppendAgain() throws IOException {
        OnePartition t = partition(Map.of());
        int many = 20_000;
        int[] completed = new int[1];
        t.partition().append(batch(0, 1), Durability.COMMITTED, new AppendCallback() {
            @Override
            public void completed(ErrorCode error) {
                assertThat(error).isEqualTo(ErrorCode.NONE);
                if (++completed[0] < many) {
                    t.partition().append(batch(completed[0], 1), Durability.COMMITTED, this);
                }
            }
        });

        assertThat(completed[0]).isEqualTo(many);
    }

    @Test
    void randomHistoriesCompleteEachAppendOnceAndInOrder() throws IOException {
        for (int seed = 0; seed < HISTORIES; seed++) {
            Path folder = Files.createDirectory(root.resolve(String.valueOf(seed)));
            new AppendHistory(folder, new Random(seed)).run(STEPS, "seed " + seed);
        }
    }
}

package io.gregor.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.log.disk.LogEnvironment;
import io.gregor.log.disk.LogFiles;
import io.gregor.log.disk.RealDisk;
import io.gregor.log.disk.SimulatedDisk;
import io.gregor.testsupport.ManualTime;
import io.gregor.wire.Uuid;
import io.gregor.wire.record.BatchBuilder;
import io.gregor.wire.record.Compression;
import io.gregor.wire.record.Record;
import io.gregor.wire.record.RecordBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is done late for a topic never reaches the next topic of that name; the background is run by hand. */
class LogDirTest {
    private static final Path ROOT = Path.of("/log");
    private static final Uuid FIRST = new Uuid(1, 1);
    private static final Uuid SECOND = new Uuid(2, 2);
    private static final LogConfig SMALL = new LogConfig(
            new LogConfig.Rolling(300, Long.MAX_VALUE, 0, 1 << 20),
            LogConfig.DEFAULT.retention(),
            LogConfig.DEFAULT.compaction(),
            LogConfig.DEFAULT.flushing(),
            4096,
            0,
            false);

    private final SimulatedDisk disk = new SimulatedDisk(new Random(1));
    private final Queue<Runnable> background = new ArrayDeque<>();
    private final LogEnvironment environment =
            new LogEnvironment(disk, new ManualTime(), new Random(2), (task, delayMs) -> background.add(task));

    @BeforeEach
    void makeFolders() throws IOException {
        disk.createFolder(ROOT);
        disk.createFolder(ROOT.resolve("a"));
        disk.createFolder(ROOT.resolve("b"));
    }

    private LogDir folder(String name) throws IOException {
        return new LogDir(environment, ROOT.resolve(name), because -> {
            throw new AssertionError(because);
        });
    }

    private static void append(PartitionLog log, int records) throws IOException {
        for (int i = 0; i < records; i++) {
            BatchBuilder batch = new BatchBuilder(Compression.NONE);
            batch.add(Record.of(1_000_000, null, ByteBuffer.allocate(100)));
            log.append(new RecordBatch(batch.build(), 0), 0);
        }
    }

    private void runBackground() {
        for (Runnable task = background.poll(); task != null; task = background.poll()) {
            task.run();
        }
    }

    @Test
    void segmentsThatAreDroppedLateAreThoseOfTheDeletedTopic() throws IOException {
        LogDir folder = folder("a");
        PartitionLog deleted = folder.open("t", 0, FIRST, SMALL);
        append(deleted, 9);
        deleted.advanceLogStart(7);
        folder.delete("t", 0);
        PartitionLog next = folder.open("t", 0, SECOND, SMALL);
        append(next, 9);
        runBackground();
        folder.close();
        PartitionLog again = folder("a").open("t", 0, SECOND, SMALL);
        assertThat(again.view().startOffset()).isZero();
        assertThat(again.view().firstOffset()).isZero();
        assertThat(again.view().endOffset()).isEqualTo(9);
        assertThat(disk.list(ROOT.resolve("a")))
                .noneMatch(path -> path.toString().endsWith("-delete"));
    }

    @Test
    void aLogThatIsDeletedLateIsNotTheOneThatHasItsName() throws IOException {
        LogDir folder = folder("a");
        PartitionLog moved = folder.open("t", 0, FIRST, SMALL);
        append(moved, 2);
        PartitionLog next = folder.open("t", 0, SECOND, SMALL);
        append(next, 3);
        folder.delete(moved);
        moved.flush();
        runBackground();
        folder.close();
        assertThat(folder("a").open("t", 0, SECOND, SMALL).view().endOffset()).isEqualTo(3);
    }

    @Test
    void aPromotedCopyIsDeletedByTheNameThatItHasNow() throws IOException {
        LogDir folder = folder("a");
        PartitionLog copy = folder.openFuture("t", 0, FIRST, SMALL, 0);
        append(copy, 9);
        folder.promote("t", 0, copy);
        append(copy, 9);
        assertThat(disk.exists(ROOT.resolve("a").resolve("t-0"))).isTrue();
        folder.delete("t", 0);
        assertThat(disk.exists(ROOT.resolve("a").resolve("t-0"))).isFalse();
        runBackground();
        assertThat(disk.list(ROOT.resolve("a")))
                .noneMatch(path -> path.toString().endsWith("-delete"));
    }

    @Test
    void aHalfMovedCopyOfAnotherTopicIsNotGoneOnWith() throws IOException {
        LogDir folder = folder("a");
        append(folder.openFuture("t", 0, FIRST, SMALL, 0), 5);
        assertThat(folder.openFuture("t", 0, FIRST, SMALL, 0).view().endOffset())
                .isEqualTo(5);
        PartitionLog copy = folder.openFuture("t", 0, SECOND, SMALL, 0);
        assertThat(copy.view().endOffset()).isZero();
        folder.dropFuture("t-0", FIRST);
        assertThat(disk.exists(copy.folder())).isTrue();
        folder.dropFuture("t-0", SECOND);
        assertThat(disk.exists(copy.folder())).isFalse();
    }

    /** What is only a copy can be made again. */
    @Test
    void aCopyThatNoLogCanBeIsBegunAgain(@TempDir Path root) throws IOException {
        Path real = Files.createDirectory(root.resolve("real"));
        LogDir folder = new LogDir(environment.on(new RealDisk()), real, because -> {});
        PartitionLog copy = folder.openFuture("t", 0, FIRST, SMALL, 0);
        append(copy, 1);
        copy.close();
        copy.leaveFiles();
        Path file = LogFiles.path(copy.folder(), 0, LogFiles.LOG);
        try (FileChannel sparse = FileChannel.open(file, StandardOpenOption.WRITE)) {
            sparse.write(ByteBuffer.allocate(1), 3L << 30);
        }
        PartitionLog again = folder.openFuture("t", 0, FIRST, SMALL, 0);
        assertThat(again.view().endOffset()).isZero();
        assertThat(folder.futures()).containsExactly("t-0");
        assertThat(Files.exists(copy.folder())).isFalse();
        again.leaveFiles();
    }

    @Test
    void manyLogsAreClosedTogether(@TempDir Path root) throws IOException {
        LogEnvironment real = environment.on(new RealDisk());
        LogDir folder = new LogDir(real, root, because -> {});
        for (int i = 0; i < 50; i++) {
            append(folder.open("t", i, FIRST, SMALL), 1 + i % 7);
        }
        folder.close();
        LogDir again = new LogDir(real, root, because -> {});
        assertThat(again.wasStoppedCleanly()).isTrue();
        for (int i = 0; i < 50; i++) {
            PartitionLog log = again.open("t", i, FIRST, SMALL);
            assertThat(log.view().endOffset()).isEqualTo(1 + i % 7);
            assertThat(log.recoveryPoint()).isEqualTo(1 + i % 7);
        }
        again.leaveFiles();
    }

    @Test
    void theFolderThatHoldsAPartitionIsToldByItsTopicsId() throws IOException {
        LogDir away = folder("a");
        append(away.open("t", 0, FIRST, SMALL), 5);
        LogDir here = folder("b");
        append(here.open("t", 0, SECOND, SMALL), 2);
        List<LogDir> both = List.of(away, here);
        assertThat(LogDir.holding(both, "t", 0, SECOND)).isSameAs(here);
        assertThat(LogDir.holding(both, "t", 0, FIRST)).isSameAs(away);
        assertThat(LogDir.holding(both, "t", 0, new Uuid(3, 3))).isNull();
    }
}

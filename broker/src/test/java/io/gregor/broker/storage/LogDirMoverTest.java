package io.gregor.broker.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.broker.lane.ManualLane;
import io.gregor.broker.replica.OnePartition;
import io.gregor.log.disk.RealDisk;
import io.gregor.wire.record.BatchBuilder;
import io.gregor.wire.record.Compression;
import io.gregor.wire.record.Record;
import io.gregor.wire.record.RecordBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogDirMoverTest {
    @TempDir
    Path root;

    private final RealDisk disk = new RealDisk();
    private final ManualLane lane = new ManualLane();
    private final Deque<Runnable> moving = new ArrayDeque<>();

    private void runMover() {
        for (Runnable task = moving.poll(); task != null; task = moving.poll()) {
            task.run();
        }
    }

    private List<String> partitionFolders() throws IOException {
        try (Stream<Path> paths = Files.find(root, 2, (path, attributes) -> attributes.isDirectory())) {
            return paths.map(path -> String.valueOf(path.getFileName()))
                    .filter(name -> name.startsWith("t-0"))
                    .toList();
        }
    }

    /** The deletion looks into the folders before the move ends, and reaches the lane after it. */
    @Test
    void aMoveThatEndsWhileItsTopicIsDeletedLeavesNothing() throws IOException {
        Path a = Files.createDirectory(root.resolve("a"));
        Path b = Files.createDirectory(root.resolve("b"));
        OnePartition t = new OnePartition(disk, List.of(a, b), lane, InstantSource.system(), Map.of());
        BatchBuilder batch = new BatchBuilder(Compression.NONE);
        batch.add(Record.of(1, null, ByteBuffer.allocate(100)));
        t.partition().log().append(new RecordBatch(batch.build(), 0), 0);
        LogDirMover mover = new LogDirMover(t.folders(), moving::add);
        boolean isInA = a.equals(t.partition().log().folder().getParent());
        lane.hold();
        mover.move(t.partition(), t.folders().get(isInA ? 1 : 0));
        runMover();
        lane.runNext();
        runMover();
        t.delete();
        lane.release();
        runMover();
        t.runBackground();
        assertThat(partitionFolders()).isEmpty();
        assertThat(disk.openFiles()).isZero();
    }
}

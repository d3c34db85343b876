package io.gregor.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.log.disk.LogEnvironment;
import io.gregor.log.disk.SimulatedDisk;
import io.gregor.testsupport.ManualTime;
import io.gregor.wire.Uuid;
import io.gregor.wire.record.BatchBuilder;
import io.gregor.wire.record.Compression;
import io.gregor.wire.record.Record;
import io.gregor.wire.record.RecordBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a log holds after a kill may not be on the disk; whoever reads it, or sends it again, takes it for stored. */
class RecoveredLogTest {
    private static final Path ROOT = Path.of("/log");
    private static final int SEEDS = 20;
    private static final LogConfig FLUSHES_EACH = new LogConfig(
            LogConfig.DEFAULT.rolling(),
            LogConfig.DEFAULT.retention(),
            LogConfig.DEFAULT.compaction(),
            new LogConfig.Flushing(1, Long.MAX_VALUE),
            4096,
            0,
            false);

    @Test
    void whatIsVisibleAfterAKillOutlivesAPowerLossWhereFlushesAreAskedFor() throws IOException {
        for (int seed = 0; seed < SEEDS; seed++) {
            SimulatedDisk disk = new SimulatedDisk(new Random(seed));
            disk.createFolder(ROOT);
            PartitionLog log = open(disk);
            for (int i = 0; i < 3; i++) {
                log.append(batch(i), 0);
            }
            disk.startAgain();
            assertThat(open(disk).view().highWatermark()).as("seed %d", seed).isEqualTo(3);

            disk.losePower();

            assertThat(open(disk).view().highWatermark()).as("seed %d", seed).isEqualTo(3);
        }
    }

    private static PartitionLog open(SimulatedDisk disk) throws IOException {
        LogEnvironment environment =
                new LogEnvironment(disk, new ManualTime(), new Random(1), (task, delayMs) -> task.run());
        LogDir folder = new LogDir(environment, ROOT, because -> {
            throw new AssertionError(because);
        });
        PartitionLog log = folder.open("t", 0, new Uuid(1, 1), FLUSHES_EACH);
        folder.begin();
        return log;
    }

    private static RecordBatch batch(int sequence) {
        BatchBuilder batch = new BatchBuilder(Compression.NONE)
                .producer(1, (short) 0, sequence)
                .add(Record.of(1, null, ByteBuffer.allocate(10)));
        return new RecordBatch(batch.build(), 0);
    }
}

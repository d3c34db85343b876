package io.gregor.log.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gregor.log.LogConfig;
import io.gregor.log.LogLoader;
import io.gregor.log.PartitionLog;
import io.gregor.log.disk.CorruptLogException;
import io.gregor.log.disk.LogEnvironment;
import io.gregor.log.disk.SimulatedDisk;
import io.gregor.testsupport.ManualTime;
import io.gregor.wire.record.BatchBuilder;
import io.gregor.wire.record.Compression;
import io.gregor.wire.record.Record;
import io.gregor.wire.record.RecordBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whatever a batch in a file holds, reading it needs little memory. */
class StoredBatchTest {
    private static final Path FOLDER = Path.of("/log/t-0");

    private final SimulatedDisk disk = new SimulatedDisk(new Random(1));
    private PartitionLog log;

    @BeforeEach
    void open() throws IOException {
        disk.createFolder(Path.of("/log"));
        LogEnvironment environment =
                new LogEnvironment(disk, new ManualTime(), new Random(1), (task, delayMs) -> task.run());
        log = new LogLoader(environment, FOLDER, LogConfig.DEFAULT, 0, 0, 0, true).load();
    }

    private void append(BatchBuilder batch) throws IOException {
        log.append(new RecordBatch(batch.build(), 0), 0);
    }

    /** Nobody who loads a log needs them, and there may be millions in a small batch. */
    @Test
    void headersArePassedOver() throws IOException {
        List<Record.Header> headers = Collections.nCopies(100_000, new Record.Header("h", ByteBuffer.allocate(0)));
        ByteBuffer key = ByteBuffer.wrap(new byte[] {1});
        ByteBuffer value = ByteBuffer.wrap(new byte[] {2});
        append(new BatchBuilder(Compression.ZSTD).add(new Record(0, 1, key, value, headers)));
        List<Record> read = new ArrayList<>();
        log.view().forEachBatch(0, batch -> batch.forEachRecord(read::add));
        assertThat(read).containsExactly(new Record(0, 1, key, value, List.of()));
    }

    @Test
    void aControlBatchThatNoBrokerHasWrittenIsDamage() throws IOException {
        ByteBuffer value = ByteBuffer.allocate(2 * 1024 * 1024);
        append(new BatchBuilder(Compression.NONE).control().add(Record.of(1, ByteBuffer.allocate(4), value)));
        assertThatThrownBy(() -> log.view().forEachBatch(0, StoredBatch::whole))
                .isInstanceOf(CorruptLogException.class)
                .hasMessageContaining("position 0: a control batch of");
    }
}

package io.gregor.log;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.gregor.log.BatchValidation.Effort;
import io.gregor.log.BatchValidation.Result;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.record.BatchBuilder;
import io.gregor.wire.record.Compression;
import io.gregor.wire.record.Record;
import io.gregor.wire.record.RecordBatch;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The time and the memory that a check takes are bounded, however much a batch expands to. */
class BatchValidationTest {
    private static final long NOW = 1_000_000;
    private static final int LARGE = 4 << 20;
    /** Places in a batch. */
    private static final int CRC = 17;

    private static final int ATTRIBUTES = 21;
    private static final int LAST_OFFSET_DELTA = 23;
    private static final int RECORD_COUNT = 57;

    private static BatchValidation.Rules rules(
            boolean compacted, boolean logAppendTime, BatchValidation.@Nullable Recompression recompression) {
        return new BatchValidation.Rules(LARGE + 1000, compacted, logAppendTime, 1000, 1000, recompression);
    }

    private static RecordBatch batch(Compression compression, int records, int valueBytes) {
        BatchBuilder batch = new BatchBuilder(compression);
        for (int i = 0; i < records; i++) {
            batch.add(Record.of(NOW, null, ByteBuffer.allocate(valueBytes)));
        }
        return new RecordBatch(batch.build(), 0);
    }

    private static @Nullable Result check(RecordBatch batch, BatchValidation.Rules rules, Effort effort) {
        return BatchValidation.check(batch, "t-0", rules, NOW, effort);
    }

    @ParameterizedTest
    @EnumSource
    void whatExpandsToMoreThanTheEffortIsLeftAsItWas(Compression compression) {
        BatchValidation.Rules rules = rules(false, true, null);
        RecordBatch batch = batch(compression, 1, LARGE);
        assertThat(check(batch, rules, new Effort(LARGE / 2))).isNull();
        assertThat(batch.isLogAppendTime()).isFalse();

        assertThat(check(batch, rules, new Effort(2 * LARGE))).isInstanceOf(Result.Valid.class);
        assertThat(batch.isLogAppendTime()).isTrue();
    }

    @Test
    void allBatchesShareTheEffort() {
        Effort effort = new Effort(100_000);
        int checked = 0;
        while (check(batch(Compression.LZ4, 10, 1000), rules(false, false, null), effort) != null) {
            checked++;
        }
        assertThat(checked).isBetween(5, 10);
    }

    @Test
    void compressingAnewIsMoreEffortThanReading() {
        RecordBatch batch = batch(Compression.LZ4, 1, 100_000);
        BatchValidation.Rules compressesAnew =
                rules(false, false, new BatchValidation.Recompression(Compression.GZIP, 6));
        assertThat(check(batch, rules(false, false, null), new Effort(200_000))).isInstanceOf(Result.Valid.class);
        assertThat(check(batch, compressesAnew, new Effort(200_000))).isNull();
        assertThat(check(batch, compressesAnew, new Effort(2_000_000))).isInstanceOf(Result.Valid.class);
    }

    @Test
    void ofTheRecordsThatAreRefusedAllAreCountedAndTheFirstAreListed() {
        RecordBatch batch = batch(Compression.ZSTD, 5000, 0);
        Result.Invalid refused = (Result.Invalid) BatchValidation.check(batch, "t-0", rules(true, false, null), NOW);
        assertThat(refused.error()).isEqualTo(ErrorCode.INVALID_RECORD);
        assertThat(refused.message()).contains("due to 5000 record errors in total");
        assertThat(refused.records()).hasSize(BatchValidation.LISTED_ERRORS);
        assertThat(refused.records().get(999).index()).isEqualTo(999);
    }

    @Test
    void recordsOfAWrongTimeAreCountedAndTheFirstAreListed() {
        RecordBatch batch = batch(Compression.ZSTD, 5000, 0);
        Result.Invalid refused =
                (Result.Invalid) BatchValidation.check(batch, "t-0", rules(false, false, null), NOW + 5000);
        assertThat(refused.error()).isEqualTo(ErrorCode.INVALID_TIMESTAMP);
        assertThat(refused.records()).hasSize(BatchValidation.LISTED_ERRORS);
    }

    private static int checkedWithin(Effort effort, RecordBatch batch) {
        int checked = 0;
        while (checked < 100 && check(batch, rules(false, false, null), effort) instanceof Result.Invalid) {
            checked++;
        }
        return checked;
    }

    @Test
    void aWrongChecksumTakesOfTheEffort() {
        RecordBatch batch = batch(Compression.NONE, 1, 10_000);
        batch.bytes().put(CRC, (byte) ~batch.bytes().get(CRC));
        assertThat(checkedWithin(new Effort(100_000), batch)).isBetween(5, 10);
    }

    @Test
    void recordsThatEndTooSoonTakeOfTheEffort() {
        ByteBuffer bytes = batch(Compression.LZ4, 1, 10_000).bytes();
        bytes.putInt(LAST_OFFSET_DELTA, 1).putInt(RECORD_COUNT, 2);
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate().position(ATTRIBUTES));
        bytes.putInt(CRC, (int) crc.getValue());
        assertThat(checkedWithin(new Effort(100_000), new RecordBatch(bytes, 0)))
                .isBetween(5, 10);
    }

    @Test
    void headersNeedNoMemoryHoweverManyOneRecordHas() {
        List<Record.Header> headers = Collections.nCopies(1_000_000, new Record.Header("h", null));
        ByteBuffer value = ByteBuffer.allocate(1);
        RecordBatch batch = new RecordBatch(
                new BatchBuilder(Compression.ZSTD)
                        .add(new Record(0, NOW, null, value, headers))
                        .build(),
                0);
        BatchValidation.Rules rules = rules(false, false, new BatchValidation.Recompression(Compression.GZIP, 6));
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        assertThat(check(batch, rules, new Effort(Long.MAX_VALUE))).isInstanceOf(Result.Valid.class);
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(8 << 20);
    }
}

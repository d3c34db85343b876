package io.gregor.log;

import io.gregor.wire.MalformedMessageException;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.record.BatchBuilder;
import io.gregor.wire.record.Compression;
import io.gregor.wire.record.ExpandsFurtherException;
import io.gregor.wire.record.RecordBatch;
import io.gregor.wire.record.RecordCursor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Checks what a client produced before it may enter a log, and settles its timestamps. Needs no lane: it looks at the
 * batch and the topic's configuration only. The order of the checks is Kafka's, since clients see which one failed
 * first.
 */
public final class BatchValidation {
    /**
     * What a topic's configuration demands of batches.
     *
     * @param logAppendTime whether records get the time of their append instead of the producer's
     * @param beforeMaxMs how far a record's time may lie in the past
     * @param afterMaxMs how far it may lie in the future
     * @param recompression how batches that are compressed otherwise get compressed; null if all stay as they come
     */
    public record Rules(
            int maxMessageBytes,
            boolean compacted,
            boolean logAppendTime,
            long beforeMaxMs,
            long afterMaxMs,
            @Nullable Recompression recompression) {}

    public record Recompression(Compression codec, int level) {}

    /** One record that was refused, by its place in the batch. */
    public record RecordError(int index, @Nullable String message) {}

    public sealed interface Result {
        /** The batch may be appended. */
        record Valid(RecordBatch batch) implements Result {}

        /**
         * It may not.
         *
         * @param fromLog whether it is the log that refuses it: then Kafka tells where the log starts
         */
        record Invalid(ErrorCode error, @Nullable String message, List<RecordError> records, boolean fromLog)
                implements Result {}
    }

    /**
     * Work that may still be done on a thread where others wait, in bytes that are read. Confined to one thread.
     *
     * <p>A record counts some bytes more than it has; records that must be recompressed count many times their size.
     */
    public static final class Effort {
        private static final int BYTES_OF_RECORD = 10;
        private static final int TIMES_COMPRESSING = 16;

        private long left;

        public Effort(long bytes) {
            left = bytes;
        }
    }

    /** Invalid records of a batch that are listed; the others are only counted. Apache Kafka lists all. */
    static final int LISTED_ERRORS = 1000;
    /** What the smallest record of any format has behind its length. */
    private static final int MINIMUM_BYTES = 14;

    /** Invalid records of a batch: all are counted, the first are listed. Confined to one thread. */
    private static final class RecordErrors {
        private final String partition;
        private final List<RecordError> listed = new ArrayList<>(0);
        private @Nullable String withoutKey;
        private int count;
        private boolean badTime;

        RecordErrors(String partition) {
            this.partition = partition;
        }

        boolean isFull() {
            return listed.size() >= LISTED_ERRORS;
        }

        void addWithoutKey(int index) {
            if (withoutKey == null) {
                withoutKey = "Compacted topic cannot accept message without key in topic partition " + partition;
            }
            add(index, withoutKey);
        }

        void addBadTime(int index, @Nullable String message) {
            badTime = true;
            add(index, message);
        }

        private void add(int index, @Nullable String message) {
            count++;
            if (!isFull()) {
                listed.add(new RecordError(index, message));
            }
        }
    }

    private BatchValidation() {}

    /**
     * Whether the records are one batch of a format that the request may carry; the first look, for which no log is
     * needed.
     *
     * @param records what a produce request holds for one partition; the beginning of another batch behind the first
     *     one is left out, as Kafka does
     */
    public static Result checkForm(ByteBuffer records, short produceVersion) {
        String request = "Produce requests with version " + produceVersion + " are only allowed to ";
        int size = sizeOfBatch(records, 0);
        if (size < 0) {
            return corrupt("Invalid size or magic found in record");
        }
        if (size == 0) {
            return unreadable(request + "contain at least one record batch per partition");
        }
        RecordBatch batch = new RecordBatch(records, records.position());
        if (batch.magic() != RecordBatch.MAGIC) {
            return unreadable(request + "contain record batches with magic version 2");
        }
        if (produceVersion < 7 && size >= RecordBatch.LAST_OFFSET_DELTA_AT && batch.compression() == Compression.ZSTD) {
            return new Result.Invalid(
                    ErrorCode.UNSUPPORTED_COMPRESSION_TYPE,
                    request.replace("are only allowed to ", "are not allowed to use ZStandard compression"),
                    List.of(),
                    false);
        }
        int another = sizeOfBatch(records, size);
        if (another < 0) {
            return corrupt("Invalid size or magic found behind the record batch");
        }
        if (another > 0) {
            return unreadable(request + "contain exactly one record batch per partition");
        }
        if (size < RecordBatch.PRODUCER_EPOCH_AT) {
            // Kafka asks for the producer of each batch before it looks at sizes, and reads beyond the end.
            return new Result.Invalid(ErrorCode.UNKNOWN_SERVER_ERROR, null, List.of(), false);
        }
        if (size < RecordBatch.HEADER_BYTES) {
            return corrupt("Record batch of " + size + " bytes is smaller than its header");
        }
        return new Result.Valid(batch);
    }

    /** What cannot be the beginning of a batch there, for which Kafka refuses all of the request; or null. */
    public static Result.@Nullable Invalid checkBeginning(ByteBuffer records) {
        String fault = faultAt(records, 0);
        return fault == null ? null : new Result.Invalid(ErrorCode.CORRUPT_MESSAGE, fault, List.of(), false);
    }

    /** What is wrong with the batch that begins so far behind the buffer's position, if that can be seen already. */
    private static @Nullable String faultAt(ByteBuffer records, int behind) {
        int left = records.remaining() - behind;
        int start = records.position() + behind;
        if (left < RecordBatch.PREFIX_BYTES) {
            return null;
        }
        int length = records.getInt(start + RecordBatch.LENGTH_AT);
        if (length < MINIMUM_BYTES) {
            return "Record size " + length + " is less than the minimum record overhead (" + MINIMUM_BYTES + ")";
        }
        if (left <= RecordBatch.MAGIC_AT) {
            return null;
        }
        byte magic = records.get(start + RecordBatch.MAGIC_AT);
        return magic < 0 || magic > RecordBatch.MAGIC ? "Invalid magic found in record: " + magic : null;
    }

    /**
     * How many bytes the batch has that begins so far behind the buffer's position. 0 if there is none, or not all of
     * it: the beginning of a batch is nothing. -1 if what is there cannot be a batch's beginning.
     */
    private static int sizeOfBatch(ByteBuffer records, int behind) {
        if (faultAt(records, behind) != null) {
            return -1;
        }
        int left = records.remaining() - behind;
        if (left <= RecordBatch.MAGIC_AT) {
            return 0;
        }
        int length = records.getInt(records.position() + behind + RecordBatch.LENGTH_AT);
        return length > left - RecordBatch.PREFIX_BYTES ? 0 : length + RecordBatch.PREFIX_BYTES;
    }

    /**
     * Whether the log may take a batch that has the right form, however long the check takes.
     *
     * @param partition how messages name the partition
     */
    public static Result check(RecordBatch batch, String partition, Rules rules, long nowMs) {
        return Objects.requireNonNull(check(batch, partition, rules, nowMs, new Effort(Long.MAX_VALUE)));
    }

    /**
     * As {@link #check(RecordBatch, String, Rules, long)}, or null if the check takes more than is left of the effort:
     * then the batch is unchanged.
     */
    public static @Nullable Result check(RecordBatch batch, String partition, Rules rules, long nowMs, Effort effort) {
        if (batch.baseOffset() != 0) {
            return invalid("The baseOffset of the record batch in the append to " + partition
                    + " should be 0, but it is " + batch.baseOffset());
        }
        if (batch.sizeInBytes() > rules.maxMessageBytes()) {
            return tooLarge(batch.sizeInBytes(), partition, rules, false);
        }
        long expandable = effort.left - (long) Effort.BYTES_OF_RECORD * Math.max(0, batch.recordCount());
        if (batch.sizeInBytes() > expandable) {
            return null;
        }
        effort.left = expandable - batch.sizeInBytes();
        if (batch.computedCrc() != batch.crc()) {
            return corrupt("Record is corrupt (stored crc = " + batch.crc() + ", computed crc = " + batch.computedCrc()
                    + ") in topic partition " + partition + ".");
        }
        long count = batch.lastOffsetDelta() + 1L;
        String range = "[" + batch.baseOffset() + ", " + batch.lastOffset() + "]";
        if (count <= 0) {
            return invalid("Batch has an invalid offset range: " + range + " in topic partition " + partition + ".");
        }
        if (batch.recordCount() <= 0) {
            return invalid("Invalid reported count for record batch: " + batch.recordCount() + " in topic partition "
                    + partition + ".");
        }
        if (count != batch.recordCount()) {
            return invalid("Inconsistent batch offset range " + range + " and count of records " + batch.recordCount()
                    + " in topic partition " + partition + ".");
        }
        if (batch.isControl()) {
            return invalid("Clients are not allowed to write control records in topic partition " + partition + ".");
        }
        if (batch.hasProducerId() && batch.baseSequence() < 0) {
            return invalid("Invalid sequence number " + batch.baseSequence() + " in record batch with producerId "
                    + batch.producerId() + " in topic partition " + partition + ".");
        }
        try {
            Result result = checkRecords(batch, partition, rules, nowMs, effort, expandable);
            return result instanceof Result.Valid ? recompressed(batch, partition, rules) : result;
        } catch (ExpandsFurtherException e) {
            return null;
        } catch (MalformedMessageException e) {
            return invalid(e.getMessage() == null ? "Malformed records" : e.getMessage());
        }
    }

    private static Result tooLarge(long bytes, String partition, Rules rules, boolean fromLog) {
        return new Result.Invalid(
                ErrorCode.MESSAGE_TOO_LARGE,
                "The record batch size in the append to " + partition + " is " + bytes
                        + " bytes which exceeds the maximum configured value of " + rules.maxMessageBytes() + ").",
                List.of(),
                fromLog);
    }

    /** The same records in the topic's own compression; its times are settled. */
    private static Result recompressed(RecordBatch batch, String partition, Rules rules) {
        Recompression wanted = rules.recompression();
        if (wanted == null || !isRecompressed(batch, rules)) {
            return new Result.Valid(batch);
        }
        BatchBuilder builder =
                BatchBuilder.like(batch, wanted.codec(), wanted.level()).limit(rules.maxMessageBytes());
        try (RecordCursor records = RecordCursor.skipping(batch)) {
            boolean more = true;
            while (more) {
                more = records.copyNextAsCreated(builder);
            }
        }
        if (builder.isOverLimit()) {
            return tooLarge(builder.sizeInBytes(), partition, rules, true);
        }
        RecordBatch result = new RecordBatch(builder.build(), 0);
        if (batch.isLogAppendTime()) {
            result.logAppendTime(batch.maxTimestamp());
        }
        return new Result.Valid(result);
    }

    private static boolean isRecompressed(RecordBatch batch, Rules rules) {
        return rules.recompression() != null && rules.recompression().codec() != batch.compression();
    }

    /** @param expandable bytes that may be expanded at most */
    private static @Nullable Result checkRecords(
            RecordBatch batch, String partition, Rules rules, long nowMs, Effort effort, long expandable) {
        RecordErrors errors = new RecordErrors(partition);
        long maxTimestamp = RecordBatch.NO_TIMESTAMP;
        int index = 0;
        try (RecordCursor records = RecordCursor.skipping(batch, expandable)) {
            try {
                while (records.next()) {
                    if (records.offsetDelta() != index) {
                        return invalid("Inner record " + index + " inside the compressed record batch does not have"
                                + " incremental offsets, expected offset is " + index + " in topic partition "
                                + partition + ".");
                    }
                    if (rules.compacted() && !records.hasKey()) {
                        errors.addWithoutKey(index);
                    } else if (rules.logAppendTime() || records.timestampMs() == RecordBatch.NO_TIMESTAMP) {
                        if (batch.isLogAppendTime()) {
                            errors.addBadTime(index, "Producer should not set timestamp type to LogAppendTime");
                        }
                    } else if (isOutside(records.timestampMs(), rules, nowMs)) {
                        errors.addBadTime(index, errors.isFull() ? null : timestampMessage(records, rules, nowMs));
                    }
                    maxTimestamp = Math.max(maxTimestamp, records.timestampMs());
                    index++;
                }
            } finally {
                long work = records.position() * (isRecompressed(batch, rules) ? Effort.TIMES_COMPRESSING : 1);
                effort.left = expandable - Math.max(work, batch.sizeInBytes());
            }
        }
        if (effort.left < 0) {
            return null;
        }
        if (errors.count > 0) {
            return refused(errors);
        }
        if (rules.logAppendTime()) {
            batch.logAppendTime(nowMs);
        } else {
            batch.createTime(maxTimestamp);
        }
        return new Result.Valid(batch);
    }

    private static boolean isOutside(long timestampMs, Rules rules, long nowMs) {
        return nowMs - timestampMs > rules.beforeMaxMs() || timestampMs - nowMs > rules.afterMaxMs();
    }

    private static String timestampMessage(RecordCursor record, Rules rules, long nowMs) {
        long earliest = nowMs - rules.beforeMaxMs();
        long latest = nowMs + rules.afterMaxMs();
        return "Timestamp " + record.timestampMs() + " of message with offset " + record.offset()
                + " is out of range. The timestamp should be within [" + earliest + ", "
                + latest + "]";
    }

    private static Result refused(RecordErrors errors) {
        if (errors.badTime) {
            return new Result.Invalid(
                    ErrorCode.INVALID_TIMESTAMP,
                    "One or more records have been rejected due to invalid timestamp",
                    errors.listed,
                    true);
        }
        String firstThree = errors.listed.stream()
                .limit(3)
                .map(error -> "RecordError(batchIndex=" + error.index() + ", message='" + error.message() + "')")
                .toList()
                .toString();
        return new Result.Invalid(
                ErrorCode.INVALID_RECORD,
                "One or more records have been rejected due to " + errors.count
                        + " record errors in total, and only showing the first three errors at most: " + firstThree,
                errors.listed,
                true);
    }

    private static Result invalid(String message) {
        return new Result.Invalid(ErrorCode.INVALID_RECORD, message, List.of(), true);
    }

    /** What Kafka finds out before it looks for the log. */
    private static Result unreadable(String message) {
        return new Result.Invalid(ErrorCode.INVALID_RECORD, message, List.of(), false);
    }

    private static Result corrupt(String message) {
        return new Result.Invalid(ErrorCode.CORRUPT_MESSAGE, message, List.of(), false);
    }
}

package io.gregor.log;

import io.gregor.wire.MalformedMessageException;
import io.gregor.wire.record.BatchBuilder;
import io.gregor.wire.record.Compression;
import io.gregor.wire.record.Record;
import io.gregor.wire.record.RecordBatch;
import io.gregor.wire.record.RecordCursor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One pass over a log that leaves of each key only the latest record. The rules are Kafka's: offsets never change;
 * tombstones and markers stay for {@code delete.retention.ms} after they were compacted first (KIP-534); aborted
 * records go; the batch with an active producer's last sequence stays, if need be empty, and so does the last batch
 * of the pass. Runs in the background over an immutable view; {@link LogCleaning} puts the result into the log.
 */
final class Compactor {
    private final Disk disk;
    private final Path folder;
    private final LogConfig config;
    private final LogView view;
    private final Dirt dirt;
    private final long nowMs;
    private final BooleanSupplier stopped;
    private final Map<Long, ProducerSummary> producers = new HashMap<>();
    private final TransactionsSeen transactions = new TransactionsSeen();
    private final KeyOffsets latest;

    Compactor(
            PartitionLog log,
            LogView view,
            Dirt dirt,
            List<ProducerSummary> activeProducers,
            int memoryBytes,
            BooleanSupplier stopped) {
        this.disk = log.environment().disk();
        this.folder = log.folder();
        this.config = log.config();
        this.view = view;
        this.dirt = dirt;
        this.nowMs = log.environment().clock().millis();
        this.stopped = stopped;
        activeProducers.forEach(producer -> producers.put(producer.producerId(), producer));
        latest = new KeyOffsets(dirt.upTo() - dirt.from(), memoryBytes);
    }

    /** Segments that go, and the one that comes in their place: its files end with {@code .cleaned}. */
    record Replacement(List<Segment> old, Segment cleaned) {}

    /** The offset up to which the log is compact once all replacements are made. */
    long compactUpTo() {
        return latest.upTo();
    }

    /** Writes the new segments; they are on the disk when it returns. */
    List<Replacement> run() throws IOException {
        readKeys();
        if (latest.upTo() <= dirt.from()) {
            throw new IOException("the keys of one batch of " + folder
                    + " need more memory than log.cleaner.dedupe.buffer.size allows");
        }
        List<Replacement> replacements = new ArrayList<>();
        for (List<Segment> group : groups()) {
            replacements.add(new Replacement(group, compact(group)));
        }
        return replacements;
    }

    private void readKeys() throws IOException {
        TransactionsSeen seen = new TransactionsSeen();
        seen.willMeet(view.abortedBetween(dirt.from(), dirt.upTo()));
        latest.upTo(dirt.from());
        for (Segment segment : segmentsBetween(dirt.from(), dirt.upTo())) {
            BatchScanner scanner =
                    new BatchScanner(segment, segment.positionOf(dirt.from(), segment.size()), segment.size());
            for (RecordBatch batch = scanner.next(); batch != null; batch = scanner.next()) {
                if (batch.baseOffset() >= dirt.upTo()) {
                    return;
                }
                if (batch.isControl()) {
                    seen.isLeftOver(batch);
                } else if (!seen.isAborted(batch) && !readKeys(batch)) {
                    return;
                }
                latest.upTo(batch.nextOffset());
            }
            latest.upTo(Math.max(latest.upTo(), nextBase(segment)));
        }
    }

    private void checkStopped() {
        if (stopped.getAsBoolean()) {
            throw new CancellationException("compacting " + folder);
        }
    }

    /** False if there is no room for more keys. */
    private boolean readKeys(RecordBatch batch) {
        checkStopped();
        try (RecordCursor records = RecordCursor.reading(batch)) {
            while (records.next()) {
                Record record = records.record();
                if (record.key() != null
                        && record.offset() >= dirt.from()
                        && !latest.put(record.key(), record.offset())) {
                    return false;
                }
            }
        }
        return true;
    }

    private List<Segment> segmentsBetween(long from, long upTo) {
        return view.segments().stream()
                .filter(segment -> segment.baseOffset() < upTo && nextBase(segment) > from)
                .toList();
    }

    private long nextBase(Segment segment) {
        int next = view.segments().indexOf(segment) + 1;
        return next == view.segments().size()
                ? Long.MAX_VALUE
                : view.segments().get(next).baseOffset();
    }

    /** Neighbours that fit into one segment; only whole segments that the keys were read of. */
    private List<List<Segment>> groups() {
        List<List<Segment>> groups = new ArrayList<>();
        List<Segment> group = new ArrayList<>();
        long bytes = 0;
        long indexBytes = 0;
        for (Segment segment : segmentsBetween(0, latest.upTo())) {
            if (nextBase(segment) == Long.MAX_VALUE) {
                break;
            }
            long index = (long) segment.offsets().file().count()
                    * segment.offsets().file().width();
            boolean fits = !group.isEmpty()
                    && bytes + segment.size() <= config.rolling().bytes()
                    && indexBytes + index <= config.rolling().indexBytes()
                    && nextBase(segment) - group.get(0).baseOffset() <= Integer.MAX_VALUE;
            if (!fits) {
                group = new ArrayList<>();
                groups.add(group);
                bytes = 0;
                indexBytes = 0;
            }
            group.add(segment);
            bytes += segment.size();
            indexBytes += index;
        }
        return groups;
    }

    private Segment compact(List<Segment> group) throws IOException {
        long base = group.get(0).baseOffset();
        Segment cleaned = new Segment(disk, folder, base, LogFiles.CLEANED, nowMs);
        cleaned.delete(LogFiles.CLEANED);
        cleaned = new Segment(disk, folder, base, LogFiles.CLEANED, nowMs);
        cleaned.create(0);
        transactions.keepIn(cleaned.aborted());
        for (Segment segment : group) {
            transactions.willMeet(view.abortedBetween(segment.baseOffset(), nextBase(segment)));
            BatchScanner scanner = new BatchScanner(segment, 0, segment.size());
            for (RecordBatch batch = scanner.next(); batch != null; batch = scanner.next()) {
                keep(batch, cleaned);
            }
            if (scanner.position() < segment.size()) {
                throw new MalformedMessageException(segment + " holds no batch at " + scanner.position());
            }
        }
        cleaned.seal();
        cleaned.force(SyncRule.COMPACTED);
        cleaned.forceIndexes(SyncRule.COMPACTED);
        return cleaned;
    }

    private void keep(RecordBatch batch, Segment into) throws IOException {
        checkStopped();
        boolean droppable = batch.isControl() ? transactions.isLeftOver(batch) : transactions.isAborted(batch);
        boolean expired = batch.hasDeleteHorizon() && batch.baseTimestamp() <= nowMs;
        boolean drop = droppable && (!batch.isControl() || expired);
        boolean needed = isLastOfProducer(batch) || batch.nextOffset() == dirt.upTo();
        RecordBatch kept = drop ? null : filtered(batch, droppable && batch.isControl(), expired);
        if (kept == null && needed) {
            kept = batch.emptied();
        }
        if (kept != null) {
            into.append(kept, config.indexIntervalBytes());
        }
    }

    private boolean isLastOfProducer(RecordBatch batch) {
        ProducerSummary producer = batch.hasProducerId() ? producers.get(batch.producerId()) : null;
        if (producer == null) {
            return false;
        }
        return producer.lastOffset() >= 0
                ? batch.lastOffset() == producer.lastOffset()
                : batch.isControl() && batch.producerEpoch() == producer.epoch();
    }

    /** The batch with the records that stay; the same batch if all do; null if none does. */
    private @Nullable RecordBatch filtered(RecordBatch batch, boolean markerOfNothing, boolean expired) {
        List<Record> kept = new ArrayList<>();
        boolean tombstones = false;
        int count = 0;
        try (RecordCursor records = RecordCursor.reading(batch)) {
            while (records.next()) {
                Record record = records.record();
                count++;
                if (batch.isControl() || isKept(record, expired)) {
                    kept.add(record);
                    tombstones |= !batch.isControl() && record.value() == null;
                }
            }
        }
        if (kept.isEmpty()) {
            return null;
        }
        boolean beginsToExpire = (tombstones || markerOfNothing) && !batch.hasDeleteHorizon();
        if (kept.size() == count && !beginsToExpire) {
            return batch;
        }
        long horizon = beginsToExpire ? nowMs + config.compaction().deleteRetentionMs() : batch.baseTimestamp();
        return rebuilt(batch, kept, beginsToExpire || batch.hasDeleteHorizon() ? horizon : RecordBatch.NO_TIMESTAMP);
    }

    private static RecordBatch rebuilt(RecordBatch batch, List<Record> kept, long horizon) {
        Compression codec = batch.compression();
        if (codec == null) {
            throw new MalformedMessageException("a batch of unknown compression at offset " + batch.baseOffset());
        }
        BatchBuilder builder =
                BatchBuilder.like(batch, codec, Compression.DEFAULT_LEVEL).deleteHorizon(horizon);
        kept.forEach(builder::addWithOffset);
        RecordBatch rebuilt = new RecordBatch(builder.build(batch.lastOffsetDelta()), 0);
        if (batch.isLogAppendTime()) {
            rebuilt.logAppendTime(batch.maxTimestamp());
        }
        return rebuilt;
    }

    private boolean isKept(Record record, boolean tombstonesExpired) {
        if (record.offset() >= latest.upTo()) {
            return true;
        }
        if (record.key() == null) {
            return false;
        }
        return record.offset() >= latest.get(record.key()) && (record.value() != null || !tombstonesExpired);
    }
}

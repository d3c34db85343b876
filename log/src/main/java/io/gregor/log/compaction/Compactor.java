package io.gregor.log.compaction;

import io.gregor.log.LogConfig;
import io.gregor.log.LogView;
import io.gregor.log.PartitionLog;
import io.gregor.log.disk.Disk;
import io.gregor.log.disk.LogFiles;
import io.gregor.log.disk.SyncRule;
import io.gregor.log.producer.ProducerSummary;
import io.gregor.log.segment.BatchReader;
import io.gregor.log.segment.Segment;
import io.gregor.log.segment.StoredBatch;
import io.gregor.wire.record.BatchBuilder;
import io.gregor.wire.record.Compression;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One pass over a log that leaves of each key only the latest record. The rules are Kafka's: offsets never change;
 * tombstones and markers stay for {@code delete.retention.ms} after they were compacted first (KIP-534); aborted
 * records go; the batch with an active producer's last sequence stays, if need be empty, and so does the last batch
 * of the pass. Runs in the background over an immutable view; {@link LogCleaning} puts the result into the log.
 */
final class Compactor {
    private static final Logger LOG = LoggerFactory.getLogger(Compactor.class);
    /** Unless it was larger before, a batch that is written anew never gets larger. */
    private static final int REBUILT_BYTES_MAX = 4 * 1024 * 1024;

    private final Disk disk;
    private final Path folder;
    private final LogConfig config;
    private final LogView view;
    private final CleanableRange dirt;
    private final long nowMs;
    private final BooleanSupplier stopped;
    private final Map<Long, ProducerSummary> producers = new HashMap<>();
    private final CleanedTransactions transactions = new CleanedTransactions();
    private final OffsetMap latest;

    Compactor(
            PartitionLog log,
            LogView view,
            CleanableRange dirt,
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
        latest = new OffsetMap(dirt.upTo() - dirt.from(), memoryBytes);
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
        boolean done = false;
        try {
            for (List<Segment> group : groups()) {
                replacements.add(new Replacement(group, compact(group)));
            }
            done = true;
        } finally {
            if (!done) {
                discard(replacements);
            }
        }
        return replacements;
    }

    /** Takes back what was written: the segments that were compacted stay. */
    static void discard(List<Replacement> replacements) throws IOException {
        for (Replacement replacement : replacements) {
            replacement.cleaned().delete();
        }
    }

    private void readKeys() throws IOException {
        CleanedTransactions seen = new CleanedTransactions();
        seen.willMeet(view.abortedBetween(dirt.from(), dirt.upTo()));
        latest.upTo(dirt.from());
        for (Segment segment : segmentsBetween(dirt.from(), dirt.upTo())) {
            int from = segment.positionOf(dirt.from(), segment.size());
            BatchReader reader = BatchReader.of(segment, from, segment.size());
            for (StoredBatch batch = reader.nextChecked(); batch != null; batch = reader.nextChecked()) {
                RecordBatch header = batch.header();
                if (header.baseOffset() >= dirt.upTo()) {
                    return;
                }
                if (header.isControl()) {
                    seen.isLeftOver(batch.whole());
                } else if (!seen.isAborted(header) && !readKeys(batch)) {
                    return;
                }
                latest.upTo(header.nextOffset());
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
    private boolean readKeys(StoredBatch batch) throws IOException {
        checkStopped();
        return batch.keyHashes(records -> {
            while (records.next()) {
                if (records.hasKey()
                        && records.offset() >= dirt.from()
                        && !latest.put(records.keyHash(), records.offset())) {
                    return false;
                }
            }
            return true;
        });
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
        new Segment(disk, folder, base, LogFiles.CLEANED, nowMs).delete();
        Segment cleaned = new Segment(disk, folder, base, LogFiles.CLEANED, nowMs);
        boolean done = false;
        try {
            compact(group, cleaned);
            done = true;
        } finally {
            if (!done) {
                cleaned.delete();
            }
        }
        return cleaned;
    }

    private void compact(List<Segment> group, Segment cleaned) throws IOException {
        cleaned.create(0);
        transactions.keepIn(cleaned.aborted());
        for (Segment segment : group) {
            transactions.willMeet(view.abortedBetween(segment.baseOffset(), nextBase(segment)));
            BatchReader reader = BatchReader.of(segment, 0, segment.size());
            for (StoredBatch batch = reader.nextChecked(); batch != null; batch = reader.nextChecked()) {
                keep(batch, cleaned);
            }
        }
        cleaned.seal();
        cleaned.force(SyncRule.COMPACTED);
        cleaned.forceIndexes(SyncRule.COMPACTED);
    }

    private void keep(StoredBatch batch, Segment into) throws IOException {
        checkStopped();
        RecordBatch header = batch.header();
        boolean droppable =
                header.isControl() ? transactions.isLeftOver(batch.whole()) : transactions.isAborted(header);
        boolean expired = header.hasDeleteHorizon() && header.baseTimestamp() <= nowMs;
        boolean drop = droppable && (!header.isControl() || expired);
        boolean needed = isLastOfProducer(header) || header.nextOffset() == dirt.upTo();
        Outcome outcome = drop ? Outcome.NOTHING : outcome(batch, droppable && header.isControl(), expired);
        if (outcome.kept() == 0) {
            if (needed) {
                into.append(header.emptied(), config.indexIntervalBytes());
            }
            return;
        }
        RecordBatch rebuilt = outcome.isWhole() ? null : rebuilt(batch, outcome, expired);
        if (rebuilt == null) {
            into.append(batch, config.indexIntervalBytes());
        } else {
            into.append(rebuilt, config.indexIntervalBytes());
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

    /**
     * What becomes of a batch.
     *
     * @param kept how many of its records stay
     * @param dropped how many go
     * @param horizonMs from when on its tombstones may go, if it has to say so; else -1
     * @param begins whether that is news
     */
    private record Outcome(int kept, int dropped, long horizonMs, boolean begins) {
        private static final Outcome NOTHING = new Outcome(0, 0, RecordBatch.NO_TIMESTAMP, false);

        boolean isWhole() {
            return dropped == 0 && !begins;
        }
    }

    private Outcome outcome(StoredBatch batch, boolean markerOfNothing, boolean expired) throws IOException {
        return batch.keyHashes(records -> outcome(batch.header(), records, markerOfNothing, expired));
    }

    private Outcome outcome(RecordBatch header, RecordCursor records, boolean markerOfNothing, boolean expired) {
        boolean tombstones = false;
        int count = 0;
        int kept = 0;
        while (records.next()) {
            count++;
            if (header.isControl() || isKept(records, expired)) {
                kept++;
                tombstones |= !header.isControl() && !records.hasValue();
            }
        }
        boolean begins = (tombstones || markerOfNothing) && !header.hasDeleteHorizon();
        long horizonMs = header.hasDeleteHorizon() ? header.baseTimestamp() : RecordBatch.NO_TIMESTAMP;
        if (begins) {
            horizonMs = nowMs + config.compaction().deleteRetentionMs();
        }
        return new Outcome(kept, count - kept, horizonMs, begins);
    }

    /**
     * The batch with the records that stay, copied one by one without holding any. Null if it would need more memory
     * than it is worth: compressed again it may be larger than it was.
     */
    private @Nullable RecordBatch rebuilt(StoredBatch batch, Outcome outcome, boolean expired) throws IOException {
        RecordBatch header = batch.header();
        Compression codec = header.compression();
        if (codec == null) {
            throw batch.damaged("unknown compression in attributes " + header.attributes());
        }
        BatchBuilder builder = BatchBuilder.like(header, codec, Compression.DEFAULT_LEVEL)
                .deleteHorizon(outcome.horizonMs())
                .limit(Math.max(REBUILT_BYTES_MAX, batch.sizeInBytes()));
        int copied = batch.keyHashes(deciding ->
                batch.outlines(copying -> copyKept(header.isControl(), deciding, copying, expired, builder)));
        if (copied != outcome.kept()) {
            throw new IllegalStateException(copied + " records of " + header + " stay, not " + outcome.kept());
        }
        if (builder.isOverLimit()) {
            LOG.warn(
                    "{} at position {} stays as it is: without the records that could go it has {} bytes",
                    header,
                    batch.position(),
                    builder.sizeInBytes());
            return null;
        }
        RecordBatch rebuilt = new RecordBatch(builder.build(header.lastOffsetDelta()), 0);
        if (header.isLogAppendTime()) {
            rebuilt.logAppendTime(header.maxTimestamp());
        }
        return rebuilt;
    }

    /** Two cursors over the same batch, since a key is hashed only when its record is copied already. */
    private int copyKept(boolean all, RecordCursor deciding, RecordCursor copying, boolean expired, BatchBuilder into) {
        int copied = 0;
        while (deciding.next()) {
            if (all || isKept(deciding, expired)) {
                copying.copyNext(into);
                copied++;
            } else {
                copying.next();
            }
        }
        return copied;
    }

    private boolean isKept(RecordCursor record, boolean tombstonesExpired) {
        if (record.offset() >= latest.upTo()) {
            return true;
        }
        if (!record.hasKey()) {
            return false;
        }
        return record.offset() >= latest.get(record.keyHash()) && (record.hasValue() || !tombstonesExpired);
    }
}

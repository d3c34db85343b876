package io.gregor.log;

import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.record.RecordBatch;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log of one partition: segments in a folder, of which the last one grows. All changes happen on the partition's
 * lane; {@link #view} may be read anywhere. Batches must be valid before they come here; the log gives them their
 * offsets in place.
 */
public final class PartitionLog {
    private static final Logger LOG = LoggerFactory.getLogger(PartitionLog.class);

    private final Disk disk;
    private final Path folder;
    private final InstantSource clock;
    private final Executor flusher;
    private final LeaderEpochs epochs;
    private final ProducerStates producers;
    private final List<Segment> segments;
    private volatile LogConfig config;
    private volatile LogView view;
    private volatile long recoveryPoint;

    /** What became of a batch. */
    public sealed interface Appended {
        /** It lies in the log from that offset on. */
        record Stored(long baseOffset, long lastOffset) implements Appended {}

        /** It was there before: a producer sent it again. */
        record Duplicate(long baseOffset, long timestampMs) implements Appended {}

        /** It may not follow what its producer wrote before. */
        record Refused(ErrorCode error) implements Appended {}
    }

    PartitionLog(LogLoader loader, LogLoader.Loaded loaded) {
        disk = loader.disk();
        folder = loader.folder();
        clock = loader.clock();
        flusher = loader.flusher();
        config = loader.config();
        epochs = loaded.epochs();
        producers = loaded.producers();
        segments = loaded.segments();
        recoveryPoint = loaded.recoveryPoint();
        view = viewOf(loaded.startOffset(), loaded.endOffset());
    }

    private LogView viewOf(long startOffset, long endOffset) {
        List<Segment> now = List.copyOf(segments);
        return new LogView(now, active().size(), startOffset, endOffset, endOffset, endOffset);
    }

    public LogView view() {
        return view;
    }

    public LeaderEpochs epochs() {
        return epochs;
    }

    public Path folder() {
        return folder;
    }

    /** All before this offset is on the disk. */
    public long recoveryPoint() {
        return recoveryPoint;
    }

    public LogConfig config() {
        return config;
    }

    /** Takes effect from the next append on. */
    public void config(LogConfig changed) {
        config = changed;
    }

    private Segment active() {
        return segments.get(segments.size() - 1);
    }

    /**
     * Appends a valid batch: sets its base offset and leader epoch in place, writes it with one write, and publishes
     * the view.
     *
     * @throws IOException if the disk refuses; the log is then as it was before
     */
    public Appended append(RecordBatch batch, int leaderEpoch) throws IOException {
        ProducerStates.Verdict verdict = producers.check(batch);
        if (verdict instanceof ProducerStates.Verdict.Duplicate duplicate) {
            return new Appended.Duplicate(duplicate.baseOffset(), duplicate.timestampMs());
        }
        if (verdict instanceof ProducerStates.Verdict.Refuse refuse) {
            return new Appended.Refused(refuse.error());
        }
        LogView before = view;
        long baseOffset = before.endOffset();
        batch.assign(baseOffset, leaderEpoch);
        if (mustRoll(batch)) {
            roll(baseOffset);
        }
        Segment active = active();
        active.append(batch, config.indexIntervalBytes());
        epochs.assign(leaderEpoch, baseOffset);
        producers.appended(batch);
        long end = batch.nextOffset();
        view = before.segments().get(before.segments().size() - 1) == active
                ? new LogView(before.segments(), active.size(), before.startOffset(), end, end, end)
                : viewOf(before.startOffset(), end);
        return new Appended.Stored(baseOffset, end - 1);
    }

    /** Notes that a leader's epoch begins here, as Kafka does before its first record. */
    public void beginEpoch(int leaderEpoch) throws IOException {
        epochs.assign(leaderEpoch, view.endOffset());
    }

    private boolean mustRoll(RecordBatch batch) throws IOException {
        Segment active = active();
        LogConfig now = config;
        if (active.size() > now.segmentBytes() - batch.sizeInBytes()) {
            return active.size() > 0;
        }
        boolean indexFull =
                (active.offsets().file().count() + 1) * active.offsets().file().width() > now.segmentIndexBytes();
        boolean tooFar = batch.lastOffset() - active.baseOffset() > Integer.MAX_VALUE;
        boolean old = active.size() > 0 && active.ageMs(clock.millis(), batch.maxTimestamp()) > now.segmentMs();
        return indexFull || tooFar || old;
    }

    private void roll(long newBase) throws IOException {
        Segment full = active();
        full.seal();
        Segment next = new Segment(disk, folder, newBase, clock.millis());
        next.create();
        segments.add(next);
        producers.writeSnapshot(newBase);
        flusher.execute(() -> flush(full, newBase));
    }

    /** Runs on the flusher. A failure is left to the next flush: the recovery point only moves when it worked. */
    private void flush(Segment segment, long upTo) {
        try {
            segment.force();
            disk.syncFolder(folder);
            recoveryPoint = Math.max(recoveryPoint, upTo);
        } catch (IOException e) {
            LOG.error("Flushing {} failed", segment, e);
        }
    }

    /** Makes all that was appended durable before it returns. */
    public void flush() throws IOException {
        long end = view.endOffset();
        for (Segment segment : segments) {
            if (segment == active()) {
                // The index of the last segment is made again by a recovery.
                segment.file().force();
            } else if (nextBase(segment) > recoveryPoint) {
                segment.force();
            }
        }
        recoveryPoint = end;
    }

    private long nextBase(Segment segment) {
        int next = segments.indexOf(segment) + 1;
        return next == segments.size() ? Long.MAX_VALUE : segments.get(next).baseOffset();
    }

    /** Seals and flushes everything, so that the next start has nothing to recover. */
    public void close() throws IOException {
        active().seal();
        producers.writeSnapshot(view.endOffset());
        if (view.endOffset() > recoveryPoint) {
            flush();
        }
    }

    /** Forgets idempotent producers that have not written since that time. */
    public void expireProducers(long beforeMs) {
        producers.expire(beforeMs);
    }
}

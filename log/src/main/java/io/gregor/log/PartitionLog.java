package io.gregor.log;

import io.gregor.log.disk.LogEnvironment;
import io.gregor.log.disk.LogFiles;
import io.gregor.log.disk.SmallFile;
import io.gregor.log.disk.SyncRule;
import io.gregor.log.producer.ProducerStates;
import io.gregor.log.segment.AbortedTransaction;
import io.gregor.log.segment.Segment;
import io.gregor.log.segment.StoredBatch;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.record.EndMarker;
import io.gregor.wire.record.RecordBatch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log of one partition: segments in a folder, of which the last one grows. All changes happen on the partition's
 * lane; {@link #view} may be read anywhere. Batches must be valid before they come here; the log gives them their
 * offsets in place.
 */
public final class PartitionLog {
    private static final Logger LOG = LoggerFactory.getLogger(PartitionLog.class);

    private final LogEnvironment environment;
    private final Path folder;
    private final LeaderEpochs epochs;
    private final ProducerStates producers;
    private final List<Segment> segments;
    private final DroppedSegments dropped;
    private volatile LogConfig config;
    private volatile LogView view;
    private volatile long recoveryPoint;
    /** The newest segment whose name is known to be on the disk. */
    private volatile long namedUpTo = -1;

    /** What lies at or after this waits for a flush before anybody sees it. */
    private long visibleEnd;

    private long flushedEnd;
    private volatile long compactUpTo;
    private boolean replacing;
    private boolean leftFiles;
    private long jitterMs;

    PartitionLog(LogLoader loader, LogLoader.Loaded loaded) {
        environment = loader.environment();
        folder = loader.folder();
        config = loader.config();
        epochs = loaded.epochs();
        producers = loaded.producers();
        segments = loaded.segments();
        dropped = new DroppedSegments(environment, folder);
        recoveryPoint = loaded.recoveryPoint();
        compactUpTo = loader.compactUpTo();
        visibleEnd = loaded.endOffset();
        flushedEnd = loaded.recoveryPoint();
        view = viewOf(loaded.startOffset(), loaded.endOffset());
        chooseJitter();
    }

    private LogView viewOf(long startOffset, long endOffset) {
        return viewOf(List.copyOf(segments), startOffset, endOffset);
    }

    private LogView viewOf(List<Segment> immutable, long startOffset, long endOffset) {
        long visible = Math.max(startOffset, visibleEnd);
        long stable = Math.max(startOffset, Math.min(visible, producers.firstUnstableOffset()));
        return new LogView(immutable, active().size(), startOffset, visible, stable, endOffset);
    }

    public LogView view() {
        return view;
    }

    public LeaderEpochs epochs() {
        return epochs;
    }

    /** Who produced here; confined to the partition's lane. */
    public ProducerStates producers() {
        return producers;
    }

    public Path folder() {
        return folder;
    }

    /** A small file in the log's folder that is not the log's own. */
    public SmallFile fileBeside(String name) {
        return new SmallFile(environment.disk(), folder.resolve(name));
    }

    /** Whether its folder has failed: then it can neither be read nor written. */
    public boolean isOffline() {
        return environment.disk().isOffline();
    }

    public LogEnvironment environment() {
        return environment;
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
    public AppendResult append(RecordBatch batch, int leaderEpoch) throws IOException {
        ProducerStates.Verdict verdict = producers.check(batch);
        if (verdict instanceof ProducerStates.Verdict.Duplicate duplicate) {
            return new AppendResult.Duplicate(duplicate.baseOffset(), duplicate.endOffset(), duplicate.timestampMs());
        }
        if (verdict instanceof ProducerStates.Verdict.Refuse refuse) {
            return new AppendResult.Refused(refuse.error());
        }
        return write(batch, leaderEpoch);
    }

    /**
     * Ends a producer's transaction here.
     *
     * @param raisesEpoch whether the marker's epoch is one above that of the transaction (transaction version 2)
     * @throws IOException if the disk refuses; the log is then as it was before
     */
    public AppendResult appendMarker(
            long producerId, short producerEpoch, EndMarker marker, boolean raisesEpoch, int leaderEpoch)
            throws IOException {
        ErrorCode error = producers.checkMarker(producerId, producerEpoch, marker, raisesEpoch);
        if (error != ErrorCode.NONE) {
            return new AppendResult.Refused(error);
        }
        return write(
                marker.toBatch(producerId, producerEpoch, environment.clock().millis()), leaderEpoch);
    }

    private AppendResult write(RecordBatch batch, int leaderEpoch) throws IOException {
        batch.assign(view.endOffset(), leaderEpoch);
        return place(batch, null);
    }

    /**
     * Appends a batch of another copy of this log as it lies there, with its offset and epoch, in pieces. Between it
     * and what is here compaction may have left a gap.
     */
    public void appendCopy(StoredBatch stored) throws IOException {
        boolean isRead = stored.header().isControl();
        place(isRead ? stored.whole() : stored.header(), stored);
    }

    private AppendResult place(RecordBatch batch, @Nullable StoredBatch copied) throws IOException {
        LogView before = view;
        long baseOffset = batch.baseOffset();
        if (mustRoll(batch)) {
            roll(baseOffset);
        }
        epochs.assign(batch.leaderEpoch(), baseOffset);
        Segment active = active();
        if (copied == null) {
            active.append(batch, config.indexIntervalBytes());
        } else {
            active.append(copied, config.indexIntervalBytes());
        }
        AbortedTransaction aborted = producers.appended(batch);
        if (aborted != null) {
            active.aborted().add(aborted);
        }
        long end = batch.nextOffset();
        if (visibleEnd >= baseOffset && !mustFlushFirst(end)) {
            visibleEnd = end;
        }
        view = before.segments().get(before.segments().size() - 1) == active
                ? viewOf(before.segments(), before.startOffset(), end)
                : viewOf(before.startOffset(), end);
        return new AppendResult.Stored(baseOffset, end);
    }

    /** The rule of {@code flush.messages}: whether the records up to there are visible only once they are flushed. */
    private boolean mustFlushFirst(long end) {
        return end - flushedEnd >= config.flushing().messages();
    }

    /** Notes that a leader's epoch begins here, as Kafka does before its first record. */
    public void beginEpoch(int leaderEpoch) throws IOException {
        epochs.assign(leaderEpoch, view.endOffset());
    }

    private boolean mustRoll(RecordBatch batch) throws IOException {
        Segment active = active();
        LogConfig.Rolling now = config.rolling();
        if (active.size() > now.bytes() - batch.sizeInBytes()) {
            return active.size() > 0;
        }
        boolean indexFull =
                (active.offsets().file().count() + 1) * active.offsets().file().width() > now.indexBytes();
        boolean tooFar = batch.lastOffset() - active.baseOffset() > Integer.MAX_VALUE;
        boolean old = active.size() > 0
                && active.ageMs(environment.clock().millis(), batch.maxTimestamp()) > config.segmentAgeMs() - jitterMs;
        return indexFull || tooFar || old;
    }

    private void roll(long newBase) throws IOException {
        Segment full = active();
        full.seal();
        Segment next = new Segment(
                environment.disk(), folder, newBase, environment.clock().millis());
        try {
            next.create(config.preallocate() ? config.rolling().bytes() : 0);
        } catch (IOException e) {
            // What is half made would be taken for the end of the log, even after a power loss.
            next.delete();
            environment.disk().syncFolder(folder, SyncRule.SEGMENT_NAMES);
            throw e;
        }
        segments.add(next);
        if (leftFiles) {
            next.letGo();
        }
        producers.writeSnapshot(newBase);
        chooseJitter();
        List<Segment> now = List.copyOf(segments);
        environment.background().run(() -> flushSealedOrComplain(now), 0);
    }

    private void chooseJitter() {
        long most = Math.min(config.rolling().jitterMs(), config.rolling().ageMs());
        jitterMs = most <= 0 ? 0 : environment.random().nextLong(most);
    }

    /** Runs in the background. A failure is left to the next flush. */
    private void flushSealedOrComplain(List<Segment> now) {
        try {
            flushSealed(now);
        } catch (IOException | RuntimeException e) {
            LOG.error("Flushing {} failed", folder, e);
        }
    }

    /** The recovery point never passes a segment that could not be flushed. May run anywhere. */
    private void flushSealed(List<Segment> now) throws IOException {
        for (int i = 0; i + 1 < now.size(); i++) {
            long end = now.get(i + 1).baseOffset();
            if (end > recoveryPoint) {
                now.get(i).forceUnlessGone(true);
                producers.forceSnapshot(end);
                syncNames(now.get(i + 1));
                recoveryPoint = Math.max(recoveryPoint, end);
            }
        }
    }

    /** All names up to that segment's last from here on. */
    private void syncNames(Segment newest) throws IOException {
        if (newest.baseOffset() > namedUpTo) {
            if (namedUpTo < 0) {
                environment.disk().syncFolder(LogFiles.parent(folder), SyncRule.PARTITION_FOLDERS);
            }
            environment.disk().syncFolder(folder, SyncRule.SEGMENT_NAMES);
            namedUpTo = newest.baseOffset();
        }
    }

    /**
     * Rolls now if that batch would, and makes durable what lies before the last segment, and its name. So a flush
     * after the append of the batch has one file to force, and fails only with the log directory.
     */
    public void makeReadyFor(RecordBatch batch) throws IOException {
        if (mustRoll(batch)) {
            roll(view.endOffset());
        }
        flushSealed(segments);
        syncNames(active());
    }

    /** Makes all that was appended durable before it returns. */
    public void flush() throws IOException {
        LogView now = view;
        flush(now);
        flushed(now.endOffset());
    }

    /** May run anywhere. */
    private void flush(LogView now) throws IOException {
        flushSealed(now.segments());
        Segment last = now.segments().get(now.segments().size() - 1);
        last.forceUnlessGone(false);
        syncNames(last);
        // The index of the last segment is not forced. So the point stays within it, by one record: a recovery reads
        // it.
        recoveryPoint = Math.max(recoveryPoint, Math.max(last.baseOffset(), now.endOffset() - 1));
    }

    private void flushed(long end) {
        flushedEnd = Math.max(flushedEnd, end);
        visibleEnd = Math.max(visibleEnd, end);
        // Not the view's own segments: an append that failed may have rolled before.
        view = viewOf(view.startOffset(), view.endOffset());
    }

    /**
     * Has this log go on in the place of another whose records it has copied, all of them: on the lane of both.
     *
     * @return false if something that counts as flushed there may not be on the disk here yet
     */
    public boolean replace(PartitionLog original) throws IOException {
        if (original.flushedEnd > flushedEnd || original.view.endOffset() != view.endOffset()) {
            return false;
        }
        producers.adoptFrom(original.producers);
        // While it was copied, what was copied already may have been compacted.
        compactUpTo = config.compaction().compact() ? 0 : original.compactUpTo;
        visibleEnd = original.visibleEnd;
        advanceLogStart(original.view.startOffset());
        view = viewOf(view.startOffset(), view.endOffset());
        return true;
    }

    /** How many records are not known to be on the disk. */
    public long unflushed() {
        return view.endOffset() - flushedEnd;
    }

    /** All before this offset was flushed, and counts as such; on the partition's lane. */
    public long flushedEnd() {
        return flushedEnd;
    }

    /**
     * Makes all that has been appended so far durable in the background, and visible.
     *
     * @param lane where the log lives
     * @param done run there: with true if that worked
     */
    public void flushThen(Executor lane, Consumer<Boolean> done) {
        LogView now = view;
        environment.background().run(() -> flushThen(now, lane, done), 0);
    }

    private void flushThen(LogView now, Executor lane, Consumer<Boolean> done) {
        boolean worked = false;
        try {
            flush(now);
            worked = true;
        } catch (IOException | RuntimeException e) {
            LOG.error("Flushing {} failed", folder, e);
        } finally {
            endFlush(now, worked, lane, done);
        }
    }

    private void endFlush(LogView now, boolean worked, Executor lane, Consumer<Boolean> done) {
        try {
            lane.execute(() -> {
                if (worked) {
                    flushed(now.endOffset());
                }
                done.accept(worked);
            });
        } catch (RejectedExecutionException e) {
            LOG.debug("{} was flushed when its lane had ended: the broker stops", folder);
        }
    }

    private long nextBase(Segment segment) {
        int next = segments.indexOf(segment) + 1;
        return next == segments.size() ? Long.MAX_VALUE : segments.get(next).baseOffset();
    }

    /**
     * Lets the log begin at that offset, if that is later than it does, and drops the segments that lie before it. The
     * caller has made sure that it is not beyond the high watermark.
     */
    public void advanceLogStart(long offset) throws IOException {
        if (offset > view.startOffset()) {
            drop(Retention.before(view, offset), offset);
        }
    }

    /** Drops the segments that retention does not want to keep any longer. */
    public void applyRetention() throws IOException {
        LogView now = view;
        List<Segment> expired =
                Retention.expired(now, config.retention(), environment.clock().millis());
        if (expired.isEmpty()) {
            return;
        }
        if (expired.size() == segments.size()) {
            roll(now.endOffset());
        }
        drop(expired, Math.max(now.startOffset(), nextBase(expired.get(expired.size() - 1))));
    }

    /** Takes the oldest segments out; their files go in the background. While compaction replaces some, they stay. */
    private void drop(List<Segment> oldest, long newStart) throws IOException {
        epochs.truncateFromStart(newStart);
        if (!replacing) {
            segments.removeAll(oldest);
        }
        view = viewOf(newStart, view.endOffset());
        if (!replacing && !oldest.isEmpty()) {
            LOG.info("Dropping {} segments of {}, which begins at offset {} now", oldest.size(), folder, newStart);
            dropped.add(oldest, config.deleteDelayMs());
        }
    }

    /** Up to where the log is compact. */
    public long compactUpTo() {
        return compactUpTo;
    }

    public void compactUpTo(long offset) {
        compactUpTo = offset;
    }

    /** Begins to replace these: until {@link #endReplace} no segment is dropped. False if one of them is gone. */
    public boolean beginReplace(List<Segment> old) {
        replacing = segments.containsAll(old);
        dropped.deleteBetween(old.get(0).baseOffset(), old.get(old.size() - 1).baseOffset());
        return replacing;
    }

    /** Puts compacted segments in the place of those that they were made from; none, if that did not work out. */
    public void endReplace(List<Segment> old, List<Segment> compacted) {
        replacing = false;
        if (!compacted.isEmpty()) {
            int at = segments.indexOf(old.get(0));
            segments.removeAll(old);
            segments.addAll(at, compacted);
            view = viewOf(view.startOffset(), view.endOffset());
        }
        if (leftFiles) {
            compacted.forEach(Segment::letGo);
        }
    }

    /** Deletes, later, the files of segments that have been replaced by one that begins at that offset. */
    public void discardReplaced(List<Segment> old, long newBase) throws IOException {
        for (Segment segment : old) {
            if (segment.baseOffset() != newBase) {
                environment.disk().delete(LogFiles.path(folder, segment.baseOffset(), LogFiles.SNAPSHOT));
            }
        }
        dropped.addMarked(old, config.deleteDelayMs());
    }

    /** Lets go of all files: whoever reads them may finish, nobody else may use the log. On the lane, if it has one. */
    public void leaveFiles() {
        leftFiles = true;
        segments.forEach(Segment::letGo);
        dropped.letGo();
        producers.end();
    }

    /** Seals and flushes everything, so that the next start has nothing to recover. */
    public void close() throws IOException {
        active().seal();
        producers.writeSnapshot(view.endOffset());
        if (view.endOffset() > recoveryPoint) {
            flush();
            active().forceIndexes(SyncRule.INDEXES);
            producers.forceSnapshot(view.endOffset());
            environment.disk().syncFolder(folder, SyncRule.SEGMENT_NAMES);
            recoveryPoint = view.endOffset();
        }
    }

    @Override
    public String toString() {
        return folder.toString();
    }
}

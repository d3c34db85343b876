package io.gregor.log;

import io.gregor.log.disk.CorruptLogException;
import io.gregor.log.disk.Disk;
import io.gregor.log.disk.LogEnvironment;
import io.gregor.log.disk.LogFiles;
import io.gregor.log.disk.SyncRule;
import io.gregor.log.producer.ProducerStates;
import io.gregor.log.segment.AbortedTransaction;
import io.gregor.log.segment.BatchReader;
import io.gregor.log.segment.Segment;
import io.gregor.log.segment.StoredBatch;
import io.gregor.wire.MalformedMessageException;
import io.gregor.wire.record.RecordBatch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a log from what lies in its folder, or an empty one. After an unclean stop all that lies past the recovery
 * point is read, checked by its CRC, and indexed again; the log ends before the first byte that is not a good batch,
 * and before the first segment that is missing. After a clean one the last segment is, if it does not end with a whole
 * batch. Memory: one window of a {@link BatchReader} for each segment that is read at the same time.
 *
 * @param compactUpTo up to where the log was compacted, 0 if it never was: then no segment may be missing
 * @param cutsDamage whether records that cannot be read may be cut off, but for what a crash has left half written; if
 *     not, a damaged log is not opened, and nothing in it is changed
 */
public record LogLoader(
        LogEnvironment environment,
        Path folder,
        LogConfig config,
        long startOffset,
        long recoveryPoint,
        long compactUpTo,
        boolean clean,
        boolean cutsDamage) {
    private static final Logger LOG = LoggerFactory.getLogger(LogLoader.class);

    /** Of a partition whose log goes on after damage. */
    public LogLoader(
            LogEnvironment environment,
            Path folder,
            LogConfig config,
            long startOffset,
            long recoveryPoint,
            long compactUpTo,
            boolean clean) {
        this(environment, folder, config, startOffset, recoveryPoint, compactUpTo, clean, true);
    }

    record Loaded(
            List<Segment> segments,
            LeaderEpochs epochs,
            ProducerStates producers,
            long startOffset,
            long endOffset,
            long recoveryPoint) {}

    public PartitionLog load() throws IOException {
        Disk disk = environment.disk();
        disk.createFolder(folder);
        List<Path> files = disk.list(folder);
        if (new InterruptedSwap(disk, folder).settle(files)) {
            files = disk.list(folder);
        }
        List<Segment> segments = segments(files);
        ProducerStates producers = producers();
        boolean done = false;
        try {
            PartitionLog log = new PartitionLog(this, load(files, segments, producers));
            if (config.flushing().messages() < Long.MAX_VALUE && log.unflushed() > 0) {
                // A dead process has left it to the system: who finds it here, or sends it again, takes it for stored.
                log.flush();
            }
            done = true;
            return log;
        } finally {
            if (!done) {
                segments.forEach(Segment::letGo);
                producers.end();
            }
        }
    }

    private ProducerStates producers() {
        return new ProducerStates(environment, folder);
    }

    private Loaded load(List<Path> files, List<Segment> segments, ProducerStates producers) throws IOException {
        Disk disk = environment.disk();
        LeaderEpochs epochs = new LeaderEpochs(disk, folder);
        long start = Math.max(startOffset, segments.get(0).baseOffset());
        if (epochs.isEmpty()) {
            findEpochs(clean ? segments : segments.subList(0, tailOf(segments)), epochs);
        }
        rebuildIndexes(files, segments, epochs, start);
        boolean whole = clean && endsWell(segments.get(segments.size() - 1));
        int tail = clean ? segments.size() - 1 : tailOf(segments);
        if (!whole && !cutsDamage) {
            refuseDamage(segments.subList(tail, segments.size()));
        }
        long end = whole
                ? endOfCleanLog(files, segments, producers, start)
                : recoverTail(files, segments, tail, epochs, producers, start);
        if (end < start) {
            LOG.warn("{} ends at offset {}, before it starts: begins again, empty, at offset {}", folder, end, start);
            beginAgain(segments, start);
            end = start;
        }
        epochs.truncateFromEnd(end);
        epochs.truncateFromStart(start);
        segments.get(segments.size() - 1).dropWrongTimes();
        for (Segment segment : segments) {
            segment.closeUntilNeeded();
        }
        // Indexes that a recovery has made are not forced yet.
        long durable = whole
                ? end
                : Math.min(recoveryPoint, segments.get(tailOf(segments)).baseOffset());
        return new Loaded(segments, epochs, producers, start, end, durable);
    }

    private List<Segment> segments(List<Path> files) throws IOException {
        List<Long> bases = new ArrayList<>();
        for (Path file : files) {
            long base = LogFiles.offsetIn(file, LogFiles.LOG);
            if (base >= 0) {
                bases.add(base);
            }
        }
        boolean none = bases.isEmpty();
        if (none) {
            bases.add(startOffset);
        }
        bases.sort(null);
        List<Segment> segments = new ArrayList<>();
        for (long base : bases) {
            segments.add(new Segment(
                    environment.disk(), folder, base, environment.clock().millis()));
        }
        if (none) {
            segments.get(0).create(config.preallocate() ? config.rolling().bytes() : 0);
        }
        return segments;
    }

    /** For good: after a stop in order it would not be checked again what belongs to the log. */
    private void delete(List<Segment> segments) throws IOException {
        for (Segment segment : segments) {
            segment.delete();
        }
        segments.clear();
        environment.disk().syncFolder(folder, SyncRule.SEGMENT_NAMES);
    }

    private void beginAgain(List<Segment> segments, long start) throws IOException {
        delete(segments);
        Segment first = new Segment(
                environment.disk(), folder, start, environment.clock().millis());
        first.create(0);
        segments.add(first);
    }

    /**
     * The file that says when leaders' epochs began is lost, or never was; in segments that are sound batches tell.
     */
    private static void findEpochs(List<Segment> segments, LeaderEpochs epochs) throws IOException {
        for (Segment segment : segments) {
            BatchReader reader = BatchReader.ofHeaders(segment, 0, segment.size());
            while (reader.next() instanceof BatchReader.Next.Batch next) {
                RecordBatch header = next.batch().header();
                epochs.assign(header.leaderEpoch(), header.baseOffset());
            }
        }
    }

    /** Whether the last segment of a log that was stopped in order ends with a whole batch, and where the log did. */
    private boolean endsWell(Segment last) throws IOException {
        long end;
        try {
            end = last.endOffset();
        } catch (CorruptLogException e) {
            LOG.warn("{}: it is recovered, though it was stopped in order", e.getMessage());
            return false;
        }
        if (recoveryPoint > last.baseOffset() && end != recoveryPoint) {
            LOG.warn("{} ends at offset {}, not {}: it is recovered", last, end, recoveryPoint);
            return false;
        }
        return true;
    }

    /**
     * Each batch of such a log was on the disk before the next one was written: if there is a good one behind the
     * damage, or was, then it is not the last one, half written when the broker died.
     */
    private void refuseDamage(List<Segment> tail) throws IOException {
        for (int i = 0; i < tail.size(); i++) {
            Segment segment = tail.get(i);
            BatchReader reader = BatchReader.of(segment, 0, segment.size());
            long end = segment.baseOffset();
            try {
                while (reader.nextChecked() != null) {
                    end = reader.nextOffset();
                }
            } catch (CorruptLogException e) {
                if (end < recoveryPoint || i + 1 < tail.size() || reader.skipDamage()) {
                    throw e;
                }
            }
        }
    }

    /** Makes lost or damaged indexes of sealed segments again; those past the recovery point are made anew anyway. */
    private void rebuildIndexes(List<Path> files, List<Segment> segments, LeaderEpochs epochs, long start)
            throws IOException {
        for (int i = 0; i < segments.size(); i++) {
            Segment segment = segments.get(i);
            boolean sealed =
                    clean || i + 1 < segments.size() && segments.get(i + 1).baseOffset() <= recoveryPoint;
            if (sealed && !segment.hasSoundIndexes()) {
                LOG.warn("Making the indexes of {} again, which are missing or damaged", segment);
                ProducerStates producers = producers();
                try {
                    replay(files, segments.subList(0, i), producers, start, segment.baseOffset());
                    recover(segment, soundBytes(segment), segment.baseOffset(), epochs, producers, false);
                } finally {
                    producers.end();
                }
                segment.forceIndexes(SyncRule.INDEXES);
                environment.disk().syncFolder(folder, SyncRule.SEGMENT_NAMES);
            }
        }
    }

    private long endOfCleanLog(List<Path> files, List<Segment> segments, ProducerStates producers, long start)
            throws IOException {
        long end = segments.get(segments.size() - 1).endOffset();
        producers.deleteSnapshotsBeyond(files, end);
        replay(files, segments, producers, start, end);
        return end;
    }

    /**
     * Brings the producers' state to what it was at that offset, from the newest snapshot and the batches behind it.
     * What is damaged is left out: nobody can read it either.
     */
    private static void replay(
            List<Path> files, List<Segment> segments, ProducerStates producers, long start, long upTo)
            throws IOException {
        long from = producers.restore(files, start, upTo);
        for (int i = 0; i < segments.size() && from < upTo; i++) {
            Segment segment = segments.get(i);
            boolean isBefore = i + 1 < segments.size() && segments.get(i + 1).baseOffset() <= from;
            if (!isBefore) {
                try {
                    LogView.forEachBatch(segment, from, segment.size(), batch -> appended(batch, producers));
                } catch (CorruptLogException e) {
                    LOG.error("{}: producers' state is made without what follows there", e.getMessage());
                }
            }
        }
    }

    private static @Nullable AbortedTransaction appended(StoredBatch batch, ProducerStates producers)
            throws IOException {
        RecordBatch header = batch.header();
        boolean isRead = header.hasProducerId() && header.isControl() && !header.isEmpty();
        try {
            return producers.appended(isRead ? batch.whole() : header);
        } catch (MalformedMessageException e) {
            throw batch.damaged("a control batch that says nothing (" + e.getMessage() + ")");
        }
    }

    private boolean mayHaveGaps() {
        return config.compaction().compact() || compactUpTo > 0;
    }

    /** Beyond where the log ended when it was stopped in order there is nothing that compaction could have left. */
    private boolean mayHaveGapBefore(long offset) {
        boolean isBeyond = clean && recoveryPoint > 0 && offset >= recoveryPoint;
        return mayHaveGaps() && !isBeyond;
    }

    /** The first segment that may be damaged: the one that holds the recovery point. */
    private int tailOf(List<Segment> segments) {
        int tail = 0;
        for (int i = 0; i < segments.size(); i++) {
            if (segments.get(i).baseOffset() <= recoveryPoint) {
                tail = i;
            }
        }
        return tail;
    }

    private long recoverTail(
            List<Path> files,
            List<Segment> segments,
            int tail,
            LeaderEpochs epochs,
            ProducerStates producers,
            long start)
            throws IOException {
        int next = tail;
        long end = segments.get(next).baseOffset();
        producers.deleteSnapshotsBeyond(files, end);
        replay(files, segments.subList(0, Math.max(1, next)), producers, start, end);
        boolean whole = true;
        Map<Segment, Integer> sound = soundBytes(segments.subList(next, segments.size()));
        while (next < segments.size()) {
            Segment segment = segments.get(next);
            boolean follows = segment.baseOffset() == end;
            if (!follows && !(mayHaveGaps() && whole)) {
                break;
            }
            int size = segment.size();
            int limit = sound.getOrDefault(segment, 0);
            end = recover(segment, limit, Math.max(end, segment.baseOffset()), epochs, producers, true);
            whole = segment.size() == size;
            next++;
        }
        // Behind a cut there would be a hole, so what lies there goes.
        if (next < segments.size()) {
            List<Segment> beyond = segments.subList(next, segments.size());
            LOG.warn("Recovering {}: deleted, since they lie behind a damaged segment", beyond);
            delete(beyond);
        }
        return end;
    }

    /** As {@link #soundBytes(Segment)} for many, in parallel: most of a recovery's time goes into the checksums. */
    private Map<Segment, Integer> soundBytes(List<Segment> segments) throws IOException {
        Progress progress = new Progress(
                environment.clock(),
                segments.size(),
                (done, all) -> LOG.info("Recovering {}: checked {} of {} segments", folder, done, all));
        try {
            return segments.parallelStream().collect(Collectors.toConcurrentMap(segment -> segment, segment -> {
                try {
                    int sound = soundBytes(segment);
                    progress.oneMore();
                    return sound;
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** How many bytes from the segment's start on are whole batches with the right CRC. */
    private static int soundBytes(Segment segment) throws IOException {
        BatchReader reader = BatchReader.of(segment, 0, segment.size());
        int sound = 0;
        while (reader.next() instanceof BatchReader.Next.Batch next
                && next.batch().hasRightChecksum()) {
            sound = reader.position();
        }
        return sound;
    }

    /** Why the batch at that position, where the log ends, is none that can follow there. */
    static CorruptLogException damageAt(Segment segment, int position) throws IOException {
        BatchReader.Next next =
                BatchReader.of(segment, position, segment.size()).next();
        if (next instanceof BatchReader.Next.Damaged damaged) {
            return damaged.damage();
        }
        if (next instanceof BatchReader.Next.Batch found) {
            StoredBatch batch = found.batch();
            return batch.damaged(
                    batch.hasRightChecksum()
                            ? "offset " + batch.header().baseOffset() + " does not follow there"
                            : "a wrong checksum");
        }
        return new CorruptLogException(segment.path(), position, "nothing");
    }

    /**
     * Indexes one segment again, as far as each batch follows the one before, and returns the offset after the last.
     *
     * @param limit where the batches with the right checksum end
     * @param cuts whether the rest is cut off; if not, it stays, and nobody can read it
     */
    private long recover(
            Segment segment, int limit, long from, LeaderEpochs epochs, ProducerStates producers, boolean cuts)
            throws IOException {
        segment.resetIndexes();
        BatchReader reader = BatchReader.of(segment, 0, limit);
        long end = from;
        int good = 0;
        while (reader.next() instanceof BatchReader.Next.Batch next) {
            RecordBatch header = next.batch().header();
            if (header.baseOffset() < end || header.baseOffset() > end && !mayHaveGapBefore(header.baseOffset())) {
                break;
            }
            segment.note(header, good, config.indexIntervalBytes());
            epochs.assign(header.leaderEpoch(), header.baseOffset());
            AbortedTransaction aborted = appended(next.batch(), producers);
            if (aborted != null) {
                segment.aborted().add(aborted);
            }
            end = header.nextOffset();
            good = reader.position();
        }
        if (good < segment.size() && !cuts) {
            LOG.error("{} is damaged at position {}: nothing behind offset {} can be read", segment, good, end);
        } else if (good < segment.size()) {
            LOG.warn(
                    "Recovering {}: cut {} bytes behind offset {}, since {}",
                    segment,
                    segment.size() - good,
                    end,
                    damageAt(segment, good).getMessage());
            segment.truncate(good);
            // After a stop in order it would not be checked again.
            segment.force(SyncRule.RECORDS);
        }
        segment.seal();
        return end;
    }
}

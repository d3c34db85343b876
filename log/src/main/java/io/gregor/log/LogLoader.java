package io.gregor.log;

import io.gregor.wire.record.RecordBatch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a log from what lies in its folder, or an empty one. After an unclean stop all that lies past the recovery
 * point is read, checked by its CRC, and indexed again; the log ends before the first byte that is not a good batch,
 * and before the first segment that is missing.
 *
 * @param compactUpTo up to where the log was compacted, 0 if it never was: then no segment may be missing
 */
public record LogLoader(
        LogEnvironment environment,
        Path folder,
        LogConfig config,
        long startOffset,
        long recoveryPoint,
        long compactUpTo,
        boolean clean) {
    private static final Logger LOG = LoggerFactory.getLogger(LogLoader.class);

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
        if (new Leftovers(disk, folder).settle(files)) {
            files = disk.list(folder);
        }
        List<Segment> segments = segments(files);
        LeaderEpochs epochs = new LeaderEpochs(disk, folder);
        long start = Math.max(startOffset, segments.get(0).baseOffset());
        if (epochs.isEmpty()) {
            findEpochs(clean ? segments : segments.subList(0, tailOf(segments)), epochs);
        }
        rebuildIndexes(files, segments, epochs, start);
        ProducerStates producers = new ProducerStates(disk, folder);
        long end = clean
                ? endOfCleanLog(files, segments, producers, start)
                : recoverTail(files, segments, epochs, producers, start);
        if (end < start) {
            LOG.warn("{} ends at offset {}, before it starts: begins again, empty, at offset {}", folder, end, start);
            beginAgain(segments, start);
            end = start;
        }
        epochs.truncateFromEnd(end);
        epochs.truncateFromStart(start);
        for (Segment segment : segments) {
            segment.close();
        }
        // Indexes that a recovery has made are not forced yet.
        long durable = clean
                ? end
                : Math.min(recoveryPoint, segments.get(tailOf(segments)).baseOffset());
        Loaded loaded = new Loaded(segments, epochs, producers, start, end, durable);
        return new PartitionLog(this, loaded);
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
            segment.delete("");
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
            int position = 0;
            RecordBatch header = segment.headerAt(position, segment.size());
            while (header != null && header.sizeInBytes() >= RecordBatch.HEADER_BYTES) {
                epochs.assign(header.leaderEpoch(), header.baseOffset());
                position += header.sizeInBytes();
                header = segment.headerAt(position, segment.size());
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
                ProducerStates producers = new ProducerStates(environment.disk(), folder);
                replay(files, segments.subList(0, i), producers, start, segment.baseOffset());
                recover(segment, soundBytes(segment), segment.baseOffset(), epochs, producers);
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
     */
    private static void replay(
            List<Path> files, List<Segment> segments, ProducerStates producers, long start, long upTo)
            throws IOException {
        long from = producers.restore(files, start, upTo);
        if (from < upTo) {
            int last = segments.get(segments.size() - 1).size();
            new LogView(List.copyOf(segments), last, start, upTo, upTo, upTo).forEachBatch(from, producers::appended);
        }
    }

    private boolean mayHaveGaps() {
        return config.compaction().compact() || compactUpTo > 0;
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
            List<Path> files, List<Segment> segments, LeaderEpochs epochs, ProducerStates producers, long start)
            throws IOException {
        int next = tailOf(segments);
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
            end = recover(segment, limit, Math.max(end, segment.baseOffset()), epochs, producers);
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
        BatchScanner scanner = new BatchScanner(segment, 0, segment.size());
        int sound = 0;
        for (RecordBatch batch = scanner.next(); batch != null; batch = scanner.next()) {
            if (batch.computedCrc() != batch.crc()) {
                break;
            }
            sound = scanner.position();
        }
        return sound;
    }

    /**
     * Indexes one segment again, cuts it behind the last batch that follows the one before, and returns the offset
     * after that.
     */
    private long recover(Segment segment, int limit, long from, LeaderEpochs epochs, ProducerStates producers)
            throws IOException {
        segment.resetIndexes();
        BatchScanner scanner = new BatchScanner(segment, 0, limit);
        long end = from;
        int good = 0;
        for (RecordBatch batch = scanner.next(); batch != null; batch = scanner.next()) {
            if (batch.baseOffset() < end || batch.lastOffset() < batch.baseOffset()) {
                break;
            }
            segment.note(batch, good, config.indexIntervalBytes());
            epochs.assign(batch.leaderEpoch(), batch.baseOffset());
            AbortedTransaction aborted = producers.appended(batch);
            if (aborted != null) {
                segment.aborted().add(aborted);
            }
            end = batch.nextOffset();
            good = scanner.position();
        }
        if (good < segment.size()) {
            LOG.warn("Recovering {}: cut {} bytes behind offset {}", segment, segment.size() - good, end);
            segment.truncate(good);
            // After a stop in order it would not be checked again.
            segment.force(SyncRule.RECORDS);
        }
        segment.seal();
        return end;
    }
}

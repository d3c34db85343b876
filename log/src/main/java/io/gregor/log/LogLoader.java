package io.gregor.log;

import io.gregor.wire.record.RecordBatch;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a log from what lies in its folder, or an empty one. After an unclean stop all that lies past the recovery
 * point is read, checked by its CRC, and indexed again; the log ends before the first byte that is not a good batch.
 */
public record LogLoader(
        Disk disk,
        Path folder,
        LogConfig config,
        InstantSource clock,
        Executor flusher,
        long startOffset,
        long recoveryPoint,
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
        disk.createFolder(folder);
        List<Segment> segments = segments();
        LeaderEpochs epochs = new LeaderEpochs(disk, folder);
        long end = clean ? endOfCleanLog(segments) : recover(segments, epochs);
        long start = Math.max(startOffset, segments.get(0).baseOffset());
        end = Math.max(end, start);
        epochs.truncateFromEnd(end);
        ProducerStates producers = new ProducerStates(disk, folder);
        long replayFrom = producers.load(start, end);
        if (replayFrom < end) {
            int active = segments.get(segments.size() - 1).size();
            new LogView(List.copyOf(segments), active, start, end, end, end)
                    .forEachBatch(replayFrom, producers::appended);
        }
        Loaded loaded = new Loaded(segments, epochs, producers, start, end, clean ? end : Math.min(recoveryPoint, end));
        return new PartitionLog(this, loaded);
    }

    private List<Segment> segments() throws IOException {
        List<Long> bases = new ArrayList<>();
        for (Path file : disk.list(folder)) {
            long base = LogFiles.offsetIn(file, LogFiles.LOG);
            if (base >= 0) {
                bases.add(base);
            }
        }
        if (bases.isEmpty()) {
            bases.add(startOffset);
        }
        bases.sort(null);
        List<Segment> segments = new ArrayList<>();
        for (long base : bases) {
            segments.add(new Segment(disk, folder, base, clock.millis()));
        }
        Segment last = segments.get(segments.size() - 1);
        if (last.size() == 0) {
            last.create();
        }
        return segments;
    }

    private static long endOfCleanLog(List<Segment> segments) throws IOException {
        Segment last = segments.get(segments.size() - 1);
        if (last.size() == 0) {
            return last.baseOffset();
        }
        int position = last.offsets().floor(Long.MAX_VALUE);
        long end = last.baseOffset();
        for (RecordBatch header = last.headerAt(position, last.size());
                header != null;
                header = last.headerAt(position, last.size())) {
            end = header.nextOffset();
            position += header.sizeInBytes();
        }
        return end;
    }

    private long recover(List<Segment> segments, LeaderEpochs epochs) throws IOException {
        int next = 0;
        for (int i = 0; i < segments.size(); i++) {
            if (segments.get(i).baseOffset() <= recoveryPoint) {
                next = i;
            }
        }
        long end = segments.get(next).baseOffset();
        boolean whole = true;
        while (next < segments.size() && whole) {
            Segment segment = segments.get(next);
            int size = segment.size();
            end = recover(segment, Math.max(end, segment.baseOffset()), epochs);
            whole = segment.size() == size;
            next++;
        }
        // Behind a cut there would be a hole, so what lies there goes.
        while (next < segments.size()) {
            Segment beyond = segments.remove(next);
            LOG.warn("Recovering {}: deleted, since it lies behind a damaged segment", beyond);
            beyond.delete(folder);
        }
        return end;
    }

    /** Indexes one segment again, cuts it behind its last good batch, and returns the offset after that. */
    private long recover(Segment segment, long from, LeaderEpochs epochs) throws IOException {
        segment.resetIndexes();
        BatchScanner scanner = new BatchScanner(segment, 0, segment.size());
        long end = from;
        int good = 0;
        for (RecordBatch batch = scanner.next(); batch != null; batch = scanner.next()) {
            boolean follows = batch.baseOffset() >= end && batch.lastOffset() >= batch.baseOffset();
            if (!follows || batch.computedCrc() != batch.crc()) {
                break;
            }
            segment.note(batch, good, config.indexIntervalBytes());
            epochs.assign(batch.leaderEpoch(), batch.baseOffset());
            end = batch.nextOffset();
            good = scanner.position();
        }
        if (good < segment.size()) {
            LOG.warn("Recovering {}: cut {} bytes behind offset {}", segment, segment.size() - good, end);
            segment.truncate(good);
        }
        segment.seal();
        return end;
    }
}

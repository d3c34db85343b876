package io.gregor.log;

import io.gregor.log.disk.CorruptLogException;
import io.gregor.log.disk.Disk;
import io.gregor.log.disk.LogFiles;
import io.gregor.log.disk.SyncRule;
import io.gregor.log.segment.AbortedTransaction;
import io.gregor.log.segment.BatchReader;
import io.gregor.log.segment.Segment;
import io.gregor.log.segment.StoredBatch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Settles what a broker that died left half done in a log's folder. Confined to the thread that loads the log.
 * Compaction writes {@code .cleaned} files, renames them to {@code .swap}, renames the old segments to {@code .deleted}
 * from the first to the last, and takes the suffix off. So as long as anything is {@code .cleaned} the old segments
 * hold; once all is {@code .swap} the new ones do, unless they are damaged and the old ones are not: under either name
 * they are there until the new ones have their names. Of a damaged one without sound old ones all is kept that is
 * sound, with a line for each damage. Memory: one window of a {@link BatchReader}.
 */
public record InterruptedSwap(Disk disk, Path folder) {
    private static final Logger LOG = LoggerFactory.getLogger(InterruptedSwap.class);
    private static final int INDEX_INTERVAL_BYTES = 4096;

    /** Whether there was anything. */
    boolean settle(List<Path> files) throws IOException {
        boolean found = false;
        long firstUnfinished = Long.MAX_VALUE;
        List<Path> swaps = new ArrayList<>();
        List<Path> deleted = new ArrayList<>();
        for (Path file : files) {
            if (name(file).endsWith(LogFiles.DELETED)) {
                found = true;
                deleted.add(file);
            } else if (name(file).endsWith(LogFiles.RESCUED)) {
                found = true;
                disk.delete(file);
            } else if (name(file).endsWith(LogFiles.CLEANED)) {
                found = true;
                firstUnfinished = Math.min(firstUnfinished, offsetIn(file));
                disk.delete(file);
            } else if (name(file).endsWith(LogFiles.SWAP)) {
                found = true;
                swaps.add(file);
            }
        }
        for (Path swap : List.copyOf(swaps)) {
            if (offsetIn(swap) >= firstUnfinished) {
                disk.delete(swap);
                swaps.remove(swap);
            }
        }
        if (!swaps.isEmpty()) {
            finish(files, swaps);
        }
        for (Path file : deleted) {
            disk.delete(file);
        }
        return found;
    }

    private void finish(List<Path> files, List<Path> swaps) throws IOException {
        LOG.info("Finishing a compaction in {} that was interrupted", folder);
        for (Path swap : List.copyOf(swaps)) {
            if (name(swap).endsWith(LogFiles.LOG + LogFiles.SWAP)) {
                finish(files, swaps, offsetIn(swap));
            }
        }
        for (Path swap : swaps) {
            String swapped = name(swap);
            disk.rename(swap, folder.resolve(swapped.substring(0, swapped.length() - LogFiles.SWAP.length())));
        }
    }

    /** Deletes the segments that one was made from, or, if it is damaged and they are there, that one. */
    private void finish(List<Path> files, List<Path> swaps, long base) throws IOException {
        ReadSegment compacted = read(base, LogFiles.SWAP);
        CorruptLogException damage = compacted.damage();
        long end = compacted.end();
        if (damage != null) {
            end = nextBase(files, base);
            if (files.contains(LogFiles.path(folder, base, LogFiles.LOG)) || takeBack(files, base, end)) {
                LOG.warn("{}: the segments that it was made from hold", damage.getMessage());
                discard(swaps, base);
                return;
            }
            rescue(swaps, base, end);
        }
        for (Path file : files) {
            long old = LogFiles.offsetIn(file, LogFiles.LOG);
            if (old >= base && old < end) {
                new Segment(disk, folder, old, 0).delete();
            }
        }
    }

    /**
     * Gives the old segments that were marked as deleted their names again, from the last to the first, so that while
     * the first is marked all that follow may be. False, and nothing has changed, if they are not all sound.
     */
    private boolean takeBack(List<Path> files, long base, long end) throws IOException {
        List<Long> marked = files.stream()
                .map(file -> LogFiles.offsetIn(file, LogFiles.LOG + LogFiles.DELETED))
                .filter(offset -> offset >= base && offset < end)
                .sorted(Comparator.reverseOrder())
                .toList();
        long next = end;
        for (long old : marked) {
            ReadSegment read = read(old, LogFiles.DELETED);
            if (read.damage() != null || read.end() > next) {
                return false;
            }
            next = old;
        }
        if (next != base) {
            return false;
        }
        for (long old : marked) {
            Segment segment = new Segment(disk, folder, old, LogFiles.DELETED, 0);
            try {
                segment.rename("");
            } finally {
                segment.letGo();
            }
        }
        return true;
    }

    /** Where the next segment begins, one that is compacted or, if that is there still, one of before. */
    private static long nextBase(List<Path> files, long base) {
        long next = Long.MAX_VALUE;
        for (Path file : files) {
            boolean isLog = name(file).endsWith(LogFiles.LOG) || name(file).endsWith(LogFiles.LOG + LogFiles.SWAP);
            if (isLog && offsetIn(file) > base) {
                next = Math.min(next, offsetIn(file));
            }
        }
        return next;
    }

    /** Replaces a damaged segment by what is sound in it, but for what the segment that follows at {@code end} has. */
    private void rescue(List<Path> swaps, long base, long end) throws IOException {
        Segment damaged = new Segment(disk, folder, base, LogFiles.SWAP, 0);
        Segment rescued = new Segment(disk, folder, base, LogFiles.RESCUED, 0);
        try {
            rescued.create(0);
            copySound(damaged, rescued, end);
            rescued.seal();
            rescued.force(SyncRule.COMPACTED);
            rescued.forceIndexes(SyncRule.COMPACTED);
            // The records first: with them the indexes of the damaged one are wrong hints, and not the other way round.
            rescued.rename(LogFiles.SWAP);
        } finally {
            damaged.letGo();
            rescued.letGo();
        }
        swaps.removeIf(swap -> offsetIn(swap) == base);
        for (String kind : LogFiles.OF_SEGMENT) {
            Path swap = LogFiles.path(folder, base, kind + LogFiles.SWAP);
            if (disk.exists(swap)) {
                swaps.add(swap);
            }
        }
    }

    private static void copySound(Segment damaged, Segment into, long end) throws IOException {
        for (int i = 0; i < damaged.aborted().count(); i++) {
            AbortedTransaction aborted = damaged.aborted().get(i);
            if (aborted.lastOffset() < end) {
                into.aborted().add(aborted);
            }
        }
        BatchReader reader = BatchReader.of(damaged, 0, damaged.size());
        boolean more = true;
        while (more) {
            StoredBatch batch = null;
            try {
                batch = reader.nextChecked();
                more = batch != null && batch.header().lastOffset() < end;
            } catch (CorruptLogException e) {
                LOG.error(
                        "{}: that is lost, since the segments that it was made from are gone; what lies before and"
                                + " behind it is kept",
                        e.getMessage());
                more = reader.skipDamage();
            }
            if (batch != null && more) {
                into.append(batch, INDEX_INTERVAL_BYTES);
            }
        }
    }

    private void discard(List<Path> swaps, long base) throws IOException {
        for (Path swap : List.copyOf(swaps)) {
            if (offsetIn(swap) == base) {
                disk.delete(swap);
                swaps.remove(swap);
            }
        }
    }

    /**
     * A segment that compaction has made, or one that it was made from.
     *
     * @param end the offset behind all that can be reached in it
     * @param damage null if there is none
     */
    private record ReadSegment(long end, @Nullable CorruptLogException damage) {}

    private ReadSegment read(long base, String suffix) throws IOException {
        Segment segment = new Segment(disk, folder, base, suffix, 0);
        try {
            BatchReader reader = BatchReader.of(segment, 0, segment.size());
            CorruptLogException damage = null;
            BatchReader.Next next = reader.next();
            while (next instanceof BatchReader.Next.Batch found) {
                if (damage == null && !found.batch().hasRightChecksum()) {
                    damage = found.batch().damaged("a wrong checksum");
                }
                next = reader.next();
            }
            if (damage == null && next instanceof BatchReader.Next.Damaged damaged) {
                damage = damaged.damage();
            }
            return new ReadSegment(reader.nextOffset(), damage);
        } finally {
            segment.letGo();
        }
    }

    private static long offsetIn(Path file) {
        return Long.parseLong(name(file).substring(0, LogFiles.OFFSET_DIGITS));
    }

    private static String name(Path file) {
        return Objects.requireNonNull(file.getFileName(), "a file has a name").toString();
    }
}

package io.gregor.log;

import io.gregor.log.disk.CorruptLogException;
import io.gregor.log.disk.Disk;
import io.gregor.log.disk.LogFiles;
import io.gregor.log.segment.BatchReader;
import io.gregor.log.segment.Segment;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Settles what a broker that died left half done in a log's folder. Confined to the thread that loads the log.
 * Compaction writes {@code .cleaned} files, renames them to {@code .swap}, renames the old segments to {@code .deleted}
 * from the first to the last, and takes the suffix off. So as long as anything is {@code .cleaned} the old segments
 * hold; once all is {@code .swap} the new ones do, unless they are damaged and the old ones are all there still: that
 * is so if the first one is. Memory: one window of a {@link BatchReader}.
 */
public record Leftovers(Disk disk, Path folder) {
    private static final Logger LOG = LoggerFactory.getLogger(Leftovers.class);

    /** Whether there was anything. */
    boolean settle(List<Path> files) throws IOException {
        boolean found = false;
        long firstUnfinished = Long.MAX_VALUE;
        List<Path> swaps = new ArrayList<>();
        for (Path file : files) {
            if (name(file).endsWith(LogFiles.DELETED)) {
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
        return found;
    }

    private void finish(List<Path> files, List<Path> swaps) throws IOException {
        LOG.info("Finishing a compaction in {} that was interrupted", folder);
        long from = Long.MAX_VALUE;
        long end = Long.MIN_VALUE;
        for (Path swap : List.copyOf(swaps)) {
            if (!name(swap).endsWith(LogFiles.LOG + LogFiles.SWAP)) {
                continue;
            }
            long base = offsetIn(swap);
            Compacted compacted = read(base);
            if (compacted.damage() != null && files.contains(LogFiles.path(folder, base, LogFiles.LOG))) {
                LOG.warn(
                        "{}: the segments that it was made from hold",
                        compacted.damage().getMessage());
                discard(swaps, base);
                continue;
            }
            if (compacted.damage() != null) {
                LOG.error(
                        "{}: the segments that it was made from are gone",
                        compacted.damage().getMessage());
            }
            from = Math.min(from, base);
            end = Math.max(end, compacted.end());
        }
        for (Path file : files) {
            long base = LogFiles.offsetIn(file, LogFiles.LOG);
            if (base >= from && base < end) {
                new Segment(disk, folder, base, 0).delete();
            }
        }
        for (Path swap : swaps) {
            String swapped = name(swap);
            disk.rename(swap, folder.resolve(swapped.substring(0, swapped.length() - LogFiles.SWAP.length())));
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
     * A segment that compaction has made.
     *
     * @param end the offset behind all that can be reached in it
     * @param damage null if there is none
     */
    private record Compacted(long end, @Nullable CorruptLogException damage) {}

    private Compacted read(long base) throws IOException {
        Segment segment = new Segment(disk, folder, base, LogFiles.SWAP, 0);
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
            return new Compacted(reader.nextOffset(), damage);
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

package io.gregor.log;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Settles what a broker that died left half done in a log's folder. Compaction writes {@code .cleaned} files, renames
 * them to {@code .swap} from the last to the first, puts the old segments away as {@code .deleted}, and takes the
 * suffix off. So as long as anything is {@code .cleaned} the old segments hold; once all is {@code .swap} the new
 * ones do.
 */
record Leftovers(Disk disk, Path folder) {
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
        for (Path swap : swaps) {
            if (name(swap).endsWith(LogFiles.LOG + LogFiles.SWAP)) {
                from = Math.min(from, offsetIn(swap));
                end = Math.max(end, endOf(offsetIn(swap)));
            }
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

    /** The offset behind all that the compacted segment holds. */
    private long endOf(long base) throws IOException {
        Segment compacted = new Segment(disk, folder, base, LogFiles.SWAP, 0);
        try {
            return compacted.endOffset();
        } finally {
            compacted.letGo();
        }
    }

    private static long offsetIn(Path file) {
        return Long.parseLong(name(file).substring(0, LogFiles.OFFSET_DIGITS));
    }

    private static String name(Path file) {
        return Objects.requireNonNull(file.getFileName(), "a file has a name").toString();
    }
}

package io.gregor.log;

import io.gregor.log.disk.CheckpointFile;
import io.gregor.log.disk.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * At which offset each leader epoch began: the file {@code leader-epoch-checkpoint}. Changed on the partition's lane
 * only; readers on other threads see the immutable list of one moment.
 */
public final class LeaderEpochs {
    /** No epoch is known. */
    public static final int UNKNOWN = -1;

    public record Entry(int epoch, long startOffset) {}

    /** Where an epoch ended, or {@code (-1, -1)} if that is not known. */
    public record End(int epoch, long offset) {}

    private final CheckpointFile file;
    private volatile List<Entry> entries;

    LeaderEpochs(Disk disk, Path folder) throws IOException {
        file = new CheckpointFile(disk, folder.resolve("leader-epoch-checkpoint"));
        entries = file.read(words -> new Entry(Integer.parseInt(words[0]), Long.parseLong(words[1])));
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }

    /** Notes that records of this epoch begin at that offset, if the epoch is newer than all before. */
    void assign(int epoch, long startOffset) throws IOException {
        if (epoch < 0 || epoch <= latest()) {
            return;
        }
        List<Entry> next = new ArrayList<>(entries);
        next.removeIf(entry -> entry.startOffset() >= startOffset);
        next.add(new Entry(epoch, startOffset));
        store(next);
    }

    /** Forgets epochs that began beyond the log's end. */
    void truncateFromEnd(long endOffset) throws IOException {
        if (entries.stream().anyMatch(entry -> entry.startOffset() > endOffset)) {
            store(entries.stream()
                    .filter(entry -> entry.startOffset() <= endOffset)
                    .toList());
        }
    }

    /** Forgets epochs that ended before the log's start; the one that holds it begins there now. */
    void truncateFromStart(long startOffset) throws IOException {
        List<Entry> kept = new ArrayList<>();
        Entry floor = null;
        for (Entry entry : entries) {
            if (entry.startOffset() <= startOffset) {
                floor = entry;
            } else {
                kept.add(entry);
            }
        }
        if (floor != null) {
            kept.add(0, new Entry(floor.epoch(), startOffset));
        }
        if (!kept.equals(entries)) {
            store(kept);
        }
    }

    private void store(List<Entry> next) throws IOException {
        file.writeLazily(
                next.stream().map(e -> e.epoch() + " " + e.startOffset()).toList());
        entries = List.copyOf(next);
    }

    /** The newest epoch, or {@link #UNKNOWN}. */
    public int latest() {
        List<Entry> now = entries;
        return now.isEmpty() ? UNKNOWN : now.get(now.size() - 1).epoch();
    }

    /** The epoch of the record at that offset, or {@link #UNKNOWN}. */
    public int epochOf(long offset) {
        int epoch = UNKNOWN;
        for (Entry entry : entries) {
            if (entry.startOffset() <= offset) {
                epoch = entry.epoch();
            }
        }
        return epoch;
    }

    /**
     * The largest epoch that is not above the requested one, and where the one after it began (KIP-101, KIP-279).
     *
     * @param logEndOffset what the latest epoch's end is
     */
    public End endOf(int requested, long logEndOffset) {
        List<Entry> now = entries;
        if (requested == UNKNOWN || now.isEmpty()) {
            return new End(UNKNOWN, -1);
        }
        if (requested == now.get(now.size() - 1).epoch()) {
            return new End(requested, logEndOffset);
        }
        int floor = -1;
        for (int i = 0; i < now.size(); i++) {
            if (now.get(i).epoch() <= requested) {
                floor = i;
            }
        }
        if (floor == now.size() - 1) {
            return new End(UNKNOWN, -1);
        }
        if (floor < 0) {
            return new End(requested, now.get(0).startOffset());
        }
        return new End(now.get(floor).epoch(), now.get(floor + 1).startOffset());
    }
}

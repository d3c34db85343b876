package io.gregor.log;

import io.gregor.wire.record.RecordBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * One file of record batches with its two indexes. Changed on the partition's lane only; readers on any thread stay
 * below the size that a {@link LogView} gave them. Opens its files on first use.
 */
final class Segment {
    private final Disk disk;
    private final Path folder;
    private final Path path;
    private final long baseOffset;
    private final OffsetIndex offsets;
    private final TimeIndex times;
    private final TransactionIndex aborted;
    private final long createdMs;
    private volatile @Nullable DiskFile file;
    private volatile int size;
    private volatile long maxTimestampMs;
    private volatile long maxTimestampOffset;
    private long firstTimestampMs = RecordBatch.NO_TIMESTAMP;
    private int bytesSinceIndexed;

    Segment(Disk disk, Path folder, long baseOffset, long createdMs) throws IOException {
        this(disk, folder, baseOffset, "", createdMs);
    }

    /** @param suffix what the names of its files end with, beyond the usual */
    Segment(Disk disk, Path folder, long baseOffset, String suffix, long createdMs) throws IOException {
        this.disk = disk;
        this.folder = folder;
        this.path = LogFiles.path(folder, baseOffset, LogFiles.LOG + suffix);
        this.baseOffset = baseOffset;
        this.createdMs = createdMs;
        offsets = new OffsetIndex(disk, LogFiles.path(folder, baseOffset, LogFiles.OFFSET_INDEX + suffix), baseOffset);
        times = new TimeIndex(disk, LogFiles.path(folder, baseOffset, LogFiles.TIME_INDEX + suffix), baseOffset);
        aborted = new TransactionIndex(disk, LogFiles.path(folder, baseOffset, LogFiles.TRANSACTION_INDEX + suffix));
        size = Math.toIntExact(disk.size(path));
        maxTimestampMs = times.lastTimestampMs();
        maxTimestampOffset = times.lastOffset();
    }

    /** Makes the files of a segment that begins now: other tools want all three of them to be there. */
    void create(int preallocatedBytes) throws IOException {
        disk.create(path);
        offsets.file().create();
        times.file().create();
        if (preallocatedBytes > 0) {
            file().write(ByteBuffer.allocate(1), preallocatedBytes - 1);
        }
    }

    long baseOffset() {
        return baseOffset;
    }

    int size() {
        return size;
    }

    /** The latest time of any record, or -1. */
    long maxTimestampMs() {
        return maxTimestampMs;
    }

    /** The last offset of the batch that has it. */
    long maxTimestampOffset() {
        return maxTimestampOffset;
    }

    TimeIndex times() {
        return times;
    }

    TransactionIndex aborted() {
        return aborted;
    }

    /** When its latest record was written, or the file if no record says so. */
    long latestMs() throws IOException {
        return maxTimestampMs >= 0 ? maxTimestampMs : disk.lastModifiedMs(path);
    }

    OffsetIndex offsets() {
        return offsets;
    }

    DiskFile file() throws IOException {
        DiskFile opened = file;
        return opened == null ? openOnce() : opened;
    }

    /** One at a time: whoever renames holds the file before, so that nobody opens it by its old name after that. */
    private synchronized DiskFile openOnce() throws IOException {
        DiskFile opened = file;
        if (opened == null) {
            opened = disk.open(path);
            file = opened;
        }
        return opened;
    }

    /**
     * Adds a batch at the end with one write. If that fails, the file is cut back to what it was.
     */
    void append(RecordBatch batch, int indexIntervalBytes) throws IOException {
        int position = size;
        int bytes = batch.sizeInBytes();
        try {
            file().write(batch.bytes(), position);
        } catch (IOException e) {
            cutBack(position, e);
            throw e;
        }
        note(batch, position, indexIntervalBytes);
        size = position + bytes;
    }

    /** Takes a batch that lies in the file at that position into the indexes. */
    void note(RecordBatch batch, int position, int indexIntervalBytes) throws IOException {
        if (firstTimestampMs == RecordBatch.NO_TIMESTAMP) {
            firstTimestampMs = batch.maxTimestamp();
        }
        if (batch.maxTimestamp() > maxTimestampMs) {
            maxTimestampOffset = batch.lastOffset();
            maxTimestampMs = batch.maxTimestamp();
        }
        if (bytesSinceIndexed > indexIntervalBytes) {
            offsets.add(batch.lastOffset(), position);
            times.addIfLater(maxTimestampMs, maxTimestampOffset);
            bytesSinceIndexed = 0;
        }
        bytesSinceIndexed += batch.sizeInBytes();
    }

    private void cutBack(int position, IOException cause) {
        try {
            file().truncate(position);
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    /** How long the records of this segment have waited to be rolled, by their own time or by the clock. */
    long ageMs(long nowMs, long incomingTimestampMs) throws IOException {
        RecordBatch first = firstTimestampMs == RecordBatch.NO_TIMESTAMP ? headerAt(0, size) : null;
        if (first != null) {
            firstTimestampMs = first.maxTimestamp();
        }
        return firstTimestampMs >= 0 && incomingTimestampMs >= 0
                ? incomingTimestampMs - firstTimestampMs
                : nowMs - createdMs;
    }

    /** Writes the last entry of the time index, and the indexes to their files; takes back what was preallocated. */
    void seal() throws IOException {
        if (disk.size(path) > size) {
            file().truncate(size);
        }
        if (maxTimestampMs >= 0) {
            times.addIfLater(maxTimestampMs, maxTimestampOffset);
        }
        offsets.file().flush();
        times.file().flush();
        aborted.flush();
    }

    void force(SyncRule why) throws IOException {
        file().force(why);
    }

    void forceIndexes(SyncRule why) throws IOException {
        offsets.file().force(why);
        times.file().force(why);
        aborted.force(why);
    }

    /** Lets go of all files until they are needed again; nobody else may have them. */
    void close() throws IOException {
        DiskFile opened = file;
        if (opened != null) {
            opened.close();
            file = null;
        }
        offsets.file().close();
        times.file().close();
        aborted.close();
    }

    /** Opens all files, so that this segment can be read though they are renamed or deleted. */
    void hold() throws IOException {
        file();
        offsets.file().open();
        times.file().open();
        aborted.hold();
    }

    /** Empties the indexes and forgets the times; a recovery makes them again. */
    void resetIndexes() throws IOException {
        offsets.file().create();
        times.file().create();
        offsets.file().truncate(0);
        times.file().truncate(0);
        aborted.clear();
        maxTimestampMs = RecordBatch.NO_TIMESTAMP;
        maxTimestampOffset = baseOffset;
        firstTimestampMs = RecordBatch.NO_TIMESTAMP;
        bytesSinceIndexed = 0;
    }

    /** Cuts the file; the indexes must not point beyond it. */
    void truncate(int newSize) throws IOException {
        file().truncate(newSize);
        size = newSize;
    }

    /** Renames all files of this segment, at once and for good: a suffix says what is to become of them. */
    void rename(String fromSuffix, String toSuffix) throws IOException {
        for (String kind : LogFiles.OF_SEGMENT) {
            Path from = LogFiles.path(folder, baseOffset, kind + fromSuffix);
            if (disk.exists(from)) {
                disk.rename(from, LogFiles.path(folder, baseOffset, kind + toSuffix));
            }
        }
    }

    /** Deletes all files of this segment that have that suffix. */
    void delete(String suffix) throws IOException {
        for (String kind : LogFiles.OF_SEGMENT) {
            disk.delete(LogFiles.path(folder, baseOffset, kind + suffix));
        }
    }

    /** The header of the batch at that position, or null if no whole header lies below the limit. */
    @Nullable
    RecordBatch headerAt(int position, int limit) throws IOException {
        if (position + RecordBatch.HEADER_BYTES > limit) {
            return null;
        }
        ByteBuffer header = ByteBuffer.allocate(RecordBatch.HEADER_BYTES);
        file().read(header, position);
        return new RecordBatch(header, 0);
    }

    /** The batch at that position with its records. */
    RecordBatch batchAt(int position, int sizeInBytes) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(sizeInBytes);
        file().read(bytes, position);
        return new RecordBatch(bytes, 0);
    }

    /** The offset behind the last batch; read from the file, from the last entry of the index on. */
    long endOffset() throws IOException {
        int position = offsets.floor(Long.MAX_VALUE);
        long end = baseOffset;
        for (RecordBatch header = headerAt(position, size); header != null; header = headerAt(position, size)) {
            end = header.nextOffset();
            position += header.sizeInBytes();
        }
        return end;
    }

    /** Whether all indexes are there, and could be what belongs to this segment. */
    boolean hasSoundIndexes() throws IOException {
        return size == 0 || offsets.isSound(size) && times.isSound() && aborted.isSound(baseOffset);
    }

    /** The position of the first batch that ends at or after that offset, or {@code limit} if none does. */
    int positionOf(long offset, int limit) throws IOException {
        int position = Math.min(offsets.floor(offset), limit);
        while (true) {
            RecordBatch header = headerAt(position, limit);
            if (header == null) {
                return limit;
            }
            if (header.lastOffset() >= offset) {
                return position;
            }
            position += header.sizeInBytes();
        }
    }

    @Override
    public String toString() {
        return path.toString();
    }
}

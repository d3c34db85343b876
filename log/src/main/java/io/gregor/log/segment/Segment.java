package io.gregor.log.segment;

import io.gregor.log.LogView;
import io.gregor.log.disk.CorruptLogException;
import io.gregor.log.disk.Disk;
import io.gregor.log.disk.DiskFile;
import io.gregor.log.disk.LogFiles;
import io.gregor.log.disk.SyncRule;
import io.gregor.wire.record.RecordBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One file of record batches with its two indexes. Changed on the partition's lane only; readers on any thread stay
 * below the size that a {@link LogView} gave them. Owns its files, which are open for as long as anybody reads them.
 */
public final class Segment {
    private static final Logger LOG = LoggerFactory.getLogger(Segment.class);

    private final Path folder;
    /** In the order of {@link LogFiles#OF_SEGMENT}: the records, then the indexes. */
    private final List<SegmentFile> files = new ArrayList<>(LogFiles.OF_SEGMENT.size());

    private final FileUsers users = new FileUsers(files);

    private final long baseOffset;
    private final OffsetIndex offsets;
    private final TimeIndex times;
    private final TransactionIndex aborted;
    private final long createdMs;
    private volatile int size;
    private volatile long maxTimestampMs;
    private volatile long maxTimestampOffset;
    private volatile boolean timesAreTrue;
    private long firstTimestampMs = RecordBatch.NO_TIMESTAMP;
    private int bytesSinceIndexed;

    public Segment(Disk disk, Path folder, long baseOffset, long createdMs) throws IOException {
        this(disk, folder, baseOffset, "", createdMs);
    }

    /** @param suffix what the names of its files end with, beyond the usual */
    public Segment(Disk disk, Path folder, long baseOffset, String suffix, long createdMs) throws IOException {
        this.folder = folder;
        for (String kind : LogFiles.OF_SEGMENT) {
            files.add(new SegmentFile(disk, LogFiles.path(folder, baseOffset, kind + suffix), users));
        }
        this.baseOffset = baseOffset;
        this.createdMs = createdMs;
        offsets = new OffsetIndex(files.get(1), baseOffset);
        times = new TimeIndex(files.get(2), baseOffset);
        aborted = new TransactionIndex(files.get(3));
        size = possibleSize(file());
        maxTimestampOffset = baseOffset;
        maxTimestampMs = RecordBatch.NO_TIMESTAMP;
        timesAreTrue = size == 0;
    }

    private static int possibleSize(SegmentFile file) throws IOException {
        long size = file.sizeOnDisk();
        if (size > Integer.MAX_VALUE) {
            throw new CorruptLogException(file.path(), Integer.MAX_VALUE, "a file of " + size + " bytes");
        }
        return (int) size;
    }

    /** Makes the files of a segment that begins now: other tools want all three of them to be there. */
    public void create(int preallocatedBytes) throws IOException {
        file().create();
        offsets.file().create();
        times.file().create();
        if (preallocatedBytes > 0) {
            file().write(ByteBuffer.allocate(1), preallocatedBytes - 1);
        }
    }

    public Path path() {
        return file().path();
    }

    public long baseOffset() {
        return baseOffset;
    }

    public int size() {
        return size;
    }

    /** The latest time of any record, or -1. */
    public long maxTimestampMs() throws IOException {
        checkTimes();
        return maxTimestampMs;
    }

    /** The last offset of the batch that has it. */
    public long maxTimestampOffset() throws IOException {
        checkTimes();
        return maxTimestampOffset;
    }

    /**
     * Looks, once, whether the time index is true and where it ends; else the headers say what the latest time is. Of
     * the last segment the loader does it, of others who asks first: nobody changes them.
     */
    void checkTimes() throws IOException {
        if (timesAreTrue) {
            return;
        }
        int last = times.file().count() - 1;
        int from = last < 0 ? 0 : Math.max(0, positionOf(last, size));
        long latestMs = RecordBatch.NO_TIMESTAMP;
        long latestOffset = baseOffset;
        BatchReader reader = BatchReader.ofHeaders(this, from, size);
        while (reader.next() instanceof BatchReader.Next.Batch next) {
            RecordBatch header = next.batch().header();
            if (header.maxTimestamp() > latestMs) {
                latestMs = header.maxTimestamp();
                latestOffset = header.lastOffset();
            }
        }
        maxTimestampMs = latestMs;
        maxTimestampOffset = latestOffset;
        timesAreTrue = true;
    }

    /** Takes wrong entries off the end of the time index, so that it can grow: as long as nobody reads the segment. */
    public void dropWrongTimes() throws IOException {
        int count = times.file().count();
        while (count > 0 && positionOf(count - 1, size) < 0) {
            count--;
            times.file().truncate(count);
        }
        checkTimes();
    }

    /** Where the batch begins that an entry of the time index means, or -1 if it means none. */
    private int positionOf(int entry, int limit) throws IOException {
        try {
            StoredBatch batch = find(times.offset(entry), limit);
            boolean isTrue = batch != null
                    && batch.header().baseOffset() <= times.offset(entry)
                    && batch.header().maxTimestamp() == times.timestampMs(entry);
            if (batch != null && isTrue) {
                return batch.position();
            }
        } catch (CorruptLogException e) {
            LOG.warn("{}: looked up for entry {} of the time index", e.getMessage(), entry);
        }
        LOG.warn("Entry {} of the time index of {} is wrong; the segment is read from its beginning", entry, path());
        return -1;
    }

    TimeIndex times() {
        return times;
    }

    public TransactionIndex aborted() {
        return aborted;
    }

    /** When its latest record was written, or the file if no record says so. */
    public long latestMs() throws IOException {
        checkTimes();
        return maxTimestampMs >= 0 ? maxTimestampMs : file().lastModifiedMs();
    }

    public OffsetIndex offsets() {
        return offsets;
    }

    /** The records; readers stay below the size that a view gave them. */
    public SegmentFile file() {
        return files.get(0);
    }

    /** Keeps all files open until {@link #release}; false if they are closed already, and for good. */
    public boolean retain() {
        return users.retain();
    }

    public void release() {
        users.release();
    }

    /** The log needs the files no more: whoever reads them still may finish. Nothing happens the second time. */
    public void letGo() {
        users.releaseOwner();
    }

    /**
     * Adds a batch at the end with one write. If that fails, the file is cut back to what it was.
     */
    public void append(RecordBatch batch, int indexIntervalBytes) throws IOException {
        append(batch, indexIntervalBytes, (into, position) -> into.write(batch.bytes(), position));
    }

    /** Adds a batch of another file as it is, in pieces. */
    public void append(StoredBatch batch, int indexIntervalBytes) throws IOException {
        append(batch.header(), indexIntervalBytes, batch::copyTo);
    }

    private interface Content {
        void write(DiskFile into, int position) throws IOException;
    }

    private void append(RecordBatch header, int indexIntervalBytes, Content content) throws IOException {
        int position = size;
        try {
            content.write(file(), position);
        } catch (IOException e) {
            cutBack(position, e);
            throw e;
        }
        note(header, position, indexIntervalBytes);
        size = position + header.sizeInBytes();
    }

    /** Takes a batch that lies in the file at that position into the indexes. */
    public void note(RecordBatch batch, int position, int indexIntervalBytes) throws IOException {
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
    public long ageMs(long nowMs, long incomingTimestampMs) throws IOException {
        RecordBatch first = firstTimestampMs == RecordBatch.NO_TIMESTAMP ? firstHeader() : null;
        if (first != null) {
            firstTimestampMs = first.maxTimestamp();
        }
        return firstTimestampMs >= 0 && incomingTimestampMs >= 0
                ? incomingTimestampMs - firstTimestampMs
                : nowMs - createdMs;
    }

    /** Writes the last entry of the time index, and the indexes to their files; takes back what was preallocated. */
    public void seal() throws IOException {
        if (file().sizeOnDisk() > size) {
            file().truncate(size);
        }
        if (maxTimestampMs >= 0) {
            times.addIfLater(maxTimestampMs, maxTimestampOffset);
        }
        offsets.file().flush();
        times.file().flush();
        aborted.flush();
    }

    public void force(SyncRule why) throws IOException {
        file().force(why);
    }

    /** What was dropped meanwhile needs no flush. May run anywhere. */
    public void forceUnlessGone(boolean andIndexes) throws IOException {
        if (retain()) {
            try {
                file().force(SyncRule.RECORDS);
                if (andIndexes) {
                    forceIndexes(SyncRule.INDEXES);
                }
            } finally {
                release();
            }
        }
    }

    public void forceIndexes(SyncRule why) throws IOException {
        offsets.file().force(why);
        times.file().force(why);
        aborted.force(why);
    }

    /** Lets go of all descriptors until they are needed again; nobody may use the files meanwhile. */
    public void closeUntilNeeded() throws IOException {
        offsets.file().closeUntilNeeded();
        times.file().closeUntilNeeded();
        aborted.closeUntilNeeded();
        file().closeUntilNeeded();
    }

    /** Empties the indexes and forgets the times; a recovery makes them again. */
    public void resetIndexes() throws IOException {
        offsets.file().create();
        times.file().create();
        offsets.file().truncate(0);
        times.file().truncate(0);
        aborted.clear();
        maxTimestampMs = RecordBatch.NO_TIMESTAMP;
        maxTimestampOffset = baseOffset;
        timesAreTrue = true;
        firstTimestampMs = RecordBatch.NO_TIMESTAMP;
        bytesSinceIndexed = 0;
    }

    /** Cuts the file; the indexes must not point beyond it. */
    public void truncate(int newSize) throws IOException {
        file().truncate(newSize);
        size = newSize;
    }

    /** Gives all files names with that suffix, which says what is to become of them. */
    public void rename(String suffix) throws IOException {
        for (int i = 0; i < files.size(); i++) {
            files.get(i).rename(LogFiles.path(folder, baseOffset, LogFiles.OF_SEGMENT.get(i) + suffix));
        }
    }

    /** Deletes all files; who reads them still may finish. If it fails, what is left goes at the next start. */
    public void delete() throws IOException {
        try {
            for (SegmentFile file : files) {
                file.delete();
            }
        } finally {
            letGo();
        }
    }

    /** The header of the first batch, or null if there is none, or a damaged one. */
    @Nullable
    public RecordBatch firstHeader() throws IOException {
        BatchReader.Next first = BatchReader.ofHeaders(this, 0, size).next();
        return first instanceof BatchReader.Next.Batch found ? found.batch().header() : null;
    }

    /** Whether all indexes are there, and could be what belongs to this segment. */
    public boolean hasSoundIndexes() throws IOException {
        return size == 0 || offsets.isSound(size) && times.isSound() && aborted.isSound(baseOffset);
    }

    /**
     * The offset after the last batch; read from the file, from the last entry of the index on.
     *
     * @throws CorruptLogException if there is damage behind that entry
     */
    public long endOffset() throws IOException {
        BatchReader reader = headersBefore(Long.MAX_VALUE, size);
        StoredBatch batch = reader.nextOrThrow();
        while (batch != null) {
            batch = reader.nextOrThrow();
        }
        return reader.nextOffset();
    }

    /**
     * The first batch that ends at or after that offset, or null if none does.
     *
     * @throws CorruptLogException if there is damage before it
     */
    @Nullable
    public StoredBatch find(long offset, int limit) throws IOException {
        BatchReader reader = headersBefore(offset, limit);
        StoredBatch batch = reader.nextOrThrow();
        while (batch != null && batch.header().lastOffset() < offset) {
            batch = reader.nextOrThrow();
        }
        return batch;
    }

    /** As {@link #find}: the batch's position, or {@code limit} if there is none. */
    public int positionOf(long offset, int limit) throws IOException {
        StoredBatch found = find(offset, limit);
        return found == null ? limit : found.position();
    }

    /** Where a batch begins that lies before the one with that offset, or is it; in bytes. */
    public int positionBefore(long offset, int limit) throws IOException {
        return headersBefore(offset, limit).position();
    }

    /** Reads from there on: from what the index says, if it is true, or else from what an earlier entry says. */
    private BatchReader headersBefore(long offset, int limit) throws IOException {
        BatchReader reader = BatchReader.ofHeaders(this, 0, limit);
        int step = 1;
        for (int entry = offsets.floor(offset); entry >= 0; entry -= step, step *= 2) {
            int position = offsets.position(entry);
            long lastOffset = offsets.lastOffset(entry);
            boolean isInside = position >= 0 && position <= limit - RecordBatch.HEADER_BYTES;
            reader.restart(isInside ? position : 0);
            // A damaged entry may have led the search too far.
            if (isInside && lastOffset <= offset && isMeant(reader.next(), lastOffset)) {
                reader.restart(position);
                return reader;
            }
            if (step == 1) {
                LOG.warn("Entry {} of the offset index of {} points at no batch; it is passed over", entry, path());
            }
        }
        reader.restart(0);
        return reader;
    }

    /** Whether that is the batch of an entry of the index: several that were written at once may have one entry. */
    private static boolean isMeant(BatchReader.Next next, long lastOffset) throws IOException {
        if (!(next instanceof BatchReader.Next.Batch found)) {
            return false;
        }
        RecordBatch header = found.batch().header();
        return header.lastOffset() == lastOffset
                || header.baseOffset() <= lastOffset && found.batch().hasRightChecksum();
    }

    /** Where to begin to look for the first record as late as that time: a batch's position. */
    public int positionBeforeTime(long timestampMs, int limit) throws IOException {
        int entry = times.floor(timestampMs);
        return entry < 0 ? 0 : Math.max(0, positionOf(entry, limit));
    }

    @Override
    public String toString() {
        return path().toString();
    }
}

package io.gregor.log;

import io.gregor.log.disk.CorruptLogException;
import io.gregor.log.segment.AbortedTransaction;
import io.gregor.log.segment.BatchReader;
import io.gregor.log.segment.Segment;
import io.gregor.log.segment.SegmentGoneException;
import io.gregor.log.segment.StoredBatch;
import io.gregor.log.segment.TransactionIndex;
import io.gregor.wire.Part;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a partition's log holds at one moment: immutable, published by one volatile write after each change, read on any
 * thread without the lane.
 *
 * @param startOffset the first offset that may be read
 * @param highWatermark the end of what consumers may read
 * @param lastStableOffset the end of what read_committed consumers may read
 * @param endOffset the offset that the next record gets
 */
public record LogView(
        List<Segment> segments,
        int activeSize,
        long startOffset,
        long highWatermark,
        long lastStableOffset,
        long endOffset) {

    /**
     * Keeps the files of all segments open until {@link #release}, for who reads long. False if a segment was dropped
     * and its files are closed: then there is a newer view.
     */
    public boolean retain() {
        for (int i = 0; i < segments.size(); i++) {
            if (!segments.get(i).retain()) {
                release(i);
                return false;
            }
        }
        return true;
    }

    public void release() {
        release(segments.size());
    }

    private void release(int count) {
        for (int i = 0; i < count; i++) {
            segments.get(i).release();
        }
    }

    /** A record found by its time. */
    public record TimedOffset(long offset, long timestampMs) {}

    /**
     * Whole batches from the one that holds {@code offset}, as a slice of a file, which may end within a batch.
     *
     * @param upTo no batch at or beyond this offset is returned
     * @param maxBytes the size of the slice at the most
     * @param firstBatchWhole whether the first batch is returned whole though it is larger than {@code maxBytes}
     *     (KIP-74); if not, nothing is returned then, since a piece of a batch alone is of no use to a reader
     * @return an empty part if there is nothing
     * @throws CorruptLogException if what lies before the batch, or where it should be, is damaged
     */
    public Part read(long offset, long upTo, int maxBytes, boolean firstBatchWhole) throws IOException {
        if (offset >= upTo || maxBytes <= 0 && !firstBatchWhole) {
            return Part.EMPTY;
        }
        for (int i = floor(offset); i < segments.size(); i++) {
            Segment segment = segments.get(i);
            int limit = limit(i, upTo);
            StoredBatch first = segment.find(offset, limit);
            if (first != null) {
                requirePossible(first, i);
                int size = Math.min(maxBytes, limit - first.position());
                if (size < first.sizeInBytes()) {
                    size = firstBatchWhole ? first.sizeInBytes() : 0;
                }
                return size <= 0 ? Part.EMPTY : new Part.InFile(segment.file(), first.position(), size);
            }
        }
        return Part.EMPTY;
    }

    /** An offset that lies behind all records of a slice that was read from {@code offset} and has that size. */
    public long upperBound(long offset, int size) throws IOException {
        for (int i = floor(offset); i < segments.size(); i++) {
            int limit = sizeOf(i);
            int position = segments.get(i).positionOf(offset, limit);
            if (position < limit) {
                long behind = segments.get(i).offsets().firstBehind((long) position + size);
                long next = i + 1 < segments.size() ? segments.get(i + 1).baseOffset() : endOffset;
                return behind <= offset ? next : behind;
            }
        }
        return endOffset;
    }

    /** The base offset of the segment that holds that offset, or will hold it. */
    public long segmentAt(long offset) {
        return segments.get(floor(offset)).baseOffset();
    }

    /** How many bytes lie from the batch that holds {@code offset} to {@code upTo}, within one segment. */
    public int bytesBetween(long offset, long upTo) throws IOException {
        return offset >= upTo ? 0 : read(offset, upTo, Integer.MAX_VALUE, true).size();
    }

    /** The checksum says nothing of a batch's offset; but it cannot be one of the next segment, or of the future. */
    private void requirePossible(StoredBatch batch, int index) throws CorruptLogException {
        long end = index + 1 < segments.size() ? segments.get(index + 1).baseOffset() : endOffset;
        if (batch.header().lastOffset() >= end) {
            throw batch.damaged("offset " + batch.header().lastOffset() + ", though " + end + " follows");
        }
    }

    /** Where in that segment the batches below {@code upTo} end. */
    private int limit(int index, long upTo) throws IOException {
        Segment segment = segments.get(index);
        int size = sizeOf(index);
        if (upTo >= endOffset
                || index + 1 < segments.size() && segments.get(index + 1).baseOffset() <= upTo) {
            return size;
        }
        return segment.positionOf(upTo, size);
    }

    /** In bytes, over all segments. */
    public long sizeInBytes() {
        long size = 0;
        for (int i = 0; i < segments.size(); i++) {
            size += sizeOf(i);
        }
        return size;
    }

    /** Where the first segment begins: at or before the start. */
    public long firstOffset() {
        return segments.get(0).baseOffset();
    }

    /** Of a segment, in bytes. */
    int sizeOf(int index) {
        return index == segments.size() - 1 ? activeSize : segments.get(index).size();
    }

    /**
     * The aborted transactions that have records between two offsets, by their first offset: a reader has to know them
     * in that order.
     */
    public List<AbortedTransaction> abortedBetween(long from, long upTo) throws IOException {
        List<AbortedTransaction> found = new ArrayList<>();
        boolean more = true;
        for (int i = floor(from); i < segments.size() && more; i++) {
            more = collectAborted(segments.get(i).aborted(), from, upTo, found);
        }
        found.sort(Comparator.comparingLong(AbortedTransaction::firstOffset));
        return found;
    }

    /** Whether later segments may hold more. */
    private static boolean collectAborted(TransactionIndex index, long from, long upTo, List<AbortedTransaction> into)
            throws IOException {
        int count = index.count();
        for (int i = 0; i < count; i++) {
            AbortedTransaction aborted = index.get(i);
            if (aborted.lastOffset() >= from && aborted.firstOffset() < upTo) {
                into.add(aborted);
            }
            if (aborted.lastStableOffset() >= upTo) {
                return false;
            }
        }
        return true;
    }

    /**
     * The first record, by offset, whose timestamp is at or after that time.
     *
     * @param upTo records at or beyond this offset are not looked at
     * @return null if there is none
     */
    public @Nullable TimedOffset firstAtOrAfter(long timestampMs, long upTo) throws IOException {
        for (int i = 0; i < segments.size(); i++) {
            Segment segment = segments.get(i);
            if (segment.maxTimestampMs() < timestampMs) {
                continue;
            }
            int size = sizeOf(i);
            int position =
                    Math.max(segment.positionBefore(startOffset, size), segment.positionBeforeTime(timestampMs, size));
            BatchReader reader = BatchReader.of(segment, position, size);
            for (StoredBatch batch = reader.nextOrThrow(); batch != null; batch = reader.nextOrThrow()) {
                TimedOffset found = batch.header().maxTimestamp() < timestampMs ? null : firstIn(batch, timestampMs);
                if (found != null) {
                    return found.offset() < upTo ? found : null;
                }
            }
        }
        return null;
    }

    private @Nullable TimedOffset firstIn(StoredBatch batch, long timestampMs) throws IOException {
        return batch.outlines(records -> {
                    while (records.next()) {
                        if (records.timestampMs() >= timestampMs && records.offset() >= startOffset) {
                            return Optional.of(new TimedOffset(records.offset(), records.timestampMs()));
                        }
                    }
                    return Optional.<TimedOffset>empty();
                })
                .orElse(null);
    }

    /** The first record that has the latest timestamp of all, or null if the log is empty. */
    public @Nullable TimedOffset latestTimestamp() throws IOException {
        Segment latest = null;
        for (Segment segment : segments) {
            if (latest == null || segment.maxTimestampMs() > latest.maxTimestampMs()) {
                latest = segment;
            }
        }
        if (latest == null || latest.maxTimestampMs() < 0) {
            return null;
        }
        int size = latest == segments.get(segments.size() - 1) ? activeSize : latest.size();
        StoredBatch batch = latest.find(latest.maxTimestampOffset(), size);
        return batch == null ? null : firstIn(batch, batch.header().maxTimestamp());
    }

    /**
     * Hands every batch from that offset on to the visitor, until the end of the log; their checksums are right.
     *
     * @throws CorruptLogException at the first damage
     */
    public void forEachBatch(long fromOffset, BatchVisitor visitor) throws IOException {
        forEachSoundBatch(fromOffset, visitor, damage -> {
            throw damage;
        });
    }

    /**
     * As {@link #forEachBatch(long, BatchVisitor)}, but goes on behind damage, with the next batch whose checksum is
     * right.
     *
     * @param damages told each damage, which may be of several batches
     */
    public void forEachSoundBatch(long fromOffset, BatchVisitor visitor, DamageVisitor damages) throws IOException {
        if (!retain()) {
            throw new SegmentGoneException(segments.get(0).path());
        }
        try {
            for (int i = floor(fromOffset); i < segments.size(); i++) {
                visit(i, fromOffset, visitor, damages);
            }
        } finally {
            release();
        }
    }

    private void visit(int index, long fromOffset, BatchVisitor visitor, DamageVisitor damages) throws IOException {
        Segment segment = segments.get(index);
        int size = sizeOf(index);
        BatchReader reader = BatchReader.of(segment, segment.positionOf(fromOffset, size), size);
        boolean more = true;
        while (more) {
            StoredBatch batch = null;
            try {
                batch = reader.nextChecked();
                if (batch != null) {
                    requirePossible(batch, index);
                }
                more = batch != null;
            } catch (CorruptLogException e) {
                damages.visit(e);
                batch = null;
                more = reader.skipDamage();
            }
            if (batch != null) {
                visitor.visit(batch);
            }
        }
    }

    /** As {@link #forEachBatch(long, BatchVisitor)}, in one segment. */
    public static void forEachBatch(Segment segment, long fromOffset, int size, BatchVisitor visitor)
            throws IOException {
        BatchReader reader = BatchReader.of(segment, segment.positionOf(fromOffset, size), size);
        for (StoredBatch batch = reader.nextChecked(); batch != null; batch = reader.nextChecked()) {
            visitor.visit(batch);
        }
    }

    /** Sees one batch at a time, which is valid during the call. */
    @FunctionalInterface
    public interface BatchVisitor {
        void visit(StoredBatch batch) throws IOException;
    }

    /** Told damage, one at a time. */
    @FunctionalInterface
    public interface DamageVisitor {
        void visit(CorruptLogException damage) throws IOException;
    }

    /** The index of the last segment that begins at or before that offset; 0 if none does. */
    private int floor(long offset) {
        int low = 0;
        int high = segments.size();
        while (high - low > 1) {
            int middle = (low + high) >>> 1;
            if (segments.get(middle).baseOffset() <= offset) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return low;
    }
}

package io.gregor.log.segment;

import io.gregor.log.disk.CorruptLogException;
import io.gregor.log.disk.DiskFile;
import io.gregor.wire.record.RecordBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Reads the batches of a file one after the other: the only reader of batches that lie in files. Confined to one
 * thread. It only goes forward, tells the end from damage, trusts no length and no offset, and holds one window of at
 * most {@value #WINDOW_BYTES} bytes whatever a batch claims.
 */
public final class BatchReader {
    private static final int WINDOW_BYTES = 256 * 1024;
    /** As much as lies between two entries of an index by default: small batches are not read one by one. */
    private static final int HEADERS_WINDOW_BYTES = 4 * 1024;

    /** What follows in the file. */
    public sealed interface Next {
        /** Nothing: the last batch ends where the records end. */
        record End() implements Next {}

        /** A batch whose header is possible here; its checksum has not been looked at. */
        record Batch(StoredBatch batch) implements Next {}

        /** Bytes that are no batch, or not one that can follow here. Reading goes on after {@link #skipDamage} only. */
        record Damaged(CorruptLogException damage) implements Next {}
    }

    private static final Next END = new Next.End();

    private final Path path;
    private final DiskFile file;
    private final long baseOffset;
    private final int limit;
    private final int windowBytes;
    private ByteBuffer window = ByteBuffer.allocate(0);
    private int windowStart;
    private int position;
    private int lastPosition;
    /** The least offset that the next batch may have. */
    private long nextOffset;
    /** Where the last call of {@link #next} began, and the least offset there. */
    private int calledAt;

    private long calledAtOffset;

    private BatchReader(Path path, DiskFile file, long baseOffset, int from, int limit, int windowBytes) {
        this.path = path;
        this.file = file;
        this.baseOffset = baseOffset;
        this.limit = limit;
        this.windowBytes = windowBytes;
        position = from;
        lastPosition = from;
        nextOffset = baseOffset;
    }

    /** Reads all of a file that is no segment, from its beginning, in large steps. */
    public static BatchReader of(Path path, DiskFile file) throws IOException {
        if (file.size() > Integer.MAX_VALUE) {
            throw new CorruptLogException(path, Integer.MAX_VALUE, "a file of " + file.size() + " bytes");
        }
        return new BatchReader(path, file, 0, 0, (int) file.size(), WINDOW_BYTES);
    }

    /** Reads all that lies from one position to another, in large steps. */
    public static BatchReader of(Segment segment, int from, int limit) throws IOException {
        return new BatchReader(segment.path(), segment.file(), segment.baseOffset(), from, limit, WINDOW_BYTES);
    }

    /** Reads header by header, with little between them: to find one batch, or where the last one ends. */
    public static BatchReader ofHeaders(Segment segment, int from, int limit) throws IOException {
        return new BatchReader(segment.path(), segment.file(), segment.baseOffset(), from, limit, HEADERS_WINDOW_BYTES);
    }

    /** Begins again at that position, with the bytes that are in memory. */
    void restart(int from) {
        position = from;
        lastPosition = from;
        nextOffset = baseOffset;
    }

    Path file() {
        return path;
    }

    /** Where the next batch begins, or the damage, in bytes. */
    public int position() {
        return position;
    }

    /** Where the last batch begins that was read, or the position to begin from. */
    int lastPosition() {
        return lastPosition;
    }

    /** The offset after the last batch that was read; the file's first one before that. */
    public long nextOffset() {
        return nextOffset;
    }

    public Next next() throws IOException {
        calledAt = position;
        calledAtOffset = nextOffset;
        if (position == limit) {
            return END;
        }
        if (limit - position < RecordBatch.HEADER_BYTES) {
            return damaged((limit - position) + " bytes are left, a batch has at least " + RecordBatch.HEADER_BYTES);
        }
        // A buffer of its own: the window goes on while the batch is read.
        ByteBuffer bytes = ByteBuffer.allocate(RecordBatch.HEADER_BYTES);
        try {
            bytes.put(piece(position, RecordBatch.HEADER_BYTES));
        } catch (CorruptLogException e) {
            return new Next.Damaged(e);
        }
        RecordBatch header = new RecordBatch(bytes, 0);
        String fault = fault(header);
        if (fault != null) {
            return damaged(fault);
        }
        StoredBatch batch = new StoredBatch(this, header, position);
        lastPosition = position;
        position += batch.sizeInBytes();
        nextOffset = header.nextOffset();
        return new Next.Batch(batch);
    }

    private @Nullable String fault(RecordBatch header) {
        if (header.magic() != RecordBatch.MAGIC) {
            return "magic " + header.magic() + " instead of " + RecordBatch.MAGIC;
        }
        // As a long: a length may be so large that the size overflows.
        long size = header.lengthField() + (long) RecordBatch.PREFIX_BYTES;
        if (size < RecordBatch.HEADER_BYTES) {
            return "a batch of " + size + " bytes, which is less than its header";
        }
        if (size > limit - position) {
            return "a batch of " + size + " bytes, of which " + (limit - position) + " are there";
        }
        long first = header.baseOffset() - baseOffset;
        boolean possible = header.baseOffset() >= nextOffset
                && first <= Integer.MAX_VALUE
                && header.lastOffsetDelta() >= 0
                && first + header.lastOffsetDelta() <= Integer.MAX_VALUE;
        return possible
                ? null
                : "offset " + header.baseOffset() + " and " + header.lastOffsetDelta() + " more, where " + nextOffset
                        + " or a later one follows";
    }

    private Next damaged(String reason) {
        return new Next.Damaged(new CorruptLogException(path, position, reason));
    }

    /** The next batch, or null at the end. */
    @Nullable
    public StoredBatch nextOrThrow() throws IOException {
        Next next = next();
        if (next instanceof Next.Damaged damaged) {
            throw damaged.damage();
        }
        return next instanceof Next.Batch found ? found.batch() : null;
    }

    /** As {@link #nextOrThrow}, and the batch's checksum is right. */
    @Nullable
    public StoredBatch nextChecked() throws IOException {
        StoredBatch batch = nextOrThrow();
        if (batch != null && !batch.hasRightChecksum()) {
            throw batch.damaged("a wrong checksum");
        }
        return batch;
    }

    /**
     * Goes on behind damage: what {@link #next} returned is damaged, or its checksum is wrong. If a sound batch follows
     * where it claims to end, with that one; if not, with the first sound one that begins anywhere behind it.
     *
     * @return false if there is none
     */
    public boolean skipDamage() throws IOException {
        int from = calledAt;
        long offset = calledAtOffset;
        int claimedEnd = position;
        // A file may have been cut since: then nothing follows.
        int end = (int) Math.min(limit, file.size());
        boolean found = claimedEnd > from && claimedEnd < end && isSoundAt(claimedEnd, offset);
        int at = found ? claimedEnd : from + 1;
        while (!found && at <= end - RecordBatch.HEADER_BYTES) {
            found = piece(at, RecordBatch.HEADER_BYTES).get(RecordBatch.MAGIC_AT) == RecordBatch.MAGIC
                    && isSoundAt(at, offset);
            at += found ? 0 : 1;
        }
        position = found ? at : limit;
        nextOffset = offset;
        return found;
    }

    /** Whether a batch of that offset or a later one begins there, and its checksum is right. */
    private boolean isSoundAt(int at, long offset) throws IOException {
        position = at;
        nextOffset = offset;
        return next() instanceof Next.Batch next
                && position <= file.size()
                && next.batch().hasRightChecksum();
    }

    /** Bytes of the file, all of them or an exception; valid until the next call. */
    public ByteBuffer piece(int from, int bytes) throws IOException {
        if (from < windowStart || from + bytes > windowStart + window.limit()) {
            fill(from, bytes);
        }
        return window.slice(from - windowStart, bytes);
    }

    private void fill(int from, int bytes) throws IOException {
        int wanted = Math.max(bytes, Math.min(windowBytes, limit - from));
        window = window.capacity() >= wanted ? window.clear().limit(wanted) : ByteBuffer.allocate(wanted);
        file.read(window, from);
        window.flip();
        windowStart = from;
        if (window.limit() < bytes) {
            long end = from + (long) window.limit();
            throw new CorruptLogException(path, end, "the file ends there, and had " + limit + " bytes");
        }
    }
}

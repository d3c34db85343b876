package io.gregor.log.segment;

import io.gregor.log.disk.CorruptLogException;
import io.gregor.log.disk.DiskFile;
import io.gregor.wire.MalformedMessageException;
import io.gregor.wire.record.Record;
import io.gregor.wire.record.RecordBatch;
import io.gregor.wire.record.RecordCursor;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.zip.CRC32C;

/**
 * One batch in a file: its header in memory, its records read from the file in pieces. Confined to the thread of its
 * reader, and valid until that goes on to the next batch. Memory: one piece of {@value #PIECE_BYTES} bytes, whatever
 * the batch claims.
 */
public final class StoredBatch {
    private static final int PIECE_BYTES = 64 * 1024;
    private static final int WHOLE_BYTES_MAX = 1024 * 1024;

    private final BatchReader reader;
    private final RecordBatch header;
    private final int position;

    StoredBatch(BatchReader reader, RecordBatch header, int position) {
        this.reader = reader;
        this.header = header;
        this.position = position;
    }

    /** The batch's header; the records are not behind it. */
    public RecordBatch header() {
        return header;
    }

    /** Where in the file it begins, in bytes. */
    public int position() {
        return position;
    }

    /** In bytes, of the whole batch. */
    public int sizeInBytes() {
        return header.sizeInBytes();
    }

    /** Damage of this batch that its header does not show. */
    public CorruptLogException damaged(String reason) {
        return new CorruptLogException(reader.file(), position, reason);
    }

    /** Whether the batch is what was written, but for its offset and leader epoch: the checksum leaves these out. */
    public boolean hasRightChecksum() throws IOException {
        CRC32C crc = new CRC32C();
        forEachPiece(RecordBatch.ATTRIBUTES_AT, crc::update);
        return crc.getValue() == header.crc();
    }

    private interface PieceVisitor {
        void visit(ByteBuffer piece) throws IOException;
    }

    private void forEachPiece(int from, PieceVisitor visitor) throws IOException {
        int size = sizeInBytes();
        for (int done = from; done < size; ) {
            ByteBuffer piece = reader.piece(position + done, Math.min(PIECE_BYTES, size - done));
            done += piece.remaining();
            visitor.visit(piece);
        }
    }

    /** Writes the batch as it is into another file, and gives the position after it. */
    void copyTo(DiskFile file, int at) throws IOException {
        int[] next = {at};
        forEachPiece(0, piece -> {
            int bytes = piece.remaining();
            file.write(piece, next[0]);
            next[0] += bytes;
        });
    }

    /** Reads records with a cursor. */
    public interface Reading<T> {
        T read(RecordCursor records) throws IOException;
    }

    /** Reads the records' outlines. */
    public <T> T outlines(Reading<T> reading) throws IOException {
        return read(() -> RecordCursor.skipping(header, new Body()), reading);
    }

    /** Reads the records' outlines, and their keys' hashes. */
    public <T> T keyHashes(Reading<T> reading) throws IOException {
        return read(() -> RecordCursor.hashingKeys(header, new Body()), reading);
    }

    /** Hands every record to the consumer with its key and value, one at a time, and without its headers. */
    public void forEachRecord(Consumer<Record> consumer) throws IOException {
        read(() -> RecordCursor.keysAndValues(header, new Body()), records -> {
            while (records.next()) {
                consumer.accept(records.record());
            }
            return header;
        });
    }

    private <T> T read(Supplier<RecordCursor> cursor, Reading<T> reading) throws IOException {
        try (RecordCursor records = cursor.get()) {
            return reading.read(records);
        } catch (MalformedMessageException e) {
            throw damaged("records that cannot be read: " + e.getMessage());
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /**
     * The batch in memory: for control batches, which a broker has written and which are small.
     *
     * @throws CorruptLogException if it is larger than {@value #WHOLE_BYTES_MAX} bytes
     */
    public RecordBatch whole() throws IOException {
        if (sizeInBytes() > WHOLE_BYTES_MAX) {
            throw damaged("a control batch of " + sizeInBytes() + " bytes");
        }
        ByteBuffer bytes = ByteBuffer.allocate(sizeInBytes());
        forEachPiece(0, bytes::put);
        return new RecordBatch(bytes, 0);
    }

    /** Reads the batch's records in pieces, each its own, so that several streams may be used in turn. */
    private final class Body extends InputStream {
        private final byte[] single = new byte[1];
        private ByteBuffer piece = ByteBuffer.allocate(0);
        private int next = RecordBatch.HEADER_BYTES;

        @Override
        public int read() {
            return read(single, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(single[0]);
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            if (length == 0) {
                return 0;
            }
            if (!piece.hasRemaining() && !fill()) {
                return -1;
            }
            int count = Math.min(length, piece.remaining());
            piece.get(into, offset, count);
            return count;
        }

        /** What the disk says of itself is no fault of the data: decompressors make both of an IOException. */
        private boolean fill() {
            int left = sizeInBytes() - next;
            if (left <= 0) {
                return false;
            }
            int bytes = Math.min(left, PIECE_BYTES);
            try {
                piece = ByteBuffer.allocate(bytes)
                        .put(reader.piece(position + next, bytes))
                        .flip();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            next += bytes;
            return true;
        }

        @Override
        public int available() {
            return piece.remaining() + sizeInBytes() - next;
        }
    }
}

package io.gregor.broker.net;

import io.gregor.wire.Message;
import io.gregor.wire.MessagePieces;
import io.gregor.wire.MessageSink;
import io.gregor.wire.Part;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An answer that is made in pieces: first its length is counted, then each piece is sent when the socket can take it.
 * The pieces of the count are kept if they are small beside the elements that they are made from, so that these need
 * not wait for the client; otherwise each is made again when it is sent. Confined to the connection's loop.
 */
final class LargeAnswer {
    /** What is made at once. */
    static final int PIECE_BYTES = 32 * 1024;

    private final Message header;
    private final short headerVersion;
    private final long keptMax;
    private @Nullable MessagePieces pieces;
    private @Nullable Deque<List<Part>> kept = new ArrayDeque<>();
    private long length;
    private long sent;
    private boolean counted;
    private boolean begun;

    /** @param keptMax bytes up to which the answer is kept as it will be sent; it has no files if this is not 0 */
    LargeAnswer(Message header, short headerVersion, Message response, short version, long keptMax) {
        this.header = header;
        this.headerVersion = headerVersion;
        this.pieces = new MessagePieces(response, version, PIECE_BYTES);
        this.keptMax = keptMax;
    }

    /** Whether all of it is kept as it will be sent, and its elements are not needed any more. */
    boolean isKept() {
        return counted && kept != null;
    }

    /** In bytes, without the header; known when it is counted. */
    long length() {
        return length;
    }

    /** Whether the length is known, so that {@link #next} may be called. */
    boolean isCounted() {
        return counted;
    }

    /** Counts some more of the length. */
    void count() {
        MessagePieces all = Objects.requireNonNull(pieces);
        List<Part> parts = all.next();
        length += sizeOf(parts);
        if (length > keptMax) {
            kept = null;
        } else if (kept != null) {
            kept.add(parts);
        }
        if (all.isAtEnd()) {
            counted = true;
            all.restart();
            pieces = kept == null ? all : null;
        }
    }

    boolean isAtEnd() {
        return counted && (pieces == null ? Objects.requireNonNull(kept).isEmpty() : pieces.isAtEnd());
    }

    /**
     * The next piece.
     *
     * @throws IllegalStateException if the answer is too long for a frame, or has changed since it was counted
     */
    List<Part> next() {
        List<Part> parts = pieces == null ? Objects.requireNonNull(kept).remove() : pieces.next();
        sent += sizeOf(parts);
        if (sent > length || isAtEnd() && sent < length) {
            throw new IllegalStateException("an answer of " + length + " bytes has " + sent + " when it is sent");
        }
        if (begun) {
            return parts;
        }
        begun = true;
        List<Part> first = start();
        first.addAll(parts);
        return first;
    }

    /** The frame's length and the header. */
    private List<Part> start() {
        MessageSink sink = new MessageSink(64);
        sink.int32(0);
        header.write(sink, headerVersion);
        long frameLength = sink.size() - 4 + length;
        if (frameLength > Integer.MAX_VALUE) {
            throw new IllegalStateException("an answer of " + frameLength + " bytes");
        }
        List<Part> parts = sink.parts();
        ((Part.InMemory) parts.get(0)).bytes().putInt(0, (int) frameLength);
        return parts;
    }

    /** The rest will not be sent: lets go of the files that were retained for it. */
    void release() {
        MessagePieces all = pieces;
        if (all == null) {
            return;
        }
        if (!counted) {
            all.restart();
        }
        while (!all.isAtEnd()) {
            all.next().forEach(Part::release);
        }
    }

    private static long sizeOf(List<Part> parts) {
        long size = 0;
        for (Part part : parts) {
            size += part.size();
        }
        return size;
    }
}

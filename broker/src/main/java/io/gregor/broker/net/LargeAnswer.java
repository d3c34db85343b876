package io.gregor.broker.net;

import io.gregor.wire.Message;
import io.gregor.wire.MessagePieces;
import io.gregor.wire.MessageSink;
import io.gregor.wire.Part;
import java.util.List;

/**
 * An answer that is made in pieces while it is sent: first its length is counted, then each piece is made when the
 * socket can take it. Confined to the connection's loop.
 */
final class LargeAnswer {
    /** What is made at once. */
    static final int PIECE_BYTES = 32 * 1024;

    private final Message header;
    private final short headerVersion;
    private final MessagePieces pieces;
    private long length;
    private long sent;
    private boolean counted;
    private boolean begun;

    LargeAnswer(Message header, short headerVersion, Message response, short version) {
        this.header = header;
        this.headerVersion = headerVersion;
        this.pieces = new MessagePieces(response, version, PIECE_BYTES);
    }

    /** Whether the length is known, so that {@link #next} may be called. */
    boolean isCounted() {
        return counted;
    }

    /** Counts some more of the length. */
    void count() {
        length += sizeOf(pieces.next());
        if (pieces.isAtEnd()) {
            counted = true;
            pieces.restart();
        }
    }

    boolean isAtEnd() {
        return counted && pieces.isAtEnd();
    }

    /**
     * The next piece.
     *
     * @throws IllegalStateException if the answer is too long for a frame, or has changed since it was counted
     */
    List<Part> next() {
        List<Part> parts = pieces.next();
        sent += sizeOf(parts);
        if (sent > length || pieces.isAtEnd() && sent < length) {
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
        if (!counted) {
            pieces.restart();
        }
        while (!pieces.isAtEnd()) {
            pieces.next().forEach(Part::release);
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

package io.gregor.wire;

import java.util.List;

/**
 * Writes a large message piece by piece, so that neither the whole of it nor the thread is held: each piece ends
 * between two elements of an array. Used by one thread at a time. The message must yield the same bytes each time that
 * it is written.
 */
public final class MessagePieces {
    private final Message message;
    private final short version;
    private final int pieceBytes;
    private ArrayPath path = new ArrayPath();
    private boolean ended;

    /**
     * @param pieceBytes a piece ends with the first element that reaches this size; pieces of files do not count, but
     *     each element does, as 32 bytes more: it takes time to make
     */
    public MessagePieces(Message message, short version, int pieceBytes) {
        this.message = message;
        this.version = version;
        this.pieceBytes = pieceBytes;
    }

    /** Whether all has been written. */
    public boolean isAtEnd() {
        return ended;
    }

    /** Goes back to the start of the message. */
    public void restart() {
        path = new ArrayPath();
        ended = false;
    }

    /** The next piece, as parts in order. */
    public List<Part> next() {
        MessageSink sink = MessageSink.ofPiece(path, pieceBytes);
        ended = sink.writeSome(message, version);
        return sink.parts();
    }
}

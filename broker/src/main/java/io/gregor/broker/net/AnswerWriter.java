package io.gregor.broker.net;

import io.gregor.broker.memory.Admission;
import io.gregor.broker.memory.Admission.Claim;
import io.gregor.broker.net.InFlightRequest.Answer;
import io.gregor.wire.Part;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Writes answers to a connection's channel, large ones piece by piece as the client takes them. Confined to the
 * connection's loop. A large answer has its share of memory before its first piece is made.
 */
final class AnswerWriter {
    /** How far writing has come. */
    enum Progress {
        DONE,
        /** There is more to do, and nothing to wait for. */
        MORE,
        /** It goes on when the client has taken what was sent, or when there is memory. */
        BLOCKED
    }

    private static final int PIECES_AT_ONCE = 8;

    /** What may be on its way to the socket, and a piece that is made. */
    private static final int LARGE_ANSWER_BYTES = 4 * LargeAnswer.PIECE_BYTES;

    private final Channel channel;
    private final Executor loop;
    private final Claim claim;
    private final Runnable admitted;
    private @Nullable LargeAnswer current;
    private boolean waiting;
    private boolean unflushed;
    private boolean closed;

    /**
     * @param evict run on the loop when the client has not taken anything for too long
     * @param admitted run on the loop when writing goes on after it was blocked for memory
     */
    AnswerWriter(Channel channel, Admission memory, Executor loop, Runnable evict, Runnable admitted) {
        this.channel = channel;
        this.loop = loop;
        this.claim = memory.claim(() -> loop.execute(evict));
        this.admitted = admitted;
    }

    /** Whether a large answer is under way. */
    boolean isBusy() {
        return current != null;
    }

    /** Whether a large answer may go on. */
    boolean isReady() {
        return current != null && !waiting && channel.isWritable();
    }

    void write(List<Part> parts) {
        for (Part part : parts) {
            if (part instanceof Part.InMemory inMemory) {
                channel.write(Unpooled.wrappedBuffer(inMemory.bytes()), channel.voidPromise());
            } else if (part instanceof Part.InFile inFile && inFile.size() > 0) {
                channel.write(new StoredRegion(inFile), channel.voidPromise());
            }
        }
        unflushed = true;
    }

    /** Sends what was written. */
    void flush() {
        if (unflushed) {
            unflushed = false;
            channel.flush();
        }
    }

    /** Writes an answer, a large one as far as the client takes it: it is written again then, for what is left. */
    Progress write(Answer answer) {
        if (answer instanceof InFlightRequest.Large large) {
            return advance(large.pieces());
        }
        if (answer instanceof InFlightRequest.Whole whole) {
            write(whole.parts());
        }
        return Progress.DONE;
    }

    /** Counts or writes the next pieces. */
    private Progress advance(LargeAnswer answer) {
        if (current == null) {
            current = answer;
            reserve();
        }
        if (waiting) {
            return Progress.BLOCKED;
        }
        for (int i = 0; i < PIECES_AT_ONCE; i++) {
            if (!answer.isCounted()) {
                answer.count();
            } else if (!channel.isWritable()) {
                return Progress.BLOCKED;
            } else {
                write(answer.next());
                if (answer.isAtEnd()) {
                    end();
                    return Progress.DONE;
                }
            }
        }
        claim.progress();
        return Progress.MORE;
    }

    private void reserve() {
        if (claim.tryTake(LARGE_ANSWER_BYTES, true)) {
            claim.beginProgress();
            return;
        }
        waiting = true;
        claim.await(LARGE_ANSWER_BYTES, true, () -> loop.execute(this::admitted));
    }

    private void admitted() {
        waiting = false;
        if (closed) {
            claim.refuse(LARGE_ANSWER_BYTES);
            return;
        }
        claim.hold(LARGE_ANSWER_BYTES);
        claim.beginProgress();
        admitted.run();
    }

    private void end() {
        current = null;
        claim.endProgress();
        claim.release(claim.held());
    }

    void close() {
        closed = true;
        current = null;
        claim.leave();
        claim.release(claim.held());
    }
}

package io.gregor.broker.net;

import io.gregor.broker.memory.Admission;
import io.gregor.broker.memory.Admission.Claim;
import io.gregor.broker.net.refusal.RefusedClients;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Cuts what arrives into frames: four bytes of length, then so many bytes. Confined to the connection's loop. A length
 * that is negative or beyond the limit closes the connection. Memory is taken as the bytes come, not as they are
 * announced, and counted until {@link #release}; where there is none left the connection is not read for a while. While
 * the connection takes no more frames the bytes stay as they are: many small frames take far more memory than these.
 */
final class FrameReader extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(FrameReader.class);
    private static final int LENGTH_BYTES = 4;
    private static final int FIRST_ALLOCATION_BYTES = 2 * 1024 * 1024;
    private static final int SCARCE_ALLOCATION_BYTES = 4096;
    private static final int SMALL_FRAME_BYTES = 64 * 1024;

    private final int configuredMax;
    private int frameBytesMax;
    private final Executor loop;
    private final RefusedClients refused;
    private final Admission memory;
    private final Claim claim;
    private final Deque<ByteBuf> unread = new ArrayDeque<>();
    private int unreadBytes;
    private Runnable whenReady = () -> {};
    private Consumer<ByteBuf> taker = ByteBuf::release;
    private BooleanSupplier isWanted = () -> true;
    private boolean cutting;
    private int lengthRead;
    private int length;
    private @Nullable ByteBuf frame;
    private @Nullable ByteBuf handedOut;
    private boolean closed;
    private boolean paused;
    private @Nullable ChannelHandlerContext context;

    /**
     * @param frameBytesMax Kafka's {@code socket.request.max.bytes}
     * @param refused is told of lengths that are none
     * @param memory of all frames in flight
     */
    FrameReader(int frameBytesMax, Executor loop, RefusedClients refused, Admission memory) {
        this.configuredMax = frameBytesMax;
        this.frameBytesMax = frameBytesMax;
        this.loop = loop;
        this.refused = refused;
        this.memory = memory;
        this.claim = memory.claim(() -> loop.execute(this::evict));
    }

    /** Takes only smaller frames from now on. */
    void limit(int bytesMax) {
        frameBytesMax = Math.min(bytesMax, configuredMax);
    }

    /** Takes again what the configuration allows. */
    void limitByConfig() {
        frameBytesMax = configuredMax;
    }

    /** Whether nothing is to be read since there is no memory for it now. */
    boolean isPaused() {
        return paused;
    }

    /** @param action run on the loop when bytes have come or reading may go on; it calls {@link #goOn} */
    void whenReady(Runnable action) {
        whenReady = action;
    }

    /**
     * @param to takes each frame, on the loop, and lets it go by {@link #release} and its reference count
     * @param wanted whether the next frame is wanted; {@link #goOn} is called when it may have become true
     */
    void emit(Consumer<ByteBuf> to, BooleanSupplier wanted) {
        taker = to;
        isWanted = wanted;
    }

    /** Whether bytes have come that are not in frames yet, since none is wanted. */
    boolean hasUnread() {
        return !closed && !unread.isEmpty();
    }

    /** A frame of so many bytes is not used any more. */
    void release(int bytes) {
        claim.release(bytes);
    }

    /**
     * Room for what is still missing of a frame that has begun, as a buffer over the frame's own memory; else null.
     */
    @Nullable
    ByteBuf restOfFrame() {
        ByteBuf open = frame;
        if (open == null || !open.isWritable() || hasUnread()) {
            return null;
        }
        ByteBuf rest = open.retainedSlice(open.writerIndex(), open.capacity() - open.writerIndex())
                .writerIndex(0);
        handedOut = rest;
        return rest;
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // It is that very buffer.
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        ByteBuf open = frame;
        if (open != null && bytes == handedOut) {
            handedOut = null;
            open.writerIndex(open.writerIndex() + bytes.readableBytes());
            bytes.release();
            emitOrGrow(open);
            return;
        }
        if (closed) {
            bytes.release();
            return;
        }
        unread.add(bytes);
        countUnread(bytes.readableBytes());
        loop.execute(whenReady);
        if (memory.budget().used() > memory.budget().limit()) {
            pauseUntilThereIs(0);
        }
    }

    /**
     * Cuts one frame from what has come, if one is wanted. The next one is a task of its own, so that many requests of
     * one connection share the lane with others.
     *
     * @return false if that is under way: its caller sees what comes of it
     */
    boolean goOn() {
        if (cutting) {
            return false;
        }
        if (hasUnread() && isWanted.getAsBoolean()) {
            cutFirst(unread.element());
            if (hasUnread() && isWanted.getAsBoolean()) {
                loop.execute(whenReady);
            }
        }
        return true;
    }

    private void cutFirst(ByteBuf bytes) {
        countUnread(-bytes.readableBytes());
        cutting = true;
        try {
            take(Objects.requireNonNull(context), bytes);
        } finally {
            cutting = false;
        }
        if (closed) {
            return;
        }
        countUnread(bytes.readableBytes());
        if (!bytes.isReadable()) {
            unread.remove().release();
        }
    }

    private void countUnread(int more) {
        unreadBytes += more;
        if (more > 0) {
            claim.force(more);
        } else {
            claim.release(-more);
        }
    }

    private void take(ChannelHandlerContext context, ByteBuf bytes) {
        ByteBuf open = frame;
        if (open == null) {
            open = begin(context, bytes);
            if (open == null) {
                return;
            }
        }
        int count = Math.min(length - open.readableBytes(), bytes.readableBytes());
        if (open.writableBytes() < count) {
            // Read before the pause held.
            int missing = count - open.writableBytes();
            claim.force(missing);
            open.capacity(open.capacity() + missing);
        }
        open.writeBytes(bytes, count);
        emitOrGrow(open);
    }

    /** Reads the length; then a frame that lies whole in what arrived goes on as a slice of it. */
    private @Nullable ByteBuf begin(ChannelHandlerContext context, ByteBuf bytes) {
        while (lengthRead < LENGTH_BYTES) {
            if (!bytes.isReadable()) {
                return null;
            }
            length = length << 8 | bytes.readUnsignedByte();
            lengthRead++;
        }
        if (length < 0 || length > frameBytesMax) {
            refuse(context);
            return null;
        }
        if (bytes.readableBytes() >= length) {
            ByteBuf whole = bytes.readRetainedSlice(length);
            claim.force(length);
            reset();
            taker.accept(whole);
            return null;
        }
        if (!bytes.isReadable()) {
            return null;
        }
        int first = Math.min(length, FIRST_ALLOCATION_BYTES);
        if (!claim.tryTake(first, length > SMALL_FRAME_BYTES)) {
            first = Math.min(length, Math.max(bytes.readableBytes(), SCARCE_ALLOCATION_BYTES));
            claim.force(first);
        }
        ByteBuf open = context.alloc().directBuffer(first, length);
        frame = open;
        claim.beginProgress();
        return open;
    }

    /** On the heap, independent of the frame. */
    static ByteBuffer copyOf(ByteBuf frame) {
        byte[] copy = new byte[frame.readableBytes()];
        frame.getBytes(frame.readerIndex(), copy);
        return ByteBuffer.wrap(copy);
    }

    private void refuse(ChannelHandlerContext context) {
        refused.badLength(
                context.channel().remoteAddress(),
                length,
                frameBytesMax < configuredMax ? "sasl.server.max.receive.size" : "socket.request.max.bytes",
                frameBytesMax);
        closed = true;
        context.close();
    }

    private void emitOrGrow(ByteBuf open) {
        if (open.readableBytes() == length) {
            claim.endProgress();
            reset();
            taker.accept(open);
            return;
        }
        claim.progress();
        growIfFull(open);
    }

    private void growIfFull(ByteBuf open) {
        if (!open.isWritable() && !paused) {
            int more = (int) Math.min(length, open.capacity() * 2L) - open.capacity();
            if (claim.tryTake(more, length > SMALL_FRAME_BYTES)) {
                open.capacity(open.capacity() + more);
            } else {
                pauseUntilThereIs(more);
            }
        }
    }

    /** The connection is read again when so many more bytes of memory are there for its frame. */
    private void pauseUntilThereIs(int more) {
        if (paused || closed) {
            return;
        }
        paused = true;
        claim.endProgress();
        Objects.requireNonNull(context).channel().config().setAutoRead(false);
        claim.await(more, length > SMALL_FRAME_BYTES, () -> loop.execute(() -> resume(more)));
    }

    private void resume(int more) {
        paused = false;
        ByteBuf open = frame;
        if (closed || open == null) {
            claim.refuse(more);
        } else {
            claim.hold(more);
            open.capacity(open.capacity() + more);
            claim.beginProgress();
            growIfFull(open);
        }
        whenReady.run();
    }

    private void evict() {
        ByteBuf open = frame;
        if (open != null && !paused && !closed) {
            ChannelHandlerContext here = Objects.requireNonNull(context);
            LOG.warn(
                    "Closing the connection from {}: {} of {} bytes of a frame have come, no more of late, and others"
                            + " need the memory",
                    here.channel().remoteAddress(),
                    open.readableBytes(),
                    length);
            closed = true;
            here.close();
        }
    }

    private void reset() {
        frame = null;
        length = 0;
        lengthRead = 0;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
    }

    /** The connection takes nothing any more. It may do so for a while when its channel has ended already. */
    void close() {
        closed = true;
        claim.leave();
        countUnread(-unreadBytes);
        unread.forEach(ByteBuf::release);
        unread.clear();
        ByteBuf open = frame;
        if (open != null) {
            frame = null;
            claim.release(open.capacity());
            open.release();
        }
    }
}

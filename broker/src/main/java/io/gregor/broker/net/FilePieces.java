package io.gregor.broker.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Reads pieces of files that are to be sent into memory, since what goes through TLS cannot go from file to socket.
 * Confined to the connection's loop. At most {@link #AT_ONCE_BYTES} of them are in memory: the next piece is read when
 * the socket has taken one, and until all are read the channel is not writable.
 */
final class FilePieces extends ChannelOutboundHandlerAdapter {
    static final int PIECE_BYTES = 64 * 1024;
    static final int AT_ONCE_BYTES = 2 * PIECE_BYTES;

    /** One of Netty's bits of a channel that is not writable. */
    private static final int WRITABILITY_BIT = 2;

    /** What is to be written, in order; a region has been read up to {@code done}. */
    private static final class Waiting {
        final Object message;
        final ChannelPromise promise;
        long done;

        Waiting(Object message, ChannelPromise promise) {
            this.message = message;
            this.promise = promise;
        }
    }

    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private int inMemory;
    private boolean draining;

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        if (waiting.isEmpty() && !(message instanceof StoredRegion)) {
            context.write(message, promise);
            return;
        }
        waiting.add(new Waiting(message, promise));
        setWritable(context, false);
    }

    @Override
    public void flush(ChannelHandlerContext context) {
        drain(context);
        context.flush();
    }

    private void drain(ChannelHandlerContext context) {
        if (draining) {
            return;
        }
        draining = true;
        try {
            Waiting first = waiting.peek();
            while (first != null && inMemory < AT_ONCE_BYTES) {
                if (first.message instanceof StoredRegion region && first.done < region.count()) {
                    writePiece(context, first, region);
                } else {
                    waiting.remove();
                    finish(context, first);
                }
                first = waiting.peek();
            }
        } catch (IOException e) {
            releaseAll();
            context.fireExceptionCaught(e);
            context.close();
        } finally {
            draining = false;
        }
        if (waiting.isEmpty()) {
            setWritable(context, true);
        }
    }

    private static void finish(ChannelHandlerContext context, Waiting last) {
        if (last.message instanceof StoredRegion region) {
            region.release();
            if (!last.promise.isVoid()) {
                last.promise.setSuccess();
            }
        } else {
            context.write(last.message, last.promise);
        }
    }

    private void writePiece(ChannelHandlerContext context, Waiting from, StoredRegion region) throws IOException {
        int bytes = (int) Math.min(PIECE_BYTES, region.count() - from.done);
        ByteBuf piece = context.alloc().directBuffer(bytes, bytes);
        try {
            region.read(from.done, piece);
        } catch (IOException | RuntimeException e) {
            piece.release();
            throw e;
        }
        from.done += bytes;
        inMemory += bytes;
        context.write(piece).addListener(written -> {
            inMemory -= bytes;
            if (!waiting.isEmpty() && written.isSuccess()) {
                drain(context);
                context.flush();
            }
        });
    }

    /** What is not sent any more is let go of. */
    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        releaseAll();
    }

    @Override
    public void close(ChannelHandlerContext context, ChannelPromise promise) {
        releaseAll();
        context.close(promise);
    }

    private void releaseAll() {
        Waiting next = waiting.poll();
        while (next != null) {
            ReferenceCountUtil.release(next.message);
            if (!next.promise.isVoid()) {
                next.promise.setFailure(new ClosedChannelException());
            }
            next = waiting.poll();
        }
    }

    private static void setWritable(ChannelHandlerContext context, boolean writable) {
        ChannelOutboundBuffer buffer = context.channel().unsafe().outboundBuffer();
        if (buffer != null && buffer.getUserDefinedWritability(WRITABILITY_BIT) != writable) {
            buffer.setUserDefinedWritability(WRITABILITY_BIT, writable);
        }
    }
}

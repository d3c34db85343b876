package io.gregor.broker.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Cuts what arrives into frames: four bytes of length, then so many bytes. Confined to the connection's loop. A length
 * that is negative or beyond the limit closes the connection; memory is taken as the bytes come, not as they are
 * announced.
 */
final class FrameReader extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(FrameReader.class);
    private static final int LENGTH_BYTES = 4;
    private static final int FIRST_ALLOCATION_BYTES = 2 * 1024 * 1024;

    private final int frameBytesMax;
    private int lengthRead;
    private int length;
    private @Nullable ByteBuf frame;
    private @Nullable ByteBuf handedOut;
    private boolean closed;

    /** @param frameBytesMax Kafka's {@code socket.request.max.bytes} */
    FrameReader(int frameBytesMax) {
        this.frameBytesMax = frameBytesMax;
    }

    /**
     * Room for what is still missing of a frame that has begun, as a buffer over the frame's own memory; else null.
     */
    @Nullable
    ByteBuf restOfFrame() {
        ByteBuf open = frame;
        if (open == null) {
            return null;
        }
        if (!open.isWritable()) {
            open.capacity((int) Math.min(length, open.capacity() * 2L));
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
            emitIfComplete(context, open);
            return;
        }
        try {
            while (bytes.isReadable() && !closed) {
                take(context, bytes);
            }
        } finally {
            bytes.release();
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
        open.writeBytes(bytes, count);
        emitIfComplete(context, open);
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
            reset();
            context.fireChannelRead(whole);
            return null;
        }
        ByteBuf open = context.alloc().directBuffer(Math.min(length, FIRST_ALLOCATION_BYTES), Math.max(length, 1));
        frame = open;
        return open;
    }

    private void refuse(ChannelHandlerContext context) {
        InetSocketAddress remote = (InetSocketAddress) context.channel().remoteAddress();
        LOG.warn(
                "Closing the connection from {}: a frame of {} bytes, socket.request.max.bytes allows {}",
                remote,
                length,
                frameBytesMax);
        closed = true;
        context.close();
    }

    private void emitIfComplete(ChannelHandlerContext context, ByteBuf open) {
        if (open.readableBytes() == length) {
            reset();
            context.fireChannelRead(open);
        }
    }

    private void reset() {
        frame = null;
        length = 0;
        lengthRead = 0;
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        ByteBuf open = frame;
        if (open != null) {
            frame = null;
            open.release();
        }
    }
}

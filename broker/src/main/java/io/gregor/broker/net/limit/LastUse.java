package io.gregor.broker.net.limit;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import java.util.function.LongSupplier;

/**
 * When something came or went on a connection for the last time; there while the broker has a limit of connections.
 * Confined to the connection's loop, read on any thread.
 */
final class LastUse extends ChannelDuplexHandler {
    private final LongSupplier nanoTime;
    private volatile long lastNanos;

    LastUse(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        lastNanos = nanoTime.getAsLong();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        lastNanos = nanoTime.getAsLong();
        context.fireChannelRead(message);
    }

    @Override
    public void flush(ChannelHandlerContext context) {
        lastNanos = nanoTime.getAsLong();
        context.flush();
    }

    long lastNanos() {
        return lastNanos;
    }
}

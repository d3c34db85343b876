package io.gregor.broker.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;

/**
 * Says into which memory the socket is read: while a large frame is arriving, straight into the frame's own buffer, so
 * that it is never copied together. One per connection, confined to its loop.
 */
final class FrameAllocator implements RecvByteBufAllocator {
    private final AdaptiveRecvByteBufAllocator usual = new AdaptiveRecvByteBufAllocator(512, 4096, 64 * 1024);
    private final FrameReader reader;

    FrameAllocator(FrameReader reader) {
        this.reader = reader;
    }

    @Override
    @SuppressWarnings("deprecation") // Netty's own interface asks for this type.
    public Handle newHandle() {
        return new FrameHandle((ExtendedHandle) usual.newHandle(), reader);
    }

    private record FrameHandle(ExtendedHandle usual, FrameReader reader) implements ExtendedHandle {
        @Override
        public ByteBuf allocate(ByteBufAllocator allocator) {
            ByteBuf rest = reader.restOfFrame();
            return rest == null ? usual.allocate(allocator) : rest;
        }

        @Override
        public int guess() {
            return usual.guess();
        }

        @Override
        public void reset(ChannelConfig config) {
            usual.reset(config);
        }

        @Override
        public void incMessagesRead(int messages) {
            usual.incMessagesRead(messages);
        }

        @Override
        public void lastBytesRead(int bytes) {
            usual.lastBytesRead(bytes);
        }

        @Override
        public int lastBytesRead() {
            return usual.lastBytesRead();
        }

        @Override
        public void attemptedBytesRead(int bytes) {
            usual.attemptedBytesRead(bytes);
        }

        @Override
        public int attemptedBytesRead() {
            return usual.attemptedBytesRead();
        }

        @Override
        public boolean continueReading() {
            return usual.continueReading();
        }

        @Override
        public boolean continueReading(UncheckedBooleanSupplier maybeMoreData) {
            return usual.continueReading(maybeMoreData);
        }

        @Override
        public void readComplete() {
            usual.readComplete();
        }
    }
}

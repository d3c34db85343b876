package io.gregor.broker.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.FileRegion;
import io.netty.channel.MessageSizeEstimator;

/** What an answer counts for as long as the client has not taken it: its bytes, those of files too. Immutable. */
final class AnswerSize implements MessageSizeEstimator.Handle {
    /** Netty's own counts no bytes of files. */
    static final MessageSizeEstimator ESTIMATOR = AnswerSize::new;

    private AnswerSize() {}

    @Override
    public int size(Object message) {
        if (message instanceof ByteBuf bytes) {
            return bytes.readableBytes();
        }
        return message instanceof FileRegion region ? (int) Math.min(region.count(), Integer.MAX_VALUE) : 0;
    }
}

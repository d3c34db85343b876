package io.gregor.broker.net;

import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/** A channel in memory whose other end has an address of this machine. Confined to the test's thread. */
final class ChannelFromHere extends EmbeddedChannel {
    @Override
    protected SocketAddress remoteAddress0() {
        return new InetSocketAddress("127.0.0.1", 40_000);
    }
}

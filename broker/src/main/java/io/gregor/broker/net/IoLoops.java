package io.gregor.broker.net;

import io.gregor.broker.lane.EventLoopLane;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** The I/O loops, which are the lanes too: epoll where there is Linux, else NIO. */
public final class IoLoops {
    private static final int QUIET_MS = 0;
    private static final int SHUTDOWN_MS = 500;

    private final EventLoopGroup group;
    private final Map<EventExecutor, EventLoopLane> lanes = new LinkedHashMap<>();
    private final Class<? extends ServerChannel> serverChannel;

    public IoLoops(int count) {
        boolean epoll = Epoll.isAvailable();
        IoHandlerFactory factory = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        serverChannel = epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
        group = new MultiThreadIoEventLoopGroup(count, new DefaultThreadFactory("io-loop", true), factory);
        for (EventExecutor loop : group) {
            lanes.put(loop, new EventLoopLane((EventLoop) loop, System::nanoTime));
        }
    }

    /** Loads the native transport on a thread of its own, so that a start has something else to do meanwhile. */
    public static void prepareInBackground() {
        Thread thread = new Thread(Epoll::isAvailable, "prepare-io");
        thread.setDaemon(true);
        thread.start();
    }

    public List<EventLoopLane> lanes() {
        return List.copyOf(lanes.values());
    }

    EventLoopLane laneOf(EventLoop loop) {
        return Objects.requireNonNull(lanes.get(loop));
    }

    EventLoopGroup group() {
        return group;
    }

    Class<? extends ServerChannel> serverChannel() {
        return serverChannel;
    }

    /** Returns when all loops have ended. */
    public void close() throws InterruptedException {
        group.shutdownGracefully(QUIET_MS, SHUTDOWN_MS, TimeUnit.MILLISECONDS).await();
    }
}

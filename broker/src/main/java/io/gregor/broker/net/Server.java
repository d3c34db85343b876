package io.gregor.broker.net;

import io.gregor.broker.access.Access;
import io.gregor.broker.config.BrokerConfig;
import io.gregor.broker.config.InvalidConfigException;
import io.gregor.broker.config.Listener;
import io.gregor.broker.config.ListenerConfig;
import io.gregor.broker.lane.EventLoopLane;
import io.gregor.broker.memory.MemoryShares;
import io.gregor.broker.net.limit.ConnectionLimits;
import io.gregor.broker.net.limit.Gate;
import io.gregor.broker.net.refusal.ConnectionLimit;
import io.gregor.broker.net.refusal.RefusedClients;
import io.gregor.broker.net.tls.TlsListener;
import io.gregor.broker.quota.Quotas;
import io.gregor.broker.security.sasl.SaslSettings;
import io.gregor.controller.ImageListener;
import io.gregor.controller.MetadataImage;
import io.gregor.wire.message.UserScramCredentialRecord;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Listens, and makes a {@link Connection} of every client that comes. */
public final class Server {
    private static final Logger LOG = LoggerFactory.getLogger(Server.class);
    private static final int BACKLOG = 1024;
    private static final WriteBufferWaterMark WRITE_LIMITS = new WriteBufferWaterMark(32 * 1024, 64 * 1024);

    private final IoLoops loops;
    private final BrokerConfig config;
    private final NetMemory memory;
    private final @Nullable TrafficObserver observer;
    private final Access access;
    private final ConnectionLimits limits;
    private final List<Channel> channels = new ArrayList<>();
    private final List<RefusedClients> refused = new CopyOnWriteArrayList<>();

    private volatile @Nullable ConnectionLimit descriptors;

    /**
     * @param observer sees connections and answers; null if nobody looks
     * @param access decides what clients may do
     * @param lookups asks the name service
     */
    public Server(
            IoLoops loops,
            BrokerConfig config,
            MemoryShares memory,
            @Nullable TrafficObserver observer,
            Access access,
            Executor lookups) {
        this.loops = loops;
        this.config = config;
        this.memory = NetMemory.of(memory);
        this.observer = observer;
        this.access = access;
        this.limits =
                new ConnectionLimits(config, System::nanoTime, memory.caches().addresses(), lookups);
    }

    /**
     * From now on connections are limited as the metadata says; before the listeners are bound.
     *
     * @param follow makes a listener follow the metadata from there on
     */
    public void limit(MetadataImage loaded, Consumer<ImageListener> follow) {
        limits.load(loaded);
        follow.accept(limits);
    }

    /** Closes a connection that holds memory for which others wait, and does not get on; to be called now and then. */
    public void evictStalled() {
        memory.evictStalled();
    }

    /**
     * Logs how many clients could not be served and are not in the log yet, and forgets those that connect no more; to
     * be called now and then.
     */
    public void tidy() {
        refused.forEach(RefusedClients::tellOfOthers);
        limits.forgetPast();
    }

    /**
     * Binds the listeners and returns them with their actual ports. Nothing is answered before
     * {@link #accept}.
     *
     * @param scram the credentials of users, by name and number of the mechanism
     * @param whenClosed is told of each connection that has ended, on its loop
     */
    public List<Listener> bind(
            List<Listener> listeners,
            ApiRegistry apis,
            Quotas quotas,
            BiFunction<String, Byte, @Nullable UserScramCredentialRecord> scram,
            Consumer<Peer> whenClosed)
            throws InterruptedException {
        List<Listener> bound = new ArrayList<>();
        for (Listener listener : listeners) {
            ListenerConfig own = config.ofListener(listener.name());
            RefusedClients ofListener =
                    new RefusedClients(listener.name(), own.protocol(), System::nanoTime, line -> LOG.warn("{}", line));
            refused.add(ofListener);
            ConnectionSettings settings = new ConnectionSettings(
                    apis,
                    listener.name(),
                    config.number("connections.max.idle.ms"),
                    quotas::begin,
                    memory,
                    observer,
                    access,
                    authentication(own, scram),
                    ofListener,
                    whenClosed);
            Initializer initializer =
                    new Initializer(settings, config.integer("socket.request.max.bytes"), encryption(own));
            ChannelFuture future = bootstrap(
                            initializer, limits.gate(listener.name(), ofListener, () -> descriptors, loops::laneOf))
                    .bind(address(listener))
                    .await();
            if (!future.isSuccess()) {
                throw new InvalidConfigException("listeners=" + listener + ": " + problem(future.cause()));
            }
            channels.add(future.channel());
            InetSocketAddress local = (InetSocketAddress) future.channel().localAddress();
            bound.add(listener.withPort(local.getPort()));
        }
        return bound;
    }

    /** What a listener's connections go through; null if they are not encrypted. */
    private static @Nullable TlsListener encryption(ListenerConfig listener) {
        return listener.protocol().encrypts() ? TlsListener.of(listener) : null;
    }

    /** What clients must do first; null if they need not. */
    private static Authentication.@Nullable Rules authentication(
            ListenerConfig listener, BiFunction<String, Byte, @Nullable UserScramCredentialRecord> scram) {
        return listener.protocol().usesSasl()
                ? new Authentication.Rules(
                        SaslSettings.of(listener, scram::apply, new SecureRandom()),
                        listener.integer("sasl.server.max.receive.size"),
                        listener.number("connection.failed.authentication.delay.ms"),
                        System::nanoTime)
                : null;
    }

    private static String problem(Throwable cause) {
        String message = String.valueOf(cause.getMessage());
        if (cause instanceof UnresolvedAddressException || cause instanceof UnknownHostException) {
            return "the name of the host is not known, allowed is a name or an address of this host";
        }
        if (message.contains("Address already in use")) {
            return "the port is in use, maybe by another broker; allowed is one that is free";
        }
        if (message.contains("Cannot assign requested address")) {
            return "the address is none of this host, allowed is one of its own, or 0.0.0.0 for all";
        }
        if (message.contains("Permission denied")) {
            return "this user may not listen on that port, allowed are ports from 1024 on";
        }
        return "cannot be listened on, " + message;
    }

    private static InetSocketAddress address(Listener listener) {
        return listener.host().isEmpty()
                ? new InetSocketAddress(listener.port())
                : new InetSocketAddress(listener.host(), listener.port());
    }

    private ServerBootstrap bootstrap(Initializer initializer, Gate gate) {
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(loops.group())
                .channel(loops.serverChannel())
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.AUTO_READ, false)
                // Frames of tens of KB: measured cheaper than Netty's default allocator.
                .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WRITE_LIMITS)
                .childOption(ChannelOption.MESSAGE_SIZE_ESTIMATOR, AnswerSize.ESTIMATOR)
                .handler(gate)
                .childHandler(initializer);
        bufferSize(bootstrap, "socket.send.buffer.bytes", ChannelOption.SO_SNDBUF);
        bufferSize(bootstrap, "socket.receive.buffer.bytes", ChannelOption.SO_RCVBUF);
        return bootstrap;
    }

    /** Left to the operating system unless it was set: the kernel tunes these by itself. */
    private void bufferSize(ServerBootstrap bootstrap, String key, ChannelOption<Integer> option) {
        if (config.given(key) != null && config.integer(key) > 0) {
            bootstrap.childOption(option, config.integer(key));
        }
    }

    /**
     * From now on connections are accepted.
     *
     * @param openFiles how many files the log has open now
     */
    public void accept(IntSupplier openFiles) {
        descriptors = ConnectionLimit.ofProcess(openFiles);
        channels.forEach(channel -> channel.config().setAutoRead(true));
    }

    /** Stops listening. */
    public void close() throws InterruptedException {
        for (Channel channel : channels) {
            channel.close().await();
        }
    }

    private final class Initializer extends ChannelInitializer<Channel> {
        private final ConnectionSettings settings;
        private final int frameBytesMax;
        private final @Nullable TlsListener encryption;

        Initializer(ConnectionSettings settings, int frameBytesMax, @Nullable TlsListener encryption) {
            this.settings = settings;
            this.frameBytesMax = frameBytesMax;
            this.encryption = encryption;
        }

        @Override
        protected void initChannel(Channel channel) {
            EventLoopLane lane = loops.laneOf(channel.eventLoop());
            FrameReader reader = new FrameReader(
                    frameBytesMax, lane, settings.refused(), settings.memory().frames());
            if (encryption == null) {
                channel.config().setRecvByteBufAllocator(new FrameAllocator(reader));
            } else {
                encryption.addTo(channel, settings.refused());
                channel.pipeline().addLast(new FilePieces());
            }
            channel.pipeline().addLast(reader, new Connection(channel, lane, reader, settings));
        }
    }
}

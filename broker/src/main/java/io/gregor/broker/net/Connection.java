package io.gregor.broker.net;

import io.gregor.broker.lane.Lane;
import io.gregor.broker.lane.Lane.Scheduled;
import io.gregor.broker.net.ApiRegistry.Api;
import io.gregor.broker.quota.RequestTime;
import io.gregor.wire.ByteReader;
import io.gregor.wire.MalformedMessageException;
import io.gregor.wire.Message;
import io.gregor.wire.Part;
import io.gregor.wire.message.ApiKey;
import io.gregor.wire.message.RequestHeader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's connection: parses requests, hands them to their handlers, and sends the answers in the order in which
 * the requests came. Confined to its I/O loop. Produce requests overlap with one another; any other request waits until
 * those before it are done, as it would in Kafka. When too many requests or bytes are waiting, nothing more is read.
 */
final class Connection extends ChannelInboundHandlerAdapter implements Peer {
    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);
    private static final int REQUESTS_MAX = 64;
    private static final int BYTES_MAX = 16 * 1024 * 1024;
    private static final int API_VERSIONS_HEADER_BYTES = 8;

    private final Channel channel;
    private final Lane loop;
    private final ApiRegistry apis;
    private final String listener;
    private final Deque<Exchange> running = new ArrayDeque<>();
    private final Deque<ByteBuf> waiting = new ArrayDeque<>();
    private int heldBytes;
    private final long idleMaxMs;
    private final Function<String, RequestTime> timing;
    private final FrameReader frames;
    private final Consumer<Peer> whenClosed;
    private ClientSoftware software = ClientSoftware.UNKNOWN;
    private int mutes;
    private boolean active = true;
    private boolean closed;
    private boolean advancing;
    private @Nullable Scheduled idleCheck;

    /**
     * @param idleMaxMs how long a client may be silent, as {@code connections.max.idle.ms} says; negative: for ever
     * @param timing begins to measure how long a request takes, by client id
     */
    Connection(
            Channel channel,
            Lane loop,
            ApiRegistry apis,
            String listener,
            long idleMaxMs,
            Function<String, RequestTime> timing,
            FrameReader frames,
            Consumer<Peer> whenClosed) {
        this.channel = channel;
        this.loop = loop;
        this.apis = apis;
        this.listener = listener;
        this.idleMaxMs = idleMaxMs;
        this.timing = timing;
        this.frames = frames;
        this.whenClosed = whenClosed;
        frames.whenResumed(this::adjustReading);
    }

    @Override
    public InetSocketAddress address() {
        return (InetSocketAddress) channel.remoteAddress();
    }

    @Override
    public String listener() {
        return listener;
    }

    @Override
    public ClientSoftware software() {
        return software;
    }

    @Override
    public void software(ClientSoftware said) {
        software = said;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        closeIfIdle();
    }

    /** Looks every so often whether anything came or is under way; it may take up to twice the time. */
    private void closeIfIdle() {
        if (closed || idleMaxMs < 0) {
            return;
        }
        if (!active && running.isEmpty()) {
            close(null);
            return;
        }
        active = false;
        idleCheck = loop.schedule(this::closeIfIdle, Math.max(1, idleMaxMs));
    }

    Lane loop() {
        return loop;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf frame = (ByteBuf) message;
        if (closed) {
            release(frame);
            return;
        }
        active = true;
        heldBytes += frame.readableBytes();
        waiting.add(frame);
        advance();
    }

    /**
     * Sends the answers that are there and starts the requests that may start, until there is nothing of either. A
     * request that is answered while it starts comes back here: a loop, so that many of them do not fill the stack.
     */
    void advance() {
        if (advancing) {
            return;
        }
        advancing = true;
        try {
            do {
                sendAnswers();
                startWaiting();
            } while (headIsDone());
        } finally {
            advancing = false;
        }
        adjustReading();
    }

    private boolean headIsDone() {
        Exchange head = running.peek();
        return head != null && head.isDone();
    }

    private void startWaiting() {
        while (!waiting.isEmpty() && !closed && mutes == 0 && mayStart(waiting.peek())) {
            start(waiting.remove());
        }
    }

    private boolean mayStart(ByteBuf frame) {
        if (running.isEmpty()) {
            return true;
        }
        boolean isProduce = frame.readableBytes() >= 2 && frame.getShort(frame.readerIndex()) == ApiKey.PRODUCE.id();
        return isProduce && running.peekLast().api().key() == ApiKey.PRODUCE;
    }

    private void start(ByteBuf frame) {
        ByteReader in = new ByteReader(frame.nioBuffer());
        try {
            start(frame, in);
        } catch (MalformedMessageException e) {
            release(frame);
            close("a malformed request: " + e.getMessage());
        }
    }

    private void start(ByteBuf frame, ByteReader in) {
        if (frame.readableBytes() < API_VERSIONS_HEADER_BYTES) {
            throw new MalformedMessageException("a request of " + frame.readableBytes() + " bytes");
        }
        short id = frame.getShort(frame.readerIndex());
        short version = frame.getShort(frame.readerIndex() + 2);
        Api api = apis.find(id);
        if (api == null) {
            release(frame);
            close("a request with the API key " + id + ", which is not supported");
            return;
        }
        if (!api.answers(version)) {
            refuseVersion(frame, api, version);
            return;
        }
        RequestHeader header = new RequestHeader();
        header.read(in, api.key().requestHeaderVersion(version));
        Message request = api.key().newRequest();
        request.read(in, version);
        String clientId = Objects.requireNonNullElse(header.clientId(), "");
        RequestTime time = api.key() == ApiKey.WRITE_TXN_MARKERS ? RequestTime.UNLIMITED : timing.apply(clientId);
        Exchange exchange = new Exchange(this, api, version, header.correlationId(), frame, time);
        running.add(exchange);
        RequestContext context = new RequestContext(version, frame.readableBytes(), clientId, this, loop);
        handle(api, context, request, exchange);
        time.end();
    }

    @SuppressWarnings("unchecked")
    private void handle(Api api, RequestContext context, Message request, Exchange exchange) {
        ApiHandler<Message, Message> handler = (ApiHandler<Message, Message>) api.handler();
        try {
            handler.handle(context, request, exchange);
        } catch (RuntimeException e) {
            LOG.error("Handling {} version {} failed", api.key(), exchange.version(), e);
            if (!exchange.isDone()) {
                exchange.disconnect("a request whose handling failed");
            }
        }
    }

    /** ApiVersions in a version from the future is answered in version 0 (KIP-511); all else ends the connection. */
    private void refuseVersion(ByteBuf frame, Api api, short version) {
        if (api.key() != ApiKey.API_VERSIONS) {
            release(frame);
            close("a request for " + api.key() + " in version " + version + ", which is not supported");
            return;
        }
        int correlationId = frame.getInt(frame.readerIndex() + 4);
        Exchange exchange = new Exchange(this, api, (short) 0, correlationId, frame, RequestTime.UNLIMITED);
        running.add(exchange);
        exchange.sendAs(UnsupportedApiVersions.response(api), (short) 0);
    }

    /** The memory of a frame is free for others. */
    void release(ByteBuf frame) {
        frames.release(frame.readableBytes());
        frame.release();
    }

    /** Sends what is answered at the head of the line. */
    private void sendAnswers() {
        boolean wrote = false;
        while (headIsDone()) {
            Exchange exchange = running.remove();
            heldBytes -= exchange.size();
            List<Part> answer = exchange.answer();
            if (answer != null && !closed) {
                write(answer);
                wrote = true;
            } else if (answer != null) {
                answer.forEach(Part::release);
            }
        }
        if (wrote) {
            channel.flush();
        }
    }

    private void write(List<Part> parts) {
        for (Part part : parts) {
            if (part instanceof Part.InMemory inMemory) {
                channel.write(Unpooled.wrappedBuffer(inMemory.bytes()), channel.voidPromise());
            } else if (part instanceof Part.InFile inFile && inFile.size() > 0) {
                channel.write(new StoredRegion(inFile), channel.voidPromise());
            }
        }
    }

    private void adjustReading() {
        boolean full = running.size() + waiting.size() >= REQUESTS_MAX || heldBytes >= BYTES_MAX;
        boolean read = !full && mutes == 0 && !frames.isPaused() && channel.isWritable();
        if (channel.config().isAutoRead() != read) {
            channel.config().setAutoRead(read);
        }
    }

    /** Reads nothing from the client for so long (KIP-219), and leaves what has come already for later. */
    void mute(int ms) {
        if (ms > 0 && !closed) {
            mutes++;
            loop.schedule(this::unmute, ms);
        }
    }

    private void unmute() {
        mutes--;
        active = true;
        advance();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        adjustReading();
        context.fireChannelWritabilityChanged();
    }

    void close(@Nullable String reason) {
        if (closed) {
            return;
        }
        closed = true;
        if (idleCheck != null) {
            idleCheck.cancel();
        }
        if (reason != null) {
            LOG.warn("Closing the connection from {}: {}", channel.remoteAddress(), reason);
        }
        waiting.forEach(this::release);
        waiting.clear();
        List.copyOf(running).forEach(Exchange::connectionClosed);
        whenClosed.accept(this);
        channel.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        close(null);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof IOException) {
            LOG.debug("Connection from {} broke: {}", channel.remoteAddress(), cause.getMessage());
            close(null);
            return;
        }
        LOG.error("Connection from {} failed", channel.remoteAddress(), cause);
        close("an unexpected failure");
    }
}

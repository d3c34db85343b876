package io.gregor.broker.net;

import io.gregor.broker.access.Access;
import io.gregor.broker.access.Principal;
import io.gregor.broker.access.RefusedRequest;
import io.gregor.broker.access.RequestAccess;
import io.gregor.broker.lane.Lane;
import io.gregor.broker.memory.Admission.Claim;
import io.gregor.broker.net.AnswerWriter.Progress;
import io.gregor.broker.net.ApiRegistry.Api;
import io.gregor.broker.net.ConnectionState.Mute;
import io.gregor.broker.quota.RequestTime;
import io.gregor.wire.ByteReader;
import io.gregor.wire.MalformedMessageException;
import io.gregor.wire.Message;
import io.gregor.wire.message.ApiKey;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.RequestHeader;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's connection: parses requests, hands them to their handlers, and sends the answers in the order in which
 * the requests came. Confined to its I/O loop. Produce requests overlap with one another; any other request waits until
 * those before it are done and the client has read their answers, as it would in Kafka. When too many requests or bytes
 * are waiting, nothing more is read.
 */
final class Connection extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);
    private static final int REQUESTS_MAX = 64;
    private static final int BYTES_MAX = 16 * 1024 * 1024;
    private static final int API_VERSIONS_HEADER_BYTES = 8;

    private final Channel channel;
    private final Lane loop;
    private final FrameReader frames;
    private final ConnectionSettings settings;
    private final RequestMemory memory;
    private final AnswerWriter writer;
    private final Deque<InFlightRequest> running = new ArrayDeque<>();
    private final Deque<ByteBuf> waiting = new ArrayDeque<>();
    private ConnectionState state = new ConnectionState.Serving();
    private int heldBytes;
    private final @Nullable Authentication authentication;
    private final RemotePeer peer;
    private boolean advancing;
    private boolean ended;
    private final IdleCheck idle;

    Connection(Channel channel, Lane loop, FrameReader frames, ConnectionSettings settings) {
        this.channel = channel;
        this.loop = loop;
        this.frames = frames;
        this.settings = settings;
        this.memory = new RequestMemory(
                settings.memory().requests(),
                loop,
                () -> close("one of its requests holds memory that others wait for"),
                this::advance);
        this.writer = new AnswerWriter(
                channel,
                settings.memory().answers(),
                loop,
                () -> close("it does not read an answer whose memory others wait for"),
                this::advance);
        this.idle = new IdleCheck(loop, settings.idleMaxMs(), running::isEmpty, () -> close(null));
        frames.whenReady(this::adjustReading);
        frames.emit(this::take, () -> waiting.isEmpty() && !isFull() && state.takesRequests());
        Authentication.Rules rules = settings.authentication();
        this.authentication =
                rules == null ? null : new Authentication(rules, loop, frames, this::authenticated, this::close);
        this.peer = new RemotePeer(channel, settings.listener(), authentication);
    }

    private void authenticated(Principal principal) {
        peer.isKnownAs(principal);
    }

    /** A handler before this one has found out who the client is. */
    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof Principal principal) {
            authenticated(principal);
        }
        context.fireUserEventTriggered(event);
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        TrafficObserver observer = settings.observer();
        if (observer != null) {
            observer.connected(settings.listener());
        }
        if (authentication != null) {
            authentication.begin();
        }
        idle.begin();
    }

    Lane loop() {
        return loop;
    }

    private void take(ByteBuf frame) {
        if (state.isClosed()) {
            release(frame);
            return;
        }
        idle.active();
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
        boolean more;
        try {
            do {
                more = sendAnswers();
                startWaiting();
            } while (headIsDone() && !writer.isBusy());
        } finally {
            advancing = false;
        }
        adjustReading();
        if (more) {
            loop.execute(this::advance);
        }
    }

    private boolean headIsDone() {
        InFlightRequest head = running.peek();
        return head != null && head.isDone();
    }

    private void startWaiting() {
        ByteBuf next = waiting.peek();
        while (next != null && state.takesRequests() && mayStart(next) && start(next)) {
            next = waiting.peek();
        }
    }

    private boolean mayStart(ByteBuf frame) {
        if (ended ? !isProduce(frame) : writer.isBusy() || !channel.isWritable()) {
            return false;
        }
        InFlightRequest last = running.peekLast();
        return last == null || isProduce(frame) && last.api().key() == ApiKey.PRODUCE && !last.holdsNext();
    }

    private static boolean isProduce(ByteBuf frame) {
        return frame.readableBytes() >= 2 && frame.getShort(frame.readerIndex()) == ApiKey.PRODUCE.id();
    }

    /** False if it has to wait for memory; it stays the next one then. */
    private boolean start(ByteBuf frame) {
        try {
            return decodeAndHandle(frame);
        } catch (MalformedMessageException e) {
            settings.refused().malformed(channel.remoteAddress(), frame, e.getMessage());
            close(null);
            return false;
        }
    }

    private boolean decodeAndHandle(ByteBuf frame) {
        int size = frame.readableBytes();
        if (authentication != null && !authentication.expectsRequest()) {
            return takeToken(frame, authentication);
        }
        if (size < API_VERSIONS_HEADER_BYTES) {
            throw new MalformedMessageException("a request of " + size + " bytes");
        }
        short id = frame.getShort(frame.readerIndex());
        short version = frame.getShort(frame.readerIndex() + 2);
        Api api = settings.apis().find(id);
        if (api == null) {
            settings.refused().unknownApi(channel.remoteAddress(), frame, id);
            close(null);
            return false;
        }
        if (authentication != null && authentication.isOver(api, version)) {
            close(authentication.reason(api.key(), channel.remoteAddress(), settings.refused()));
            return false;
        }
        if (!api.answers(version)) {
            return refuseVersion(frame, api, version);
        }
        // Records go on as slices of the frame; any other request keeps nothing of it.
        boolean keepsFrame = api.key() == ApiKey.PRODUCE;
        long bytes = keepsFrame ? 0 : RequestMemory.ofFrame(size);
        if (memory.isTooMuch(bytes)) {
            return refuseSize(frame, api, version, bytes);
        }
        if (!memory.admits(bytes)) {
            return false;
        }
        ByteReader in = new ByteReader(keepsFrame ? frame.nioBuffer() : FrameReader.copyOf(frame));
        RequestHeader header = new RequestHeader();
        header.read(in, api.key().requestHeaderVersion(version));
        Message request = api.key().newRequest();
        request.read(in, version);
        if (in.elements() > RequestMemory.COUNTED_ELEMENTS) {
            // Its copy is garbage, or is what it refers to.
            bytes = bytes / 2 + RequestMemory.ofArrays(in.arrays(), in.elements(), api.key());
            if (memory.isTooMuch(bytes)) {
                return refuseSize(frame, api, version, bytes);
            }
            if (!memory.admits(bytes)) {
                return false;
            }
        }
        waiting.remove();
        if (!keepsFrame) {
            release(frame);
        }
        Claim claim = memory.take();
        handle(api, version, header, request, size, keepsFrame ? frame : null, claim);
        return true;
    }

    /** Before a client has authenticated, what it sends may be no request. */
    private boolean takeToken(ByteBuf frame, Authentication by) {
        if (by.session().failure() != null) {
            return false;
        }
        byte[] token = FrameReader.copyOf(frame).array();
        waiting.remove();
        heldBytes -= token.length;
        release(frame);
        by.take(token, writer);
        return true;
    }

    @SuppressWarnings({"unchecked", "ReferenceEquality"})
    private void handle(
            Api api,
            short version,
            RequestHeader header,
            Message request,
            int size,
            @Nullable ByteBuf frame,
            @Nullable Claim claim) {
        String clientId = Objects.requireNonNullElse(header.clientId(), "");
        RequestTime time = api.key() == ApiKey.WRITE_TXN_MARKERS
                ? RequestTime.UNLIMITED
                : settings.timing().apply(clientId);
        InFlightRequest inFlight =
                new InFlightRequest(this, api, version, header.correlationId(), request, size, frame, claim, time);
        if (settings.observer() != null) {
            inFlight.begunNanos(settings.observer().begun());
        }
        running.add(inFlight);
        if (authentication == null && api.key() == ApiKey.SASL_HANDSHAKE) {
            settings.refused().asksForSasl(channel.remoteAddress(), clientId);
        }
        Access access = settings.access();
        RequestContext context = new RequestContext(version, size, clientId, peer.caller(), peer, loop, access);
        ApiHandler<Message, Message> handler = (ApiHandler<Message, Message>) api.handler();
        if (authentication != null && authentication.session().failure() != null) {
            authentication.answer(
                    inFlight, new RefusedRequest(api.key(), version, ErrorCode.ILLEGAL_SASL_STATE).answer(request));
            return;
        }
        try {
            ErrorCode refusal = access == Access.UNRESTRICTED
                    ? ErrorCode.NONE
                    : new RequestAccess(access, context.caller()).check(api.key(), version, request);
            if (refusal == ErrorCode.NONE) {
                handler.handle(context, request, inFlight);
            } else {
                inFlight.refuse(refusal);
            }
        } catch (RuntimeException | StackOverflowError e) {
            inFlight.fail(e);
        }
        time.end();
    }

    /** ApiVersions in a version from the future is answered in version 0 (KIP-511); all else ends the connection. */
    private boolean refuseVersion(ByteBuf frame, Api api, short version) {
        if (api.key() != ApiKey.API_VERSIONS) {
            settings.refused()
                    .badVersion(channel.remoteAddress(), frame, api.key(), version, api.lowest(), api.highest());
            close(null);
            return false;
        }
        unhandled(frame, api, (short) 0, null).sendAs(api.unsupportedVersion(), (short) 0);
        return true;
    }

    /** Where its answer is made of its elements, it keeps a copy of its bytes until that is sent. */
    private boolean refuseSize(ByteBuf frame, Api api, short version, long bytes) {
        RefusedRequest refusal = new RefusedRequest(api.key(), version, ErrorCode.UNKNOWN_SERVER_ERROR);
        Message answer = refusal.ofAll();
        int held = answer == null && !memory.isTooMuch(frame.readableBytes()) ? frame.readableBytes() : 0;
        if (!memory.admits(held)) {
            return false;
        }
        answer = held == 0 ? answer : refusal.ofEach(FrameReader.copyOf(frame));
        unhandled(frame, api, version, memory.take()).refuse(bytes, held, answer);
        return true;
    }

    /** Puts a request that no handler sees into the line. */
    private InFlightRequest unhandled(ByteBuf frame, Api api, short version, @Nullable Claim claim) {
        int id = frame.getInt(frame.readerIndex() + 4);
        InFlightRequest inFlight = new InFlightRequest(
                this, api, version, id, null, frame.readableBytes(), frame, claim, RequestTime.UNLIMITED);
        waiting.remove();
        running.add(inFlight);
        return inFlight;
    }

    /** The memory of a frame is free for others. */
    void release(ByteBuf frame) {
        frames.release(frame.readableBytes());
        frame.release();
    }

    /**
     * Sends what is answered at the head of the line, as far as the client takes it.
     *
     * @return whether there is more to be sent at once, when others have had their turn
     */
    private boolean sendAnswers() {
        Progress progress = Progress.DONE;
        while (progress == Progress.DONE && headIsDone()) {
            InFlightRequest head = running.element();
            progress = state.isClosed() ? drop(head) : send(head);
            if (progress == Progress.DONE) {
                running.remove();
                observe(head);
                head.releaseMemory();
                heldBytes -= head.size();
            }
        }
        writer.flush();
        return progress == Progress.MORE || progress == Progress.BLOCKED && writer.isReady();
    }

    private void observe(InFlightRequest answered) {
        TrafficObserver observer = settings.observer();
        if (observer != null && !state.isClosed()) {
            answered.describeTo(observer);
        }
    }

    private static Progress drop(InFlightRequest head) {
        Objects.requireNonNull(head.answer()).release();
        return Progress.DONE;
    }

    private Progress send(InFlightRequest head) {
        if (ended && !head.isWithoutAnswer()) {
            close(null);
            return drop(head);
        }
        try {
            Progress progress = writer.write(Objects.requireNonNull(head.answer()));
            head.progress();
            return progress;
        } catch (RuntimeException e) {
            LOG.error("Writing an answer to {} version {} failed", head.api().key(), head.version(), e);
            close("an answer that cannot be written");
            return drop(head);
        }
    }

    private void adjustReading() {
        if (state.isClosed() || !frames.goOn()) {
            return;
        }
        if (ended) {
            closeIfDone();
            return;
        }
        boolean read =
                !isFull() && !frames.hasUnread() && state.takesRequests() && !frames.isPaused() && channel.isWritable();
        if (channel.config().isAutoRead() != read) {
            channel.config().setAutoRead(read);
        }
    }

    private boolean isFull() {
        return running.size() + waiting.size() >= REQUESTS_MAX || heldBytes >= BYTES_MAX;
    }

    /** Reads nothing from the client for so long (KIP-219), and leaves what has come already for later. */
    void mute(int ms) {
        if (ms > 0 && !state.isClosed()) {
            Mute mute = new Mute();
            mute.begin(loop, ms, () -> unmute(mute));
            state = state.muted(mute);
        }
    }

    private void unmute(Mute mute) {
        state = state.unmuted(mute);
        idle.active();
        advance();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (channel.isWritable()) {
            advance();
        } else {
            adjustReading();
        }
        context.fireChannelWritabilityChanged();
    }

    void close(@Nullable String reason) {
        if (state.isClosed()) {
            return;
        }
        state = state.closed();
        idle.end();
        if (authentication != null) {
            authentication.end();
        }
        if (reason != null) {
            settings.refused().ended(channel.remoteAddress(), reason);
        }
        waiting.forEach(this::release);
        waiting.clear();
        frames.close();
        memory.close();
        writer.close();
        List.copyOf(running).forEach(InFlightRequest::connectionClosed);
        TrafficObserver observer = settings.observer();
        if (observer != null) {
            observer.disconnected(settings.listener());
        }
        settings.whenClosed().accept(peer);
        channel.close();
        advance();
    }

    /** What has come before is taken up as long as it wants no answers: the client may have relied on that. */
    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (state.isClosed()) {
            return;
        }
        ended = true;
        boolean isAnswered = running.stream().anyMatch(request -> request.api().key() != ApiKey.PRODUCE);
        if (isAnswered || authentication != null && !authentication.expectsRequest()) {
            close(null);
        } else {
            advance();
        }
    }

    private void closeIfDone() {
        ByteBuf next = waiting.peek();
        if (running.isEmpty() && (next == null ? !frames.hasUnread() : !isProduce(next))) {
            close(null);
        }
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

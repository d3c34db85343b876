package io.gregor.broker.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.broker.access.Access;
import io.gregor.broker.access.DeniedAccess;
import io.gregor.broker.config.SecurityProtocol;
import io.gregor.broker.lane.ManualLane;
import io.gregor.broker.memory.Admission;
import io.gregor.broker.net.refusal.RefusedClients;
import io.gregor.broker.quota.RequestTime;
import io.gregor.testsupport.ManualTime;
import io.gregor.wire.ByteBudget;
import io.gregor.wire.ByteReader;
import io.gregor.wire.MessageSink;
import io.gregor.wire.message.ApiKey;
import io.gregor.wire.message.ApiVersionsRequest;
import io.gregor.wire.message.ApiVersionsResponse;
import io.gregor.wire.message.DescribeConfigsRequest;
import io.gregor.wire.message.DescribeConfigsResponse;
import io.gregor.wire.message.DescribeConfigsResponse.DescribeConfigsResult;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.HeartbeatRequest;
import io.gregor.wire.message.HeartbeatResponse;
import io.gregor.wire.message.MetadataRequest;
import io.gregor.wire.message.MetadataResponse;
import io.gregor.wire.message.MetadataResponse.MetadataResponseTopic;
import io.gregor.wire.message.ProduceRequest;
import io.gregor.wire.message.ProduceResponse;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The order and the memory of one connection, without a network. */
class ConnectionTest {
    private static final long IDLE_MS = 600_000;
    private static final int LARGE_ANSWER_ELEMENTS = 1000;

    /** A client that takes what it is sent first, and nothing more. */
    private static final class ReadsOnce extends ChannelOutboundHandlerAdapter {
        @Override
        public void flush(ChannelHandlerContext context) {
            context.flush();
            context.channel().unsafe().outboundBuffer().setUserDefinedWritability(1, false);
        }
    }

    private final ManualTime time = new ManualTime();
    private final ManualLane lane = new ManualLane(time);
    private final List<Reply<ApiVersionsResponse>> parked = new ArrayList<>();
    private final List<Reply<MetadataResponse>> parkedMetadata = new ArrayList<>();
    private final List<Reply<ProduceResponse>> produces = new ArrayList<>();
    private final ApiRegistry apis = new ApiRegistry(false)
            .add(ApiKey.API_VERSIONS, this::answer)
            .add(ApiKey.PRODUCE, this::take)
            .<DescribeConfigsRequest, DescribeConfigsResponse>add(
                    ApiKey.DESCRIBE_CONFIGS, (context, request, reply) -> reply.send(large()))
            .<HeartbeatRequest, HeartbeatResponse>add(
                    ApiKey.HEARTBEAT, (context, request, reply) -> reply.send(new HeartbeatResponse()))
            .<MetadataRequest, MetadataResponse>add(
                    ApiKey.METADATA, (context, request, reply) -> parkedMetadata.add(reply));
    private final EmbeddedChannel channel = new ChannelFromHere();
    private Access access = Access.UNRESTRICTED;

    private void answer(RequestContext context, ApiVersionsRequest request, Reply<ApiVersionsResponse> reply) {
        switch (context.clientId()) {
            case "parks" -> parked.add(reply);
            case "fails" -> throw new IllegalStateException("expected");
            case "throttled" -> reply.send(new ApiVersionsResponse().throttleTimeMs(1000));
            default -> reply.send(new ApiVersionsResponse());
        }
    }

    private void take(RequestContext context, ProduceRequest request, Reply<ProduceResponse> reply) {
        produces.add(reply);
        if (context.clientId().equals("holds")) {
            reply.holdNext();
        }
    }

    private static DescribeConfigsResponse large() {
        return new DescribeConfigsResponse()
                .results(IntStream.range(0, LARGE_ANSWER_ELEMENTS)
                        .mapToObj(index -> new DescribeConfigsResult().resourceName("r".repeat(1000) + index))
                        .toList());
    }

    private final ByteBudget framesHeld = new ByteBudget("frames", 1 << 20);
    private final ByteBudget requestsHeld = new ByteBudget("requests", 1 << 20);
    private final ByteBudget answersHeld = new ByteBudget("answers", 1 << 20);
    private final NetMemory memory = new NetMemory(
            new Admission(framesHeld, () -> Long.MAX_VALUE, 5_000, System::nanoTime),
            new Admission(requestsHeld, () -> 5 << 19, 5_000, System::nanoTime),
            new Admission(answersHeld, () -> Long.MAX_VALUE, 5_000, System::nanoTime));
    private final List<String> log = new ArrayList<>();
    private final RefusedClients refused =
            new RefusedClients("PLAINTEXT", SecurityProtocol.PLAINTEXT, () -> 0, log::add);
    private final FrameReader frames = new FrameReader(1 << 20, lane, refused, memory.frames());

    private void receive(ByteBuf request) {
        channel.writeInbound(Unpooled.buffer().writeInt(request.readableBytes()).writeBytes(request));
    }

    private Connection connection(EmbeddedChannel of, FrameReader reader) {
        return new Connection(of, lane, reader, settings(apis, memory, access, refused));
    }

    static ConnectionSettings settings(ApiRegistry apis, NetMemory memory, Access access, RefusedClients refused) {
        return new ConnectionSettings(
                apis,
                "PLAINTEXT",
                IDLE_MS,
                client -> RequestTime.UNLIMITED,
                memory,
                null,
                access,
                null,
                refused,
                peer -> {});
    }

    private void connect() {
        channel.pipeline().addLast(frames).addLast(connection(channel, frames));
        channel.pipeline().fireChannelActive();
    }

    static ByteBuf request(int correlationId, String clientId) {
        byte[] client = clientId.getBytes(StandardCharsets.UTF_8);
        return Unpooled.buffer()
                .writeShort(ApiKey.API_VERSIONS.id())
                .writeShort(0)
                .writeInt(correlationId)
                .writeShort(client.length)
                .writeBytes(client);
    }

    private static ByteBuf describeConfigs(int correlationId) {
        return Unpooled.buffer()
                .writeShort(ApiKey.DESCRIBE_CONFIGS.id())
                .writeShort(1)
                .writeInt(correlationId)
                .writeShort(0)
                .writeInt(0)
                .writeByte(0);
    }

    private static ByteBuf heartbeat(int correlationId, String groupId) {
        ByteBuffer body = MessageSink.toBuffer(new HeartbeatRequest().groupId(groupId), (short) 0);
        return Unpooled.buffer()
                .writeShort(ApiKey.HEARTBEAT.id())
                .writeShort(0)
                .writeInt(correlationId)
                .writeShort(0)
                .writeBytes(body);
    }

    private static ByteBuf metadata(int correlationId, int topics) {
        ByteBuf request = Unpooled.buffer()
                .writeShort(ApiKey.METADATA.id())
                .writeShort(1)
                .writeInt(correlationId)
                .writeShort(0)
                .writeInt(topics);
        for (int i = 0; i < topics; i++) {
            request.writeShort(1).writeByte('t');
        }
        return request;
    }

    static ByteBuf produce(int correlationId, String clientId) {
        byte[] client = clientId.getBytes(StandardCharsets.UTF_8);
        return Unpooled.buffer()
                .writeShort(ApiKey.PRODUCE.id())
                .writeShort(3)
                .writeInt(correlationId)
                .writeShort(client.length)
                .writeBytes(client)
                .writeShort(-1)
                .writeShort(1)
                .writeInt(1000)
                .writeInt(0);
    }

    private List<ByteBuf> frames() {
        ByteBuf all = Unpooled.buffer();
        for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
            all.writeBytes(part);
            part.release();
        }
        List<ByteBuf> frames = new ArrayList<>();
        while (all.isReadable()) {
            frames.add(all.readSlice(all.readInt()));
        }
        return frames;
    }

    private List<Integer> answered() {
        return frames().stream().map(ByteBuf::readInt).toList();
    }

    private void clientReads(boolean reads) {
        channel.unsafe().outboundBuffer().setUserDefinedWritability(1, reads);
        channel.runPendingTasks();
    }

    @Test
    void whoCannotBeServedIsInTheLogOnceAMinute() {
        for (int i = 0; i < 3; i++) {
            EmbeddedChannel old = new ChannelFromHere();
            FrameReader reader = new FrameReader(1 << 20, lane, refused, memory.frames());
            old.pipeline().addLast(reader).addLast(connection(old, reader));
            ByteBuf request = heartbeat(1, "g").setShort(2, 99);
            old.writeInbound(Unpooled.buffer().writeInt(request.readableBytes()).writeBytes(request));
            assertThat(old.isOpen()).isFalse();
        }
        assertThat(log).singleElement().asString().contains("client '' asks for HEARTBEAT in version 99");
    }

    @Test
    void manyRequestsBehindOneThatWaitsAreAnsweredInOrder() {
        int requests = 20_000;
        connect();
        receive(request(0, "parks"));
        List<Integer> expected = new ArrayList<>(List.of(0));
        for (int i = 1; i < requests; i++) {
            receive(request(i, "asks"));
            expected.add(i);
        }
        assertThat(answered()).isEmpty();
        parked.get(0).send(new ApiVersionsResponse());
        assertThat(answered()).isEqualTo(expected);
        assertThat(framesHeld.used()).isZero();
        assertThat(channel.isOpen()).isTrue();
    }

    @Test
    void produceRequestsOverlapUnlessOneHoldsTheNextBack() {
        connect();
        receive(produce(0, "overlaps"));
        receive(produce(1, "holds"));
        receive(produce(2, "overlaps"));
        assertThat(produces).hasSize(2);

        produces.get(1).letNextBegin();
        assertThat(produces).hasSize(3);
        receive(produce(3, "holds"));
        receive(produce(4, "overlaps"));
        assertThat(produces).hasSize(4);
        for (int i = 0; i < 4; i++) {
            produces.get(i).send(new ProduceResponse());
        }
        assertThat(produces).hasSize(5);
        assertThat(answered()).containsExactly(0, 1, 2, 3);
    }

    @Test
    void nothingRefersToAConnectionThatHasEnded() {
        connect();
        assertThat(lane.scheduled()).isEqualTo(1);
        channel.close();
        assertThat(lane.scheduled()).isZero();
    }

    @Test
    void aLargeAnswerIsMadeAsItIsRead() {
        connect();
        receive(describeConfigs(7));
        List<ByteBuf> whole = frames();
        assertThat(whole).hasSize(1);
        assertThat(whole.get(0).readInt()).isEqualTo(7);
        ByteBuffer body = whole.get(0).nioBuffer();
        DescribeConfigsResponse read = ByteReader.readAll(new DescribeConfigsResponse(), body, (short) 1);
        assertThat(read.results()).hasSize(LARGE_ANSWER_ELEMENTS);

        clientReads(false);
        receive(describeConfigs(8));
        receive(request(9, "asks"));
        assertThat(channel.outboundMessages()).isEmpty();
        assertThat(answersHeld.used()).isZero();

        clientReads(true);
        assertThat(answered()).containsExactly(8, 9);
        assertThat(answersHeld.used()).isZero();
    }

    @Test
    void aLargeAnswerStopsWhereTheClientStopsToRead() {
        connect();
        channel.pipeline().addFirst(new ReadsOnce());

        receive(describeConfigs(8));

        assertThat(answersHeld.used()).isPositive();
        int sent = channel.outboundMessages().stream()
                .mapToInt(part -> ((ByteBuf) part).readableBytes())
                .sum();
        assertThat(sent).isLessThan(LARGE_ANSWER_ELEMENTS * 1000 / 2);
        channel.close();
        assertThat(answersHeld.used()).isZero();
    }

    @Test
    void aRequestWaitsWhileAnotherHasTheMemoryThatItNeeds() {
        connect();
        EmbeddedChannel other = new ChannelFromHere();
        FrameReader otherFrames = new FrameReader(1 << 20, lane, refused, memory.frames());
        other.pipeline().addLast(otherFrames).addLast(connection(other, otherFrames));
        int topics = 10_000;

        receive(metadata(1, topics));
        ByteBuf second = metadata(2, topics);
        other.writeInbound(Unpooled.buffer().writeInt(second.readableBytes()).writeBytes(second));
        assertThat(parkedMetadata).hasSize(1);
        assertThat(requestsHeld.used()).isGreaterThan(topics);

        parkedMetadata.get(0).send(new MetadataResponse());
        assertThat(parkedMetadata).hasSize(2);
        parkedMetadata.get(1).send(new MetadataResponse());
        assertThat(requestsHeld.used()).isZero();
        assertThat(framesHeld.used()).isZero();
    }

    @Test
    void anAnswerThatIsSmallBesideItsRequestKeepsNoMoreThanItsBytesUntilItIsRead() {
        connect();
        receive(metadata(1, 10_000));
        clientReads(false);
        long handled = requestsHeld.used();
        MetadataResponse answer = topics(2_000);
        int size = MessageSink.toBuffer(answer, (short) 1).remaining();
        assertThat(size).isBetween(70_000, (int) handled / 4);

        parkedMetadata.get(0).send(answer);
        assertThat(requestsHeld.used()).isEqualTo(size);

        clientReads(true);
        List<ByteBuf> frames = frames();
        assertThat(frames).hasSize(1);
        assertThat(frames.get(0).readInt()).isEqualTo(1);
        assertThat(frames.get(0).nioBuffer()).isEqualTo(MessageSink.toBuffer(answer, (short) 1));
        assertThat(requestsHeld.used()).isZero();
    }

    @Test
    void anAnswerAsLargeAsItsRequestKeepsHalfOfItsMemoryUntilItIsRead() {
        connect();
        receive(metadata(1, 10_000));
        clientReads(false);
        long handled = requestsHeld.used();
        MetadataResponse answer = topics(10_000);

        parkedMetadata.get(0).send(answer);
        assertThat(requestsHeld.used()).isEqualTo(handled / 2);

        clientReads(true);
        List<ByteBuf> frames = frames();
        assertThat(frames).hasSize(1);
        assertThat(frames.get(0).skipBytes(4).nioBuffer()).isEqualTo(MessageSink.toBuffer(answer, (short) 1));
        assertThat(requestsHeld.used()).isZero();
    }

    private static MetadataResponse topics(int count) {
        return new MetadataResponse()
                .topics(IntStream.range(0, count)
                        .mapToObj(i -> new MetadataResponseTopic().name("a topic that nobody knows, number " + i))
                        .toList());
    }

    @Test
    void aRequestThatWouldTakeMostOfTheHeapIsNotHandled() {
        connect();
        int topics = 40_000;
        receive(request(1, "asks"));
        receive(metadata(2, topics));
        receive(request(3, "asks"));

        // That version has no error for the whole request, so that each of its topics has it.
        assertThat(parkedMetadata).isEmpty();
        List<ByteBuf> frames = frames();
        assertThat(frames.stream().map(frame -> frame.getInt(0))).containsExactly(1, 2, 3);
        ByteBuf refused = frames.get(1).skipBytes(4);
        MetadataResponse answer = new MetadataResponse();
        answer.read(new ByteReader(refused.nioBuffer()), (short) 1);
        assertThat(answer.topics()).hasSize(topics).allSatisfy(topic -> {
            assertThat(topic.name()).isEqualTo("t");
            assertThat(topic.errorCode()).isEqualTo(ErrorCode.UNKNOWN_SERVER_ERROR.code());
        });
        assertThat(channel.isOpen()).isTrue();
        assertThat(requestsHeld.used()).isZero();
        assertThat(framesHeld.used()).isZero();
    }

    @Test
    void aRequestWhoseHandlerThrowsIsAnsweredWithAnError() {
        connect();
        receive(request(1, "fails"));
        receive(request(2, "asks"));

        List<ByteBuf> frames = frames();
        assertThat(frames).hasSize(2);
        assertThat(frames.get(0).readInt()).isEqualTo(1);
        assertThat(frames.get(0).readShort()).isEqualTo(ErrorCode.UNKNOWN_SERVER_ERROR.code());
    }

    @Test
    void aRequestThatFailsIsAnsweredWithAnErrorInEachElement() {
        connect();
        receive(metadata(1, 2));

        parkedMetadata.get(0).fail(new IllegalStateException("expected"));

        ByteBuffer body = frames().get(0).skipBytes(4).nioBuffer();
        assertThat(ByteReader.readAll(new MetadataResponse(), body, (short) 1).topics())
                .hasSize(2)
                .allMatch(topic -> topic.errorCode() == ErrorCode.UNKNOWN_SERVER_ERROR.code());
    }

    @Test
    void aRequestThatIsNotAllowedIsAnsweredWithAnErrorAndDoesNotReachItsHandler() {
        access = new DeniedAccess("READ GROUP secret");
        connect();
        receive(heartbeat(1, "secret"));
        receive(heartbeat(2, "open"));

        List<ByteBuf> frames = frames();
        assertThat(frames).hasSize(2);
        assertThat(frames.get(0).readInt()).isEqualTo(1);
        assertThat(frames.get(0).readShort()).isEqualTo(ErrorCode.GROUP_AUTHORIZATION_FAILED.code());
        assertThat(frames.get(1).readInt()).isEqualTo(2);
        assertThat(frames.get(1).readShort()).isEqualTo(ErrorCode.NONE.code());
    }

    @Test
    void aRequestThatFailsIsNotAnsweredAsIfAllWereWell() {
        connect();
        receive(metadata(1, 0));

        // That version has no error for the whole request.
        parkedMetadata.get(0).fail(new IllegalStateException("expected"));

        assertThat(frames()).isEmpty();
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void aConnectionThatIsToBeClosedTakesUpNoOtherRequest() {
        connect();
        receive(request(1, "parks"));
        receive(request(2, "parks"));

        parked.get(0).disconnect("expected");

        assertThat(parked).hasSize(1);
        assertThat(channel.isOpen()).isFalse();
        assertThat(framesHeld.used()).isZero();
    }

    @Test
    void aClientThatIsThrottledIsReadAgainWhenItsTimeIsOver() {
        connect();
        receive(request(1, "throttled"));
        receive(request(2, "asks"));
        assertThat(answered()).containsExactly(1);
        time.advance(999);
        assertThat(answered()).isEmpty();
        time.advance(1);
        assertThat(answered()).containsExactly(2);
    }

    @Test
    void nothingWaitsForAThrottledClientThatIsGone() {
        connect();
        receive(request(1, "throttled"));
        assertThat(lane.scheduled()).isEqualTo(2);

        channel.close();

        assertThat(lane.scheduled()).isZero();
    }
}

package io.gregor.broker.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.broker.lane.Lane;
import io.gregor.broker.memory.Admission;
import io.gregor.broker.quota.RequestTime;
import io.gregor.wire.ByteBudget;
import io.gregor.wire.message.ApiKey;
import io.gregor.wire.message.ApiVersionsRequest;
import io.gregor.wire.message.ApiVersionsResponse;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The order and the memory of one connection, without a network. */
class ConnectionTest {
    private static final long IDLE_MS = 600_000;

    /** Runs everything at once, as an I/O loop does for its own thread, and counts what will run later. */
    private static final class OwnLane implements Lane {
        private int scheduled;

        @Override
        public boolean isCurrent() {
            return true;
        }

        @Override
        public void execute(Runnable task) {
            task.run();
        }

        @Override
        public Scheduled schedule(Runnable task, long delayMs) {
            scheduled++;
            return () -> scheduled--;
        }
    }

    private final OwnLane lane = new OwnLane();
    private final List<Reply<ApiVersionsResponse>> parked = new ArrayList<>();
    private final ApiRegistry apis = new ApiRegistry(false).add(ApiKey.API_VERSIONS, this::answer);
    private final EmbeddedChannel channel = new EmbeddedChannel();

    private void answer(RequestContext context, ApiVersionsRequest request, Reply<ApiVersionsResponse> reply) {
        if (context.clientId().equals("parks")) {
            parked.add(reply);
        } else {
            reply.send(new ApiVersionsResponse());
        }
    }

    private final ByteBudget memory = new ByteBudget("frames", 1 << 20);
    private final FrameReader frames = new FrameReader(1 << 20, lane, new Admission(memory, System::nanoTime));

    private void receive(ByteBuf request) {
        channel.writeInbound(Unpooled.buffer().writeInt(request.readableBytes()).writeBytes(request));
    }

    private void connect() {
        channel.pipeline()
                .addLast(frames)
                .addLast(new Connection(
                        channel,
                        lane,
                        apis,
                        "PLAINTEXT",
                        IDLE_MS,
                        client -> RequestTime.UNLIMITED,
                        frames,
                        peer -> {}));
        channel.pipeline().fireChannelActive();
    }

    private static ByteBuf request(int correlationId, String clientId) {
        byte[] client = clientId.getBytes(StandardCharsets.UTF_8);
        return Unpooled.buffer()
                .writeShort(ApiKey.API_VERSIONS.id())
                .writeShort(0)
                .writeInt(correlationId)
                .writeShort(client.length)
                .writeBytes(client);
    }

    private List<Integer> answered() {
        ByteBuf all = Unpooled.buffer();
        for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
            all.writeBytes(part);
            part.release();
        }
        List<Integer> correlationIds = new ArrayList<>();
        while (all.isReadable()) {
            ByteBuf frame = all.readSlice(all.readInt());
            correlationIds.add(frame.readInt());
        }
        return correlationIds;
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
        assertThat(memory.used()).isZero();
        assertThat(channel.isOpen()).isTrue();
    }

    @Test
    void nothingRefersToAConnectionThatHasEnded() {
        connect();
        assertThat(lane.scheduled).isEqualTo(1);
        channel.close();
        assertThat(lane.scheduled).isZero();
    }
}

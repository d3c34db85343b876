package io.gregor.broker.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.broker.access.Access;
import io.gregor.broker.lane.Lane;
import io.gregor.broker.memory.Admission;
import io.gregor.broker.net.refusal.RefusedClients;
import io.gregor.broker.net.refusal.RefusedClientsTest;
import io.gregor.wire.ByteBudget;
import io.gregor.wire.message.ApiKey;
import io.gregor.wire.message.ApiVersionsRequest;
import io.gregor.wire.message.ApiVersionsResponse;
import io.gregor.wire.message.ProduceRequest;
import io.gregor.wire.message.ProduceResponse;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Many requests that arrive at once on one connection: the memory that they take, and how they share the loop. */
class PipelinedRequestsTest {
    private final ByteBudget framesHeld = new ByteBudget("frames", 1 << 20);
    private final NetMemory memory = new NetMemory(unlimited(framesHeld), unlimited(budget()), unlimited(budget()));
    private final RefusedClients refused = RefusedClientsTest.silent();
    private final List<Reply<ApiVersionsResponse>> parked = new ArrayList<>();
    private int produced;
    private final ApiRegistry apis = new ApiRegistry(false)
            .<ApiVersionsRequest, ApiVersionsResponse>add(ApiKey.API_VERSIONS, (context, request, reply) -> {
                if (context.clientId().equals("parks")) {
                    parked.add(reply);
                } else {
                    reply.send(new ApiVersionsResponse());
                }
            })
            .<ProduceRequest, ProduceResponse>add(ApiKey.PRODUCE, (context, request, reply) -> {
                produced++;
                reply.sendNothing();
            });
    private final EmbeddedChannel channel = new ChannelFromHere();
    private final OneTaskATurn lane = new OneTaskATurn();

    /** Runs one task, and keeps what that leaves for its next turn. */
    private static final class OneTaskATurn implements Lane {
        private final Deque<Runnable> waiting = new ArrayDeque<>();
        private boolean running;

        @Override
        public boolean isCurrent() {
            return true;
        }

        @Override
        public void execute(Runnable task) {
            if (running) {
                waiting.add(task);
                return;
            }
            running = true;
            task.run();
            running = false;
        }

        @Override
        public Scheduled schedule(Runnable task, long delayMs) {
            return () -> {};
        }

        void runAll() {
            while (!waiting.isEmpty()) {
                execute(waiting.remove());
            }
        }
    }

    private static ByteBudget budget() {
        return new ByteBudget("memory", 1 << 20);
    }

    private static Admission unlimited(ByteBudget budget) {
        return new Admission(budget, () -> Long.MAX_VALUE, 5_000, System::nanoTime);
    }

    private void connect() {
        FrameReader reader = new FrameReader(1 << 20, lane, refused, memory.frames());
        ConnectionSettings settings = ConnectionTest.settings(apis, memory, Access.UNRESTRICTED, refused);
        channel.pipeline().addLast(reader).addLast(new Connection(channel, lane, reader, settings));
        channel.pipeline().fireChannelActive();
    }

    private static ByteBuf requests(int first, int last, String clientId) {
        ByteBuf all = Unpooled.buffer();
        for (int i = first; i <= last; i++) {
            ByteBuf request = ConnectionTest.request(i, clientId);
            all.writeInt(request.readableBytes()).writeBytes(request);
        }
        return all;
    }

    /** Each without an answer. */
    private static ByteBuf produces(int count) {
        ByteBuf all = Unpooled.buffer();
        for (int i = 0; i < count; i++) {
            ByteBuf request = ConnectionTest.produce(i, "sends");
            all.writeInt(request.readableBytes()).writeBytes(request);
        }
        return all;
    }

    private List<Integer> answered() {
        List<Integer> ids = new ArrayList<>();
        for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
            ids.add(part.getInt(4));
            part.release();
        }
        return ids;
    }

    private static List<Integer> ids(int first, int last) {
        return IntStream.rangeClosed(first, last).boxed().toList();
    }

    @Test
    void manyRequestsInOneReadDoNotHoldTheLoop() {
        connect();

        channel.writeInbound(requests(0, 9, "asks"));
        assertThat(channel.outboundMessages()).isEmpty();
        assertThat(channel.config().isAutoRead()).isFalse();

        lane.runAll();
        assertThat(answered()).isEqualTo(ids(0, 9));
        assertThat(channel.config().isAutoRead()).isTrue();
        assertThat(framesHeld.used()).isZero();
    }

    @Test
    void requestsBehindOneThatWaitsAreAnsweredInOrder() {
        connect();
        channel.writeInbound(requests(0, 0, "parks"));
        channel.writeInbound(requests(1, 5000, "asks"));

        parked.get(0).send(new ApiVersionsResponse());
        lane.runAll();

        assertThat(answered()).isEqualTo(ids(0, 5000));
    }

    @Test
    void requestsBehindOneThatWaitsTakeNoMoreMemoryThanTheirBytes() {
        connect();
        ByteBuf all = requests(0, 5000, "parks");
        int bytes = all.readableBytes();
        channel.writeInbound(all);
        lane.runAll();

        assertThat(parked).hasSize(1);
        assertThat(all.refCnt()).isEqualTo(2); // What is not cut yet, and the second request.
        assertThat(framesHeld.used()).isBetween(bytes - 100L, (long) bytes);
        channel.close();
        assertThat(all.refCnt()).isZero();
        assertThat(framesHeld.used()).isZero();
    }

    @Test
    void whatHasComeIsTakenUpThoughTheConnectionHasEndedMeanwhile() {
        connect();
        lane.execute(() -> {
            channel.writeInbound(produces(1000));
            channel.close();
        });
        assertThat(produced).isLessThan(1000);
        lane.runAll();
        assertThat(produced).isEqualTo(1000);
        assertThat(framesHeld.used()).isZero();
    }

    @Test
    void behindARequestThatIsAnsweredNothingIsTakenUpAfterTheEnd() {
        connect();
        lane.execute(() -> {
            channel.writeInbound(produces(10));
            channel.writeInbound(requests(0, 0, "asks"));
            channel.writeInbound(produces(10));
            channel.close();
        });
        lane.runAll();
        assertThat(produced).isEqualTo(10);
        assertThat(framesHeld.used()).isZero();
    }
}

package io.gregor.broker.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.broker.memory.Admission;
import io.gregor.broker.net.refusal.RefusedClientsTest;
import io.gregor.wire.ByteBudget;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How much memory frames take, and who waits when there is none. */
class FrameReaderTest {
    private static final int FRAME_BYTES_MAX = 100_000_000;
    private static final int LIMIT = 1 << 20;
    private static final int LARGE = LIMIT / 2;

    private long nanos;
    private final ByteBudget budget = new ByteBudget("frames", LIMIT);
    private final Admission memory = new Admission(budget, () -> Long.MAX_VALUE, 5_000, () -> nanos);
    private final List<Client> clients = new ArrayList<>();

    /** One connection; its frames stay in flight until they are released. */
    private final class Client {
        private final FrameReader reader =
                new FrameReader(FRAME_BYTES_MAX, Runnable::run, RefusedClientsTest.silent(), memory);
        private final EmbeddedChannel channel = new EmbeddedChannel(reader);

        Client() {
            reader.emit(channel.inboundMessages()::add, () -> true);
            reader.whenReady(this::read);
            channel.closeFuture().addListener(ended -> reader.close());
            clients.add(this);
        }

        private void read() {
            if (reader.goOn() && !reader.isPaused()) {
                channel.config().setAutoRead(true);
            }
        }

        Client announce(int length) {
            channel.writeInbound(Unpooled.buffer().writeInt(length));
            return this;
        }

        Client send(int bytes) {
            channel.writeInbound(Unpooled.wrappedBuffer(new byte[bytes]));
            return this;
        }

        boolean isRead() {
            return channel.config().isAutoRead();
        }

        void finish() {
            ByteBuf frame = channel.readInbound();
            reader.release(frame.readableBytes());
            frame.release();
        }
    }

    @AfterEach
    void nothingIsLeftWhenAllAreGone() {
        clients.forEach(client -> {
            while (!client.channel.inboundMessages().isEmpty()) {
                client.finish();
            }
            client.channel.close();
        });
        assertThat(budget.used()).isZero();
    }

    @Test
    void anAnnouncementAloneTakesNoMemory() {
        for (int i = 0; i < 300; i++) {
            new Client().announce(FRAME_BYTES_MAX);
        }

        assertThat(budget.used()).isZero();
        assertThat(new Client().announce(1000).send(1000).channel.inboundMessages())
                .hasSize(1);
    }

    @Test
    void framesThatHaveBegunLeaveRoomForSmallOnes() {
        for (int i = 0; i < 200; i++) {
            new Client().announce(FRAME_BYTES_MAX).send(10);
        }

        Client small = new Client().announce(50_000).send(20_000);
        assertThat(small.isRead()).isTrue();
        assertThat(small.send(30_000).channel.inboundMessages()).hasSize(1);
        assertThat(budget.used()).isLessThan(LIMIT);
    }

    @Test
    void aConnectionIsNotReadUntilTheMemoryForItsFrameIsReleased() {
        new Client().announce(LARGE).send(LARGE);
        new Client().announce(LARGE).send(LARGE);
        Client overdrawn = new Client().announce(LARGE).send(4096);
        assertThat(overdrawn.isRead()).isTrue();
        Client waits = new Client().announce(LARGE).send(4096);
        Client waitsLonger = new Client().announce(LARGE).send(4096);
        assertThat(waits.isRead()).isFalse();
        assertThat(waitsLonger.isRead()).isFalse();

        overdrawn.send(LARGE - 4096).finish();
        assertThat(waits.isRead()).isTrue();
        assertThat(waitsLonger.isRead()).isFalse();
        waits.send(LARGE - 4096).finish();
        assertThat(waitsLonger.isRead()).isTrue();
        waitsLonger.send(LARGE - 4096).finish();
    }

    @Test
    void aFrameThatIsLargerThanAllMemoryComesThrough() {
        Client large = new Client().announce(4 * LIMIT);

        for (int i = 0; i < 4; i++) {
            assertThat(large.isRead()).isTrue();
            large.send(LIMIT);
        }

        assertThat(large.channel.inboundMessages()).hasSize(1);
    }

    @Test
    void aFrameThatDoesNotGetOnIsGivenUpOnlyWhileOthersWait() {
        Client stalled = new Client().announce(4 * LIMIT).send(LIMIT);
        nanos += 60_000_000_000L;
        memory.evictStalled();
        assertThat(stalled.channel.isOpen()).isTrue();

        Client waits = new Client().announce(LARGE).send(4096);
        assertThat(waits.isRead()).isFalse();
        memory.evictStalled();

        assertThat(stalled.channel.isOpen()).isFalse();
        assertThat(waits.isRead()).isTrue();
    }

    @Test
    void aConnectionThatEndsWhileItWaitsIsNotServed() {
        Client first = new Client().announce(2 * LIMIT).send(2 * LIMIT - 1);
        Client gone = new Client().announce(LARGE).send(4096);
        Client waits = new Client().announce(LARGE).send(4096);
        assertThat(waits.isRead()).isFalse();

        gone.channel.close();
        first.send(1).finish();

        assertThat(waits.isRead()).isTrue();
    }
}

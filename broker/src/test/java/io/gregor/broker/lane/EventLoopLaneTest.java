package io.gregor.broker.lane;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EventLoopLaneTest {
    private static final long A_LONG_TASK_NANOS = 6_000_000;

    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final EventLoop loop = group.next();
    private final EventLoopLane lane = new EventLoopLane(loop, System::nanoTime);
    private final List<Integer> ran = new ArrayList<>();

    @AfterEach
    void stop() throws InterruptedException {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
    }

    @Test
    void tasksRunInTheOrderOfTheCallsAndNeverNest() throws InterruptedException {
        onLane(() -> {
            lane.execute(() -> {
                lane.execute(() -> ran.add(3));
                ran.add(2);
            });
            ran.add(1);
        });

        assertThat(ran).containsExactly(1, 2, 3);
    }

    @Test
    void aChainOfTasksDoesNotFillTheStack() throws InterruptedException {
        CountDownLatch done = new CountDownLatch(1);
        lane.execute(() -> chain(100_000, done));

        assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
    }

    private void chain(int left, CountDownLatch done) {
        if (left == 0) {
            done.countDown();
        } else {
            lane.execute(() -> chain(left - 1, done));
        }
    }

    @Test
    void oneThatThrowsDoesNotStopTheNext() throws InterruptedException {
        onLane(() -> {
            lane.execute(() -> {
                throw new IllegalStateException("expected");
            });
            lane.execute(() -> ran.add(1));
            throw new IllegalStateException("expected");
        });

        assertThat(ran).containsExactly(1);
    }

    @Test
    void anErrorOfTheJvmDoesNotStopTheNext() throws InterruptedException {
        CountDownLatch done = new CountDownLatch(1);
        lane.execute(() -> {
            lane.execute(() -> {
                throw new AssertionError("expected");
            });
            lane.execute(done::countDown);
        });

        assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void theSocketsHaveTheirTurnThoughALaneIsNeverIdle() throws IOException, InterruptedException {
        CountDownLatch busy = new CountDownLatch(1);
        CountDownLatch socketRead = new CountDownLatch(1);
        AtomicBoolean over = new AtomicBoolean();
        InetSocketAddress address = listen(socketRead);
        lane.execute(() -> again(over));
        lane.execute(busy::countDown);
        busy.await();
        try (Socket client = new Socket(address.getAddress(), address.getPort())) {
            client.getOutputStream().write(1);
            assertThat(socketRead.await(60, TimeUnit.SECONDS)).isTrue();
        } finally {
            over.set(true);
        }
    }

    /** Accepts and reads on the lane's loop. */
    private InetSocketAddress listen(CountDownLatch socketRead) throws InterruptedException {
        ChannelInboundHandlerAdapter reader = new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext context, Object message) {
                ReferenceCountUtil.release(message);
                socketRead.countDown();
            }
        };
        Channel server = new ServerBootstrap()
                .group(group)
                .channel(NioServerSocketChannel.class)
                .childHandler(reader)
                .bind(InetAddress.getLoopbackAddress(), 0)
                .sync()
                .channel();
        return (InetSocketAddress) server.localAddress();
    }

    private void again(AtomicBoolean over) {
        if (!over.get()) {
            lane.execute(() -> again(over));
        }
    }

    /** A loop looks at its sockets and its timers once before it runs all tasks that it has, up to some dozens. */
    @Test
    void theSocketsHaveTheirTurnAfterEachSlice() throws InterruptedException {
        long[] nanos = new long[1];
        EventLoopLane slow = new EventLoopLane(loop, () -> nanos[0]);
        CountDownLatch done = new CountDownLatch(1);
        slow.execute(() -> {
            loop.schedule(() -> ran.add(-1), 0, TimeUnit.MILLISECONDS);
            for (int i = 0; i < 30; i++) {
                int number = i;
                slow.execute(() -> {
                    nanos[0] += A_LONG_TASK_NANOS;
                    ran.add(number);
                });
            }
            slow.execute(done::countDown);
        });

        assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
        assertThat(ran.indexOf(-1)).isBetween(0, 2);
        assertThat(ran.stream().filter(number -> number >= 0)).isSorted().hasSize(30);
    }

    @Test
    void whatWaitsWhenTheLoopIsStoppedIsStillRun() throws InterruptedException {
        long[] nanos = new long[1];
        EventLoopLane slow = new EventLoopLane(loop, () -> nanos[0]);
        CountDownLatch stopping = new CountDownLatch(1);
        slow.execute(() -> {
            for (int i = 0; i < 10; i++) {
                slow.execute(() -> nanos[0] += A_LONG_TASK_NANOS);
            }
            slow.execute(stopping::countDown);
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            slow.execute(() -> ran.add(1));
        });

        assertThat(group.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
        assertThat(stopping.getCount()).isZero();
        assertThat(ran).containsExactly(1);
    }

    @Test
    void tasksThatComeAfterItsEndAreDropped() throws InterruptedException {
        stop();

        IntStream.range(0, 10).forEach(i -> lane.execute(() -> ran.add(i)));
        lane.schedule(() -> ran.add(-1), 0).cancel();

        assertThat(ran).isEmpty();
    }

    /** Returns when the task and all that it left to the lane have run. */
    private void onLane(Runnable task) throws InterruptedException {
        CountDownLatch done = new CountDownLatch(1);
        lane.execute(() -> {
            lane.execute(() -> lane.execute(() -> lane.execute(done::countDown)));
            task.run();
        });
        assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
    }
}

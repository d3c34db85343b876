package io.gregor.broker.net.limit;

import io.gregor.broker.lane.Lane;
import io.gregor.broker.net.refusal.ConnectionLimit;
import io.gregor.broker.net.refusal.RefusedClients;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Stands where the connections of one listener come in: serves them, lets them wait, or closes them, as the limits say.
 * Confined to the loop on which the listener accepts. While a connection waits the listener accepts no others; those
 * that the operating system has handed over together with it wait behind it.
 */
public final class Gate extends ChannelInboundHandlerAdapter {
    private final String listener;
    private final OpenConnections connections;
    private final RefusedClients refused;
    private final Supplier<@Nullable ConnectionLimit> descriptors;
    private final Function<EventLoop, ? extends Lane> lanes;
    private final Deque<Channel> held = new ArrayDeque<>();
    private final Set<Channel> leftOpen = new HashSet<>();
    private @Nullable ChannelHandlerContext context;
    private @Nullable Lane lane;
    private boolean hasArrived;
    private boolean isDelayed;
    private boolean going;
    private boolean isStopped;

    Gate(
            String listener,
            OpenConnections connections,
            RefusedClients refused,
            Supplier<@Nullable ConnectionLimit> descriptors,
            Function<EventLoop, ? extends Lane> lanes) {
        this.listener = listener;
        this.connections = connections;
        this.refused = refused;
        this.descriptors = descriptors;
        this.lanes = lanes;
    }

    String listener() {
        return listener;
    }

    /** A connection is closed; the log says why. On any thread. */
    void tell(Channel channel, String reason) {
        refused.ended(channel.remoteAddress(), reason);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
        lane = lanes.apply(added.channel().eventLoop());
    }

    @Override
    public void channelRead(ChannelHandlerContext here, Object message) {
        Channel channel = (Channel) message;
        ConnectionLimit files = descriptors.get();
        if (files == null || !files.tryAdd()) {
            channel.unsafe().closeForcibly();
            return;
        }
        held.add(channel);
        goOn();
    }

    /** Something has changed for which a connection waits. On any thread. */
    void wake() {
        Lane own = lane;
        if (own != null) {
            own.execute(this::goOn);
        }
    }

    /** A connection that is served may end at once, and that comes back here. */
    private void goOn() {
        if (going) {
            return;
        }
        going = true;
        try {
            while (!held.isEmpty() && isDecided(held.element())) {
                held.poll();
                hasArrived = false;
            }
        } finally {
            going = false;
        }
        if (!held.isEmpty()) {
            isStopped = true;
            own().channel().config().setAutoRead(false);
        } else if (isStopped) {
            isStopped = false;
            own().channel().config().setAutoRead(true);
        }
    }

    private ChannelHandlerContext own() {
        return Objects.requireNonNull(context);
    }

    private boolean isDecided(Channel channel) {
        if (!hasArrived) {
            hasArrived = true;
            int waitMs = connections.arrived(listener);
            if (waitMs > 0) {
                isDelayed = true;
                later(this::endDelay, waitMs);
            }
        }
        if (isDelayed) {
            return false;
        }
        Verdict verdict = connections.decide(this, channel);
        switch (verdict.fate()) {
            case SERVED -> serve(channel);
            case CLOSED -> close(channel, verdict.closeAfterMs());
            case WAITS -> {
                return false;
            }
        }
        return true;
    }

    private void later(Runnable task, int delayMs) {
        Objects.requireNonNull(lane).schedule(task, delayMs);
    }

    private void endDelay() {
        isDelayed = false;
        goOn();
    }

    private void serve(Channel channel) {
        channel.closeFuture().addListener(closed -> {
            connections.ended(channel);
            free();
        });
        own().fireChannelRead(channel);
    }

    private void close(Channel channel, int afterMs) {
        leftOpen.add(channel);
        if (afterMs == 0) {
            close(channel);
        } else {
            later(() -> close(channel), afterMs);
        }
    }

    private void close(Channel channel) {
        if (leftOpen.remove(channel)) {
            channel.unsafe().closeForcibly();
            free();
        }
    }

    private void free() {
        ConnectionLimit files = descriptors.get();
        if (files != null) {
            files.remove();
        }
    }

    /** The listener is closed, and with it all that was not served. */
    @Override
    public void channelInactive(ChannelHandlerContext here) {
        leftOpen.addAll(held);
        held.clear();
        isStopped = false;
        Set.copyOf(leftOpen).forEach(this::close);
        here.fireChannelInactive();
    }
}

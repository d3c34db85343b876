package io.gregor.broker.telemetry;

import io.gregor.broker.cluster.ClusterMetadata;
import io.gregor.broker.config.BrokerConfig;
import io.gregor.broker.memory.BoundedCache;
import io.gregor.broker.net.Peer;
import io.gregor.broker.net.RequestContext;
import io.gregor.controller.MetadataImage;
import io.gregor.wire.ByteBudget;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.PushTelemetryRequest;
import io.gregor.wire.record.Compression;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The clients that push their metrics (KIP-714), and where those go. Subscriptions change at once, with the metadata.
 * Called on any thread. Clients that were not heard of for the longest time are forgotten when there are too many.
 */
public final class ClientTelemetry {
    private static final Logger LOG = LoggerFactory.getLogger(ClientTelemetry.class);
    /** As many as Kafka knows at a time. */
    private static final int INSTANCES_MAX = 16_384;

    private final ClusterMetadata metadata;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final int maxBytes;
    private final @Nullable PushedMetrics receiver;
    private final Executor aside;
    private final BoundedCache<Uuid, ClientInstance> instances;
    private final Map<Peer, Uuid> byConnection = new HashMap<>();
    private MetadataImage seen = MetadataImage.EMPTY;
    private Subscriptions subscriptions = Subscriptions.NONE;

    /**
     * @param receiver takes what is pushed; null if that goes nowhere
     * @param aside reads what is pushed, one push at a time
     * @param memory for what is known of clients
     */
    public ClientTelemetry(
            BrokerConfig config,
            ClusterMetadata metadata,
            InstantSource clock,
            RandomGenerator random,
            @Nullable PushedMetrics receiver,
            Executor aside,
            ByteBudget memory) {
        this.instances = new BoundedCache<>(memory, INSTANCES_MAX);
        this.metadata = metadata;
        this.clock = clock;
        this.random = random;
        this.receiver = receiver;
        this.aside = aside;
        maxBytes = config.integer("telemetry.max.bytes");
    }

    /** Whether what is pushed goes anywhere. */
    public boolean isReceived() {
        return receiver != null;
    }

    /** The most that one push may be, compressed and not. */
    public int maxBytes() {
        return maxBytes;
    }

    public synchronized Uuid newInstanceId() {
        Uuid id = Uuid.random(random);
        while (instances.contains(id)) {
            id = Uuid.random(random);
        }
        return id;
    }

    /** The client with that id, with the subscriptions that hold now; new if it was not heard of for a while. */
    public synchronized ClientInstance instance(Uuid id, RequestContext context) {
        long now = clock.millis();
        followMetadata();
        ClientInstance instance = instances.get(id);
        if (instance == null || instance.expiresAtMs() <= now) {
            instance = begin(ClientIdentity.of(id, context), context);
        } else if (instance.subscriptions() != subscriptions) {
            instance = begin(instance.identity(), context);
        }
        instance.heard(now);
        return instance;
    }

    @SuppressWarnings("ReferenceEquality") // Comparing whole images would be the work that this saves.
    private void followMetadata() {
        MetadataImage image = metadata.image();
        if (image != seen) {
            subscriptions = subscriptions.following(image.configs());
            seen = image;
        }
    }

    private ClientInstance begin(ClientIdentity identity, RequestContext context) {
        ClientInstance instance = new ClientInstance(identity, subscriptions);
        instances.put(identity.instance(), instance, instance.bytes());
        byConnection.put(context.peer(), identity.instance());
        return instance;
    }

    /** Forgets the client that was first heard of over that connection: it may come again at once. */
    public synchronized void disconnected(Peer peer) {
        Uuid id = byConnection.remove(peer);
        if (id != null) {
            instances.remove(id);
        }
    }

    public void forgetSilent() {
        long now = clock.millis();
        synchronized (this) {
            instances.removeIf(instance -> instance.expiresAtMs() <= now);
        }
        // Not within: it may wait for a push that is being read, for which no client may wait.
        if (receiver != null) {
            receiver.forgetSilent(now);
        }
    }

    /** NONE, or why the client is not told of its subscription now. */
    public ErrorCode ask(ClientInstance instance) {
        return counted(instance.ask(clock.millis()));
    }

    /** NONE, or why the client may not push that now. */
    public ErrorCode push(ClientInstance instance, PushTelemetryRequest request) {
        return counted(instance.push(request, maxBytes, clock.millis()));
    }

    private ErrorCode counted(ErrorCode error) {
        if (receiver != null) {
            receiver.count(error);
        }
        return error;
    }

    /** Takes what was pushed, and says NONE or INVALID_RECORD when that is done. */
    public void receive(
            ClientInstance instance, Compression compression, byte[] metrics, Consumer<ErrorCode> whenDone) {
        if (receiver == null) {
            whenDone.accept(ErrorCode.NONE);
        } else {
            aside.execute(() -> whenDone.accept(receive(receiver, instance, compression, metrics)));
        }
    }

    private ErrorCode receive(PushedMetrics into, ClientInstance instance, Compression compression, byte[] metrics) {
        try {
            into.receive(instance.identity(), instance.expiresAtMs(), expand(compression, metrics));
            return ErrorCode.NONE;
        } catch (IOException | RuntimeException e) {
            LOG.error("What client {} pushed cannot be read", instance.id(), e);
            instance.unreadable();
            return counted(ErrorCode.INVALID_RECORD);
        }
    }

    private byte[] expand(Compression compression, byte[] metrics) throws IOException {
        try (InputStream in = compression.decompress(ByteBuffer.wrap(metrics))) {
            byte[] expanded = in.readNBytes(maxBytes + 1);
            if (expanded.length > maxBytes) {
                throw new IOException("more than " + maxBytes + " bytes");
            }
            return expanded;
        }
    }
}

package io.gregor.broker.quota;

import io.gregor.broker.cluster.ClusterMetadata;
import io.gregor.broker.config.BrokerConfig;
import io.gregor.broker.memory.BoundedCache;
import io.gregor.controller.ClientQuotas.Limit;
import io.gregor.controller.MutationQuota;
import io.gregor.wire.ByteBudget;
import java.time.InstantSource;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What each client has used, and how long it has to wait when that is more than its quota. Quotas change at once, with
 * the metadata. Called on any thread. Of clients that have used nothing for an hour nothing is known any more, and
 * sooner of those that were not here for the longest time, if there are too many.
 */
public final class Quotas {
    /** Of everybody, as long as nobody says who they are. */
    private static final String USER = "ANONYMOUS";

    /** In memory, beside texts and windows. */
    private static final int USAGE_BYTES = 300;

    private static final long FORGOTTEN_AFTER_MS = 3_600_000;

    private final ClusterMetadata metadata;
    private final InstantSource clock;
    private final LongSupplier nanoTime;
    private final int windows;
    private final long windowMs;
    private final double burstSeconds;
    private final BoundedCache<Payer, Usage> used;

    /** Who shares a limit. Ordered, so that client ids of one hash value do not make look-ups slow. */
    private record Payer(QuotaKind kind, String user, String clientId) implements Comparable<Payer> {
        @Override
        public int compareTo(Payer that) {
            int byClient = clientId.compareTo(that.clientId);
            int byUser = byClient != 0 ? byClient : user.compareTo(that.user);
            return byUser != 0 ? byUser : kind.compareTo(that.kind);
        }
    }

    /** What they have used; guarded by itself. */
    private static final class Usage {
        private final WindowedRate rate;
        private final TokenBucket tokens;
        private long lastMs;

        Usage(WindowedRate rate, TokenBucket tokens) {
            this.rate = rate;
            this.tokens = tokens;
        }
    }

    /**
     * @param nanoTime measures how long something takes
     * @param memory for what is known of clients
     */
    public Quotas(
            BrokerConfig config,
            ClusterMetadata metadata,
            InstantSource clock,
            LongSupplier nanoTime,
            ByteBudget memory) {
        this.used = new BoundedCache<>(memory);
        this.metadata = metadata;
        this.clock = clock;
        this.nanoTime = nanoTime;
        windows = config.integer("quota.window.num");
        windowMs = 1000L * config.integer("quota.window.size.seconds");
        burstSeconds = (double) config.integer("controller.quota.window.num")
                * config.integer("controller.quota.window.size.seconds");
    }

    private boolean exist() {
        return !metadata.image().quotas().all().isEmpty();
    }

    /** Begins to measure how long a request takes, if there are quotas. */
    public RequestTime begin(String clientId) {
        return exist() ? new RequestTime(this, clientId, nanoTime) : RequestTime.UNLIMITED;
    }

    private @Nullable Limit limit(QuotaKind kind, String clientId) {
        return exist() ? metadata.image().quotas().limit(kind.key(), USER, clientId) : null;
    }

    private Usage usage(QuotaKind kind, Limit limit) {
        return used.computeIfAbsent(
                new Payer(kind, limit.user(), limit.clientId()),
                USAGE_BYTES
                        + (long) WindowedRate.BYTES_OF_WINDOW * windows
                        + BoundedCache.sizeOf(limit.user())
                        + BoundedCache.sizeOf(limit.clientId()),
                () -> new Usage(new WindowedRate(windows, windowMs), new TokenBucket(burstSeconds)));
    }

    /** Notes what a client has used; returns how many milliseconds it has to wait. */
    public int use(QuotaKind kind, String clientId, double amount) {
        Limit limit = limit(kind, clientId);
        if (limit == null) {
            return 0;
        }
        Usage usage = usage(kind, limit);
        synchronized (usage) {
            long now = clock.millis();
            usage.lastMs = now;
            usage.rate.add(amount, now);
            return throttleMs(kind, usage.rate, limit.value(), now);
        }
    }

    /** As above, but if the client has to wait it has not used this. */
    public int useOrWait(QuotaKind kind, String clientId, double amount) {
        int throttleMs = use(kind, clientId, amount);
        if (throttleMs > 0) {
            giveBack(kind, clientId, amount);
        }
        return throttleMs;
    }

    private void giveBack(QuotaKind kind, String clientId, double amount) {
        use(kind, clientId, -amount);
    }

    private int throttleMs(QuotaKind kind, WindowedRate rate, double limit, long nowMs) {
        long most = kind == QuotaKind.REQUEST_TIME ? windowMs : Integer.MAX_VALUE;
        return (int) Math.min(rate.waitMs(limit, nowMs), most);
    }

    /** The most that a client can get in one answer without waiting for ever. */
    public double maxFetchBytes(QuotaKind kind, String clientId) {
        Limit limit = limit(kind, clientId);
        return limit == null ? Double.MAX_VALUE : limit.value() * (windows - 1) * (windowMs / 1000.0);
    }

    /** What one request may change. Used on one thread. */
    public final class Mutations implements MutationQuota {
        private final @Nullable Limit limit;
        private final boolean strict;
        private long waitMs;
        private long sinceMs;

        private Mutations(@Nullable Limit limit, boolean strict) {
            this.limit = limit;
            this.strict = strict;
        }

        @Override
        public boolean take(int partitions) {
            if (limit == null) {
                return true;
            }
            Usage usage = usage(QuotaKind.CONTROLLER_MUTATION, limit);
            synchronized (usage) {
                long now = clock.millis();
                usage.lastMs = now;
                boolean enough = usage.tokens.tokens(limit.value(), now) >= 0;
                if (enough || !strict) {
                    usage.tokens.take(partitions, limit.value(), now);
                }
                if (!enough || !strict) {
                    waitMs = usage.tokens.waitMs(limit.value(), now);
                    sinceMs = now;
                }
                return enough || !strict;
            }
        }

        /** How long the client has to wait, from now on. */
        @Override
        public int throttleMs() {
            return waitMs == 0 ? 0 : (int) Math.max(0, waitMs - (clock.millis() - sinceMs));
        }
    }

    /**
     * What a request of this client may change.
     *
     * @param strict whether it is refused what is too much; older versions only wait
     */
    public Mutations mutations(String clientId, boolean strict) {
        return new Mutations(limit(QuotaKind.CONTROLLER_MUTATION, clientId), strict);
    }

    /** Forgets who has not been here for an hour. */
    public void forgetIdle() {
        long since = clock.millis() - FORGOTTEN_AFTER_MS;
        used.removeIf(usage -> {
            synchronized (usage) {
                return usage.lastMs < since;
            }
        });
    }
}

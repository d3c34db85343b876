package io.gregor.broker.telemetry;

import io.gregor.broker.memory.BoundedCache;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.PushTelemetryRequest;
import io.gregor.wire.record.Compression;
import java.util.List;

/**
 * One client, what it is subscribed to, and when it was last heard of: decides whether it may ask or push now. Guarded
 * by itself. A change of the subscriptions makes a new one, which begins as if nothing had been heard.
 */
public final class ClientInstance {
    private static final long SHORTEST_EXPIRY_MS = 60_000;
    /** In memory, beside texts and lists. */
    private static final int OWN_BYTES = 250;

    private final ClientIdentity identity;
    private final Subscriptions subscriptions;
    private final Subscriptions.Merged merged;
    private final int subscriptionId;
    private long askedMs;
    private long pushedMs;
    private long expiresAtMs;
    private boolean terminating;
    private ErrorCode lastError = ErrorCode.NONE;

    ClientInstance(ClientIdentity identity, Subscriptions subscriptions) {
        this.identity = identity;
        this.subscriptions = subscriptions;
        merged = subscriptions.of(identity);
        subscriptionId = merged.checksum() ^ identity.instance().hashCode();
    }

    ClientIdentity identity() {
        return identity;
    }

    /** What it takes in memory at most. */
    long bytes() {
        return OWN_BYTES
                + 8L * metrics().size()
                + BoundedCache.sizeOf(identity.clientId())
                + BoundedCache.sizeOf(identity.softwareName())
                + BoundedCache.sizeOf(identity.softwareVersion())
                + BoundedCache.sizeOf(identity.sourceAddress());
    }

    /** Those that were in force when this was made. */
    Subscriptions subscriptions() {
        return subscriptions;
    }

    public Uuid id() {
        return identity.instance();
    }

    public int subscriptionId() {
        return subscriptionId;
    }

    /** Prefixes of the names of what is asked for; {@code *} is all, and none at all nothing. */
    public List<String> metrics() {
        return merged.metrics();
    }

    public int pushIntervalMs() {
        return merged.intervalMs();
    }

    /** It is forgotten when nothing is heard of it for three intervals. */
    synchronized void heard(long nowMs) {
        expiresAtMs = nowMs + Math.max(SHORTEST_EXPIRY_MS, 3L * pushIntervalMs());
    }

    synchronized long expiresAtMs() {
        return expiresAtMs;
    }

    /** NONE, or why the client is not told of its subscription now. */
    synchronized ErrorCode ask(long nowMs) {
        if (nowMs - Math.max(askedMs, pushedMs) >= pushIntervalMs()) {
            askedMs = nowMs;
        } else if (lastError != ErrorCode.UNKNOWN_SUBSCRIPTION_ID
                && lastError != ErrorCode.UNSUPPORTED_COMPRESSION_TYPE) {
            return ErrorCode.THROTTLING_QUOTA_EXCEEDED;
        }
        lastError = ErrorCode.NONE;
        return ErrorCode.NONE;
    }

    /** NONE, or why the client may not push that now. */
    synchronized ErrorCode push(PushTelemetryRequest request, int maxBytes, long nowMs) {
        lastError = objection(request, maxBytes, nowMs);
        terminating = request.terminating();
        return lastError;
    }

    private ErrorCode objection(PushTelemetryRequest request, int maxBytes, long nowMs) {
        if (terminating) {
            return ErrorCode.INVALID_REQUEST;
        }
        boolean inTime = askedMs > pushedMs || nowMs - pushedMs >= pushIntervalMs();
        if (inTime) {
            pushedMs = nowMs;
        } else if (!request.terminating()) {
            return ErrorCode.THROTTLING_QUOTA_EXCEEDED;
        }
        if (request.subscriptionId() != subscriptionId) {
            return ErrorCode.UNKNOWN_SUBSCRIPTION_ID;
        }
        if (Compression.of(request.compressionType()) == null) {
            return ErrorCode.UNSUPPORTED_COMPRESSION_TYPE;
        }
        return request.metrics().length > maxBytes ? ErrorCode.TELEMETRY_TOO_LARGE : ErrorCode.NONE;
    }

    /** What it pushed could not be read. */
    synchronized void unreadable() {
        lastError = ErrorCode.INVALID_RECORD;
    }
}

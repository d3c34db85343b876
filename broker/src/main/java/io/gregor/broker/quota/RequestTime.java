package io.gregor.broker.quota;

import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How long the connection's loop is busy with a request, of which {@code request_percentage} limits the sum. What other
 * threads do for it is not counted. Begun and ended on the loop; asked on any thread.
 */
public final class RequestTime {
    /** Of a request that no quota is about. */
    public static final RequestTime UNLIMITED = new RequestTime(null, "", () -> 0);

    private static final double PERCENT_A_NANOSECOND = 100.0 / 1_000_000_000;
    private static final long BUSY = -1;

    private final @Nullable Quotas quotas;
    private final String clientId;
    private final LongSupplier nanoTime;
    private final long begun;
    private volatile long taken = BUSY;

    RequestTime(@Nullable Quotas quotas, String clientId, LongSupplier nanoTime) {
        this.quotas = quotas;
        this.clientId = clientId;
        this.nanoTime = nanoTime;
        begun = nanoTime.getAsLong();
    }

    /** The loop goes on to other things. */
    public void end() {
        taken = nanoTime.getAsLong() - begun;
    }

    /** Notes the time that was taken so far; returns for how many milliseconds that throttles the client. */
    public int throttleMs() {
        if (quotas == null) {
            return 0;
        }
        long nanos = taken == BUSY ? nanoTime.getAsLong() - begun : taken;
        return quotas.use(QuotaKind.REQUEST_TIME, clientId, nanos * PERCENT_A_NANOSECOND);
    }
}

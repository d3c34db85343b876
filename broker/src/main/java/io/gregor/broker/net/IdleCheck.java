package io.gregor.broker.net;

import io.gregor.broker.lane.Lane;
import io.gregor.broker.lane.Lane.Scheduled;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Looks every so often whether anything came on a connection or is under way, and ends it if not; that may take up to
 * twice the time. Confined to the connection's loop.
 */
final class IdleCheck {
    private final Lane loop;
    private final long idleMaxMs;
    private final BooleanSupplier nothingRuns;
    private final Runnable close;
    private boolean active = true;
    private boolean ended;
    private @Nullable Scheduled next;

    /** @param idleMaxMs how long a client may be silent; negative: for ever */
    IdleCheck(Lane loop, long idleMaxMs, BooleanSupplier nothingRuns, Runnable close) {
        this.loop = loop;
        this.idleMaxMs = idleMaxMs;
        this.nothingRuns = nothingRuns;
        this.close = close;
    }

    /** The connection is there. */
    void begin() {
        if (ended || idleMaxMs < 0) {
            return;
        }
        if (!active && nothingRuns.getAsBoolean()) {
            close.run();
            return;
        }
        active = false;
        next = loop.schedule(this::begin, Math.max(1, idleMaxMs));
    }

    /** Something came. */
    void active() {
        active = true;
    }

    /** The connection has ended. */
    void end() {
        ended = true;
        if (next != null) {
            next.cancel();
        }
    }
}

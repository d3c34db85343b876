package io.gregor.coordinator.runtime;

import io.gregor.wire.ByteBudget;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bytes that one shard's state takes of the budget that all coordinators share, as {@link Footprint} estimates
 * them. Confined to the thread that owns the shard. What clients bring is reserved before it is stored, and so refused
 * where it does not fit; what is stored is held in any case.
 */
public final class StateMemory {
    private static final Logger LOG = LoggerFactory.getLogger(StateMemory.class);

    /**
     * While a shard is loaded it may hold what later records delete: at most as much as the budget has, since it held
     * that when it was written, beside what other shards hold now.
     */
    private static final int TIMES_WHILE_LOADING = 2;

    private final ByteBudget budget;
    private long held;
    private boolean refusing;
    private boolean closed;

    public StateMemory(ByteBudget budget) {
        this.budget = budget;
    }

    /** Counts bytes that are held from now on, or, if negative, no more. */
    public void change(long bytes) {
        if (closed) {
            return;
        }
        held += bytes;
        if (bytes >= 0) {
            budget.force(bytes);
        } else {
            budget.release(-bytes);
        }
    }

    /** Takes bytes for what is going to be stored, until {@link #unreserve}; false, and nothing, if they do not fit. */
    public boolean reserve(long bytes) {
        if (bytes <= 0 || closed) {
            return true;
        }
        if (!budget.tryReserve(bytes)) {
            tellOnce(bytes);
            return false;
        }
        held += bytes;
        refusing = false;
        return true;
    }

    private void tellOnce(long bytes) {
        if (!refusing) {
            refusing = true;
            LOG.warn(
                    "Requests are refused: {} more bytes of state do not fit, since {} of {} bytes are taken by {}",
                    bytes,
                    budget.used(),
                    budget.limit(),
                    budget.purpose());
        }
    }

    /** Gives back what was reserved: it is stored, and counted as such, or it is not going to be. */
    public void unreserve(long bytes) {
        if (bytes > 0) {
            change(-bytes);
        }
    }

    /** Whether a shard that is being loaded has to be given up: all state would not fit. */
    public boolean isExceededByLoading() {
        return budget.used() / TIMES_WHILE_LOADING > budget.limit();
    }

    /** In bytes. */
    public long held() {
        return held;
    }

    /** The shard is given up, with all that it holds: what it still does is not counted any more. */
    public void close() {
        change(-held);
        closed = true;
    }
}

package io.gregor.wire;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the bytes that one purpose holds against a limit. Thread-safe. What is reserved must be released once, by the
 * same number of bytes; the limit is never exceeded by a reservation, but {@link #force} may exceed it.
 */
public final class ByteBudget {
    private final String purpose;
    private final long limit;
    private final AtomicLong used = new AtomicLong();

    /**
     * @param purpose names the budget in log lines and exceptions
     * @param limit in bytes
     */
    public ByteBudget(String purpose, long limit) {
        if (limit < 0) {
            throw new IllegalArgumentException(purpose + ": a limit of " + limit + " bytes");
        }
        this.purpose = purpose;
        this.limit = limit;
    }

    /** Reserves the bytes if they fit below the limit; changes nothing if they do not. */
    public boolean tryReserve(long bytes) {
        requirePositive(bytes);
        while (true) {
            long before = used.get();
            if (bytes > limit - before) {
                return false;
            }
            if (used.compareAndSet(before, before + bytes)) {
                return true;
            }
        }
    }

    /** Counts bytes that are held in any case, such as state that was loaded from the log. */
    public void force(long bytes) {
        requirePositive(bytes);
        used.addAndGet(bytes);
    }

    /** Gives back what was reserved. */
    public void release(long bytes) {
        requirePositive(bytes);
        long left = used.addAndGet(-bytes);
        if (left < 0) {
            throw new IllegalStateException(purpose + ": released " + -left + " bytes more than were reserved");
        }
    }

    private void requirePositive(long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException(purpose + ": " + bytes + " bytes");
        }
    }

    public String purpose() {
        return purpose;
    }

    /** Bytes that are held now. */
    public long used() {
        return used.get();
    }

    /** The most bytes that may be reserved at a time. */
    public long limit() {
        return limit;
    }
}

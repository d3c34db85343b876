package io.gregor.broker.memory;

import io.gregor.wire.ByteBudget;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets holders take bytes of a budget; whoever finds it full waits, and is served in the order of arrival. Thread-safe.
 * So that nothing legal starves, one holder at a time may go beyond the limit, up to a second one; a holder that makes
 * no progress while others wait is told to give up.
 */
public final class Admission {
    private static final AtomicLongFieldUpdater<Claim> HELD = AtomicLongFieldUpdater.newUpdater(Claim.class, "held");

    private record Ticket(Claim claim, long bytes, boolean large, Runnable admitted) {}

    private final ByteBudget budget;
    private final LongSupplier overdraftLimit;
    private final long stalledNanos;
    private final LongSupplier nanoTime;
    private final long keptForSmall;
    private final Deque<Ticket> waiting = new ArrayDeque<>();
    private final Set<Claim> evictable = ConcurrentHashMap.newKeySet();
    private volatile boolean contended;
    private volatile @Nullable Claim overdrawn;

    /**
     * @param overdraftLimit in bytes, of all holders together, up to which one of them goes beyond the budget's limit;
     *     where it shrinks, who waits already has its turn when there is no other
     * @param stalledMs a holder that has made no progress for so long is evicted if others wait
     * @param nanoTime monotonic, as {@link System#nanoTime}
     */
    public Admission(ByteBudget budget, LongSupplier overdraftLimit, long stalledMs, LongSupplier nanoTime) {
        this.budget = budget;
        this.overdraftLimit = overdraftLimit;
        this.stalledNanos = stalledMs * 1_000_000;
        this.nanoTime = nanoTime;
        this.keptForSmall = budget.limit() / 4;
    }

    public ByteBudget budget() {
        return budget;
    }

    /** Whether so many bytes are not admitted, even if there is no other holder. */
    public boolean isTooMuch(long bytes) {
        return bytes > overdraftLimit.getAsLong();
    }

    /** @param evict run, on any thread, when the holder is to let go of all that it holds */
    public Claim claim(Runnable evict) {
        return new Claim(evict);
    }

    /** Evicts the largest of the holders that make no progress, if somebody waits; to be called every now and then. */
    public void evictStalled() {
        if (!contended) {
            return;
        }
        long before = nanoTime.getAsLong() - stalledNanos;
        evictable.stream()
                .filter(claim -> claim.held > 0 && claim.progressNanos - before < 0)
                .max(Comparator.comparingLong(claim -> claim.held))
                .ifPresent(claim -> claim.evict.run());
    }

    private boolean fits(long bytes, boolean large) {
        if (!large) {
            return budget.tryReserve(bytes);
        }
        if (!budget.tryReserve(bytes + keptForSmall)) {
            return false;
        }
        budget.release(keptForSmall);
        return true;
    }

    private void serveWaiting() {
        if (!contended) {
            return;
        }
        List<Ticket> served = new ArrayList<>();
        synchronized (this) {
            for (Ticket next = waiting.peek(); next != null && mayHave(next); next = waiting.peek()) {
                waiting.remove();
                served.add(next);
            }
            contended = !waiting.isEmpty();
        }
        served.forEach(ticket -> ticket.admitted().run());
    }

    /** Called with the lock held. */
    private boolean mayHave(Ticket ticket) {
        if (fits(ticket.bytes(), ticket.large())) {
            return true;
        }
        return (overdrawn == null || overdrawn == ticket.claim()) && overdraws(ticket.claim(), ticket.bytes());
    }

    /** Called with the lock held. */
    private boolean overdraws(Claim claim, long bytes) {
        long used = budget.used();
        if (used > 0 && used > overdraftLimit.getAsLong() - bytes) {
            return false;
        }
        overdrawn = claim;
        budget.force(bytes);
        return true;
    }

    /**
     * What one holder has of the budget. Used by the holder's thread; {@code admitted} and {@code evict} are run on
     * any.
     */
    public final class Claim {
        private final Runnable evict;
        volatile long held;
        private volatile long progressNanos;

        Claim(Runnable evict) {
            this.evict = evict;
        }

        /** In bytes. */
        public long held() {
            return held;
        }

        /** From now on this holder may be evicted; until {@link #progress} it counts as stalled. */
        public void beginProgress() {
            progressNanos = nanoTime.getAsLong();
            evictable.add(this);
        }

        /** Notes that the holder gets on. */
        public void progress() {
            progressNanos = nanoTime.getAsLong();
        }

        /** From now on this holder gets on by itself. */
        public void endProgress() {
            evictable.remove(this);
        }

        /** Takes the bytes in any case. */
        public void force(long bytes) {
            budget.force(bytes);
            hold(bytes);
        }

        /** Takes the bytes if there is room, and nobody waits; a small one passes those who wait. */
        public boolean tryTake(long bytes, boolean large) {
            boolean taken;
            synchronized (Admission.this) {
                taken = overdrawn == this
                        ? overdraws(this, bytes)
                        : (!large || waiting.isEmpty()) && fits(bytes, large);
            }
            if (taken) {
                hold(bytes);
            }
            return taken;
        }

        /**
         * Waits for bytes. They are reserved when {@code admitted} is run: it must call {@link #hold}, or
         * {@link #refuse} if they are not needed any more.
         */
        public void await(long bytes, boolean large, Runnable admitted) {
            Ticket ticket = new Ticket(this, bytes, large, admitted);
            synchronized (Admission.this) {
                if (large) {
                    waiting.addLast(ticket);
                } else {
                    waiting.addFirst(ticket);
                }
                contended = true;
            }
            serveWaiting();
        }

        /** Counts bytes that {@link #await} has reserved. */
        public void hold(long bytes) {
            HELD.addAndGet(this, bytes);
        }

        /** Gives back bytes that {@link #await} has reserved. */
        public void refuse(long bytes) {
            budget.release(bytes);
            settle();
        }

        /** Gives bytes back. */
        public void release(long bytes) {
            HELD.addAndGet(this, -bytes);
            budget.release(bytes);
            settle();
        }

        /** Gives all back but so many bytes, so that another holder may go beyond the limit. */
        public void shrink(long bytes) {
            long less = held - bytes;
            if (less <= 0) {
                return;
            }
            HELD.addAndGet(this, -less);
            budget.release(less);
            synchronized (Admission.this) {
                if (overdrawn == this) {
                    overdrawn = null;
                }
            }
            serveWaiting();
        }

        /** Waits for nothing any more; what is held stays so until it is released. */
        public void leave() {
            endProgress();
            if (contended) {
                synchronized (Admission.this) {
                    waiting.removeIf(ticket -> ticket.claim() == this);
                    contended = !waiting.isEmpty();
                }
                serveWaiting();
            }
        }

        private void settle() {
            if (!contended && overdrawn != this) {
                return;
            }
            synchronized (Admission.this) {
                if (overdrawn == this && held == 0) {
                    overdrawn = null;
                }
            }
            serveWaiting();
        }
    }
}

package io.gregor.broker.net;

import io.gregor.broker.memory.Admission;
import io.gregor.broker.memory.Admission.Claim;
import io.gregor.wire.message.ApiKey;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The memory that a connection's next request is going to take on the heap. Confined to the connection's loop. A
 * request that takes more than all requests may have together is admitted when there is no other like it; one that
 * would take most of the heap is not admitted at all.
 */
final class RequestMemory {
    /** What fewer elements take is not counted. */
    static final int COUNTED_ELEMENTS = 64;

    /** What a smaller request takes is not counted. */
    private static final int COUNTED_BYTES = 4096;

    /** What an element of a request's arrays takes on the heap, with its part of the answer. */
    private static final long ELEMENT_BYTES = 112;

    /** The same of a Fetch, with what is looked up and planned for each partition. */
    private static final long FETCH_ELEMENT_BYTES = 512;

    /** The same of a Produce, with the batch, and the place where each partition is looked up. */
    private static final long PRODUCE_ELEMENT_BYTES = 320;

    /**
     * What an array takes beside its elements: the lists and maps of a topic or a resource, in the request, its
     * handling and its answer, are larger than a few elements.
     */
    private static final long ARRAY_BYTES = 256;

    /** Those of which each element is read when its turn comes, and forgotten. */
    private static final Set<ApiKey> WITHOUT_LISTS = EnumSet.of(ApiKey.ALTER_CLIENT_QUOTAS, ApiKey.WRITE_TXN_MARKERS);

    private final Admission admission;
    private final Executor loop;
    private final Runnable evict;
    private final Runnable admitted;
    private @Nullable Claim next;
    private boolean waiting;
    private boolean closed;

    /**
     * @param evict run on the loop when a request has held its memory for too long
     * @param admitted run on the loop when a request that had to wait may begin
     */
    RequestMemory(Admission admission, Executor loop, Runnable evict, Runnable admitted) {
        this.admission = admission;
        this.loop = loop;
        this.evict = evict;
        this.admitted = admitted;
    }

    /** What a request of so many bytes takes that is copied. */
    static long ofFrame(int size) {
        return size < COUNTED_BYTES ? 0 : 2L * size;
    }

    /** What a request's arrays take. */
    static long ofArrays(long arrays, long elements, ApiKey api) {
        long ofLists = WITHOUT_LISTS.contains(api) ? 0 : arrays * ARRAY_BYTES;
        long ofElement = switch (api) {
            case FETCH -> FETCH_ELEMENT_BYTES;
            case PRODUCE -> PRODUCE_ELEMENT_BYTES;
            default -> ELEMENT_BYTES;
        };
        return ofLists + elements * ofElement;
    }

    /** Whether a request takes more than the process has, even when there is no other. */
    boolean isTooMuch(long bytes) {
        return admission.isTooMuch(bytes);
    }

    /** Reserves so many bytes for the next request, or has it wait for them. */
    boolean admits(long bytes) {
        if (waiting) {
            return false;
        }
        if (bytes == 0) {
            return true;
        }
        Claim claim = next;
        if (claim == null) {
            claim = admission.claim(() -> loop.execute(evict));
            next = claim;
        }
        long more = bytes - claim.held();
        if (more <= 0 || claim.tryTake(more, true)) {
            return true;
        }
        // Whoever waited with some of the memory might wait for one that does the same.
        claim.release(claim.held());
        waiting = true;
        Claim waits = claim;
        claim.await(bytes, true, () -> loop.execute(() -> admitted(waits, bytes)));
        return !waiting;
    }

    private void admitted(Claim claim, long bytes) {
        waiting = false;
        if (closed) {
            claim.refuse(bytes);
            return;
        }
        claim.hold(bytes);
        admitted.run();
    }

    /** The request begins: what was reserved is its own from now on; null if it needs nothing. */
    @Nullable
    Claim take() {
        Claim claim = next;
        next = null;
        if (claim != null) {
            claim.beginProgress();
        }
        return claim;
    }

    /** There is no next request. */
    void close() {
        closed = true;
        Claim claim = next;
        if (claim != null) {
            next = null;
            claim.leave();
            claim.release(claim.held());
        }
    }
}

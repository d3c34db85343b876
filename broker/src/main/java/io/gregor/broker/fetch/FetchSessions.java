package io.gregor.broker.fetch;

import io.gregor.wire.ByteBudget;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.FetchRequest;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * The fetch sessions of all clients. Guarded by its own lock. At most so many as
 * {@code max.incremental.fetch.session.cache.slots} says, and as have room in memory: if there is none, a session gives
 * way that was not used for two minutes, or one of fewer partitions that had been there for two minutes (KIP-227);
 * otherwise the client gets no session, and goes on without. One that finds no room for more partitions is forgotten.
 */
public final class FetchSessions {
    /**
     * What a request fetches.
     *
     * @param session the partitions; one that is new is known to {@link FetchSessions} only once it is admitted
     * @param kind how the request goes on
     */
    public record Context(FetchSession session, Kind kind, ErrorCode error) {
        static Context refused(ErrorCode error) {
            return new Context(new FetchSession(false), Kind.SESSIONLESS, error);
        }

        /** Whether all partitions are answered, or those only that have changed. */
        public boolean isFull() {
            return kind != Kind.INCREMENTAL;
        }
    }

    /** Whether a request stands alone, begins a session, or goes on with one. */
    public enum Kind {
        SESSIONLESS,
        BEGINS_SESSION,
        INCREMENTAL
    }

    private static final int FIRST_EPOCH = 0;
    private static final int LAST_EPOCH = -1;
    private static final int FIRST_VERSION_WITH_TOPIC_IDS = 13;
    private static final long EVICTABLE_AFTER_MS = 120_000;

    private final int slots;
    private final ByteBudget memory;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final Map<Integer, Kept> sessions = new HashMap<>();

    /** A session, and what it has of the memory. */
    private record Kept(FetchSession session, long bytes) {}

    /** @param memory for all sessions */
    public FetchSessions(int slots, ByteBudget memory, InstantSource clock, RandomGenerator random) {
        this.slots = slots;
        this.memory = memory;
        this.clock = clock;
        this.random = random;
    }

    /** Error precedence: FETCH_SESSION_ID_NOT_FOUND, INVALID_FETCH_SESSION_EPOCH, FETCH_SESSION_TOPIC_ID_ERROR. */
    public synchronized Context begin(FetchRequest request, short version) {
        boolean topicIds = version >= FIRST_VERSION_WITH_TOPIC_IDS;
        if (request.sessionEpoch() == FIRST_EPOCH || request.sessionEpoch() == LAST_EPOCH) {
            remove(request.sessionId());
            boolean begins = request.sessionEpoch() == FIRST_EPOCH;
            return full(request, topicIds, begins ? Kind.BEGINS_SESSION : Kind.SESSIONLESS);
        }
        Kept kept = sessions.get(request.sessionId());
        if (kept == null) {
            return Context.refused(ErrorCode.FETCH_SESSION_ID_NOT_FOUND);
        }
        FetchSession session = kept.session();
        if (session.nextEpoch() != request.sessionEpoch()) {
            return Context.refused(ErrorCode.INVALID_FETCH_SESSION_EPOCH);
        }
        if (session.usesTopicIds() != topicIds) {
            return Context.refused(ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR);
        }
        session.update(request);
        if (session.size() == 0) {
            remove(session.id());
            return full(request, topicIds, Kind.SESSIONLESS);
        }
        long now = clock.millis();
        if (session.bytes() != kept.bytes()) {
            remove(session.id());
            if (!keep(session.id(), session, now)) {
                return Context.refused(ErrorCode.FETCH_SESSION_ID_NOT_FOUND);
            }
        }
        session.takeEpoch();
        session.used(now);
        return new Context(session, Kind.INCREMENTAL, ErrorCode.NONE);
    }

    /** A partition that is named twice is fetched once, as it is named last. What is forgotten does not count here. */
    private static Context full(FetchRequest request, boolean topicIds, Kind kind) {
        FetchSession session = new FetchSession(topicIds);
        session.want(request.topics());
        return new Context(session, kind, ErrorCode.NONE);
    }

    /** Keeps a session for the requests that follow, and gives it its id, if there is a slot and room for it. */
    public synchronized void admit(FetchSession session) {
        long now = clock.millis();
        int id;
        do {
            id = random.nextInt(1, Integer.MAX_VALUE);
        } while (sessions.containsKey(id));
        if (keep(id, session, now)) {
            session.begin(id, now);
        }
    }

    private boolean keep(int id, FetchSession session, long now) {
        long bytes = session.bytes();
        int size = session.size();
        if (sessions.size() >= slots && !evictOne(size, now)) {
            return false;
        }
        boolean reserved = memory.tryReserve(bytes);
        while (!reserved && evictOne(size, now)) {
            reserved = memory.tryReserve(bytes);
        }
        if (reserved) {
            sessions.put(id, new Kept(session, bytes));
        }
        return reserved;
    }

    private void remove(int id) {
        Kept removed = sessions.remove(id);
        if (removed != null) {
            memory.release(removed.bytes());
        }
    }

    /** For a session of so many partitions. */
    private boolean evictOne(int size, long now) {
        FetchSession oldest = null;
        FetchSession smallest = null;
        for (Kept kept : sessions.values()) {
            FetchSession session = kept.session();
            if (oldest == null || session.lastUsedMs() < oldest.lastUsedMs()) {
                oldest = session;
            }
            if (session.usedForMs() > EVICTABLE_AFTER_MS && (smallest == null || session.size() < smallest.size())) {
                smallest = session;
            }
        }
        if (oldest != null && now - oldest.lastUsedMs() > EVICTABLE_AFTER_MS) {
            remove(oldest.id());
            return true;
        }
        if (smallest != null && smallest.size() < size) {
            remove(smallest.id());
            return true;
        }
        return false;
    }
}

package io.gregor.broker.fetch;

import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.FetchRequest;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * The fetch sessions of all clients, at most so many as {@code max.incremental.fetch.session.cache.slots} says. Guarded
 * by its own lock. When all slots are taken, the one that was not used for the longest time gives way, if that is two
 * minutes; otherwise the client gets no session, and goes on without.
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
    private final InstantSource clock;
    private final RandomGenerator random;
    private final Map<Integer, FetchSession> sessions = new HashMap<>();

    public FetchSessions(int slots, InstantSource clock, RandomGenerator random) {
        this.slots = slots;
        this.clock = clock;
        this.random = random;
    }

    /** Error precedence: FETCH_SESSION_ID_NOT_FOUND, INVALID_FETCH_SESSION_EPOCH, FETCH_SESSION_TOPIC_ID_ERROR. */
    public synchronized Context begin(FetchRequest request, short version) {
        boolean topicIds = version >= FIRST_VERSION_WITH_TOPIC_IDS;
        if (request.sessionEpoch() == FIRST_EPOCH || request.sessionEpoch() == LAST_EPOCH) {
            sessions.remove(request.sessionId());
            boolean begins = request.sessionEpoch() == FIRST_EPOCH;
            return full(request, topicIds, begins ? Kind.BEGINS_SESSION : Kind.SESSIONLESS);
        }
        FetchSession session = sessions.get(request.sessionId());
        if (session == null) {
            return Context.refused(ErrorCode.FETCH_SESSION_ID_NOT_FOUND);
        }
        if (session.nextEpoch() != request.sessionEpoch()) {
            return Context.refused(ErrorCode.INVALID_FETCH_SESSION_EPOCH);
        }
        if (session.usesTopicIds() != topicIds) {
            return Context.refused(ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR);
        }
        session.update(request);
        if (session.isEmpty()) {
            sessions.remove(session.id());
            return full(request, topicIds, Kind.SESSIONLESS);
        }
        session.takeEpoch();
        session.used(clock.millis());
        return new Context(session, Kind.INCREMENTAL, ErrorCode.NONE);
    }

    /** A partition that is named twice is fetched once, as it is named last. What is forgotten does not count here. */
    private static Context full(FetchRequest request, boolean topicIds, Kind kind) {
        FetchSession session = new FetchSession(topicIds);
        session.want(request.topics());
        return new Context(session, kind, ErrorCode.NONE);
    }

    /** Keeps a session for the requests that follow, and gives it its id, if there is a slot for it. */
    public synchronized void admit(FetchSession session) {
        long now = clock.millis();
        if (sessions.size() >= slots && !evictOne(now)) {
            return;
        }
        int id;
        do {
            id = random.nextInt(1, Integer.MAX_VALUE);
        } while (sessions.containsKey(id));
        session.begin(id, now);
        sessions.put(id, session);
    }

    private boolean evictOne(long now) {
        FetchSession oldest = null;
        for (FetchSession session : sessions.values()) {
            if (oldest == null || session.lastUsedMs() < oldest.lastUsedMs()) {
                oldest = session;
            }
        }
        if (oldest == null || now - oldest.lastUsedMs() < EVICTABLE_AFTER_MS) {
            return false;
        }
        sessions.remove(oldest.id());
        return true;
    }
}

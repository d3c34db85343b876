package io.gregor.broker.fetch;

import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.FetchRequest;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The fetch sessions of all clients, at most so many as {@code max.incremental.fetch.session.cache.slots} says. Guarded
 * by its own lock. When all slots are taken, the one that was not used for the longest time gives way, if that is two
 * minutes; otherwise the client gets no session, and goes on without.
 */
public final class FetchSessions {
    /** What a request is: with which session, and whether that answers for all partitions or for the changed ones. */
    public record Context(@Nullable FetchSession session, boolean full, ErrorCode error) {
        static Context refused(ErrorCode error) {
            return new Context(null, true, error);
        }
    }

    private static final int NO_SESSION = 0;
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

    public synchronized Context begin(FetchRequest request, short version) {
        boolean topicIds = version >= FIRST_VERSION_WITH_TOPIC_IDS;
        if (request.sessionEpoch() == FIRST_EPOCH || request.sessionEpoch() == LAST_EPOCH) {
            sessions.remove(request.sessionId());
            boolean wantsSession =
                    request.sessionEpoch() == FIRST_EPOCH && !request.topics().isEmpty();
            FetchSession session = wantsSession ? create(topicIds) : null;
            if (session != null) {
                session.update(request);
            }
            return new Context(session, true, ErrorCode.NONE);
        }
        FetchSession session = sessions.get(request.sessionId());
        if (session == null) {
            return Context.refused(ErrorCode.FETCH_SESSION_ID_NOT_FOUND);
        }
        if (session.usesTopicIds() != topicIds) {
            return Context.refused(ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR);
        }
        if (!session.takeEpoch(request.sessionEpoch())) {
            return Context.refused(ErrorCode.INVALID_FETCH_SESSION_EPOCH);
        }
        session.update(request);
        session.used(clock.millis());
        if (session.isEmpty()) {
            sessions.remove(session.id());
            return new Context(null, true, ErrorCode.NONE);
        }
        return new Context(session, false, ErrorCode.NONE);
    }

    public synchronized void end(FetchSession session) {
        sessions.remove(session.id());
    }

    private @Nullable FetchSession create(boolean topicIds) {
        long now = clock.millis();
        if (sessions.size() >= slots && !evictOne(now)) {
            return null;
        }
        int id;
        do {
            id = random.nextInt(1, Integer.MAX_VALUE);
        } while (id == NO_SESSION || sessions.containsKey(id));
        FetchSession session = new FetchSession(id, topicIds);
        session.used(now);
        sessions.put(id, session);
        return session;
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

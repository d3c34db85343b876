package io.gregor.coordinator.runtime;

/** Runs operations later, on the shard's lane, and confined to it. At most one operation is scheduled under a key. */
public interface Timers {
    /** The times that a coordinator waits for. */
    enum Kind {
        /** All members of a classic group have to join. */
        GROUP_JOIN,
        /** All members of a classic group have to ask for their assignments. */
        GROUP_SYNC,
        /** A member of a classic group has to be heard of. */
        CLASSIC_SESSION,
        /** A member of a consumer group has to be heard of. */
        SESSION,
        /** A member of a consumer group has to give up partitions. */
        REVOCATION,
        /** A member of a consumer group that speaks the classic protocol has to join again. */
        JOIN,
        /** A member of a consumer group that speaks the classic protocol has to ask for its assignment. */
        SYNC,
        /** A transaction whose completion could not be stored has to be completed. */
        COMPLETION,
        /** Offsets have to be looked through further: at once, but others come before. */
        NEXT_OFFSETS
    }

    /**
     * The name of a timer: clients choose the ids, so nothing but their parts tells two timers apart. Immutable.
     *
     * @param ownerId the group, or the transactional id
     * @param memberId empty if the timer is that of the owner as a whole
     */
    record Key(Kind kind, String ownerId, String memberId) implements Comparable<Key> {
        /** Some order, so that ids of one hash value do not make look-ups slow. */
        @Override
        public int compareTo(Key that) {
            int byOwner = ownerId.compareTo(that.ownerId);
            int byMember = byOwner != 0 ? byOwner : memberId.compareTo(that.memberId);
            return byMember != 0 ? byMember : kind.compareTo(that.kind);
        }
    }

    /** Replaces what was scheduled under the same key. */
    void schedule(Key key, long delayMs, Runnable operation);

    boolean isScheduled(Key key);

    /** Nothing happens if nothing is scheduled under that key. */
    void cancel(Key key);
}

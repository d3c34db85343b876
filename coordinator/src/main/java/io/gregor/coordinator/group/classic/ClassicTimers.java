package io.gregor.coordinator.group.classic;

import io.gregor.coordinator.runtime.Timers;
import io.gregor.coordinator.runtime.Timers.Key;
import io.gregor.coordinator.runtime.Timers.Kind;
import java.util.function.BiConsumer;

/**
 * The time limits of classic groups and their members. Confined to the shard's lane. A member is late when it was not
 * heard of for its session timeout, but for the time that it waits for an answer.
 */
final class ClassicTimers {
    /** How long a member may wait for its first join before it counts as gone: Kafka's constant. */
    private static final int NEW_MEMBER_TIMEOUT_MS = 5 * 60 * 1000;

    private final Timers timers;
    private final BiConsumer<ClassicGroup, ClassicMember> late;

    /** @param late called with a member that is late */
    ClassicTimers(Timers timers, BiConsumer<ClassicGroup, ClassicMember> late) {
        this.timers = timers;
        this.late = late;
    }

    private static Key join(ClassicGroup group) {
        return new Key(Kind.GROUP_JOIN, group.id(), "");
    }

    private static Key sync(ClassicGroup group) {
        return new Key(Kind.GROUP_SYNC, group.id(), "");
    }

    private static Key session(ClassicGroup group, String memberId) {
        return new Key(Kind.CLASSIC_SESSION, group.id(), memberId);
    }

    /** All members of the group have to join until then. */
    void expectJoins(ClassicGroup group, int delayMs, Runnable end) {
        timers.schedule(join(group), delayMs, end);
    }

    void cancelJoins(ClassicGroup group) {
        timers.cancel(join(group));
    }

    /** All members of the group have to ask for their assignments until then. */
    void expectSyncs(ClassicGroup group, int delayMs, Runnable end) {
        timers.schedule(sync(group), delayMs, end);
    }

    void cancelSyncs(ClassicGroup group) {
        timers.cancel(sync(group));
    }

    /** Gives the member its session timeout from now on, or a longer time while it waits for its first join. */
    void expectHeartbeat(ClassicGroup group, ClassicMember member) {
        int timeoutMs = member.isNew() ? NEW_MEMBER_TIMEOUT_MS : member.sessionTimeoutMs();
        timers.schedule(session(group, member.id()), timeoutMs, () -> heartbeatMissed(group, member));
    }

    private void heartbeatMissed(ClassicGroup group, ClassicMember member) {
        if (group.member(member.id()) != member) {
            return;
        }
        if (!member.isNew() && (member.isAwaitingJoin() || member.isAwaitingSync())) {
            expectHeartbeat(group, member);
            return;
        }
        late.accept(group, member);
    }

    /** A member that was told its id has to join with it until then. */
    void expectSecondJoin(ClassicGroup group, String memberId, int timeoutMs, Runnable end) {
        timers.schedule(session(group, memberId), timeoutMs, end);
    }

    /** Nobody waits for that member any more. */
    void forget(ClassicGroup group, String memberId) {
        timers.cancel(session(group, memberId));
    }
}

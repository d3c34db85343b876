package io.gregor.coordinator.group.consumer;

import io.gregor.coordinator.runtime.Timers;
import io.gregor.coordinator.runtime.Timers.Key;
import io.gregor.coordinator.runtime.Timers.Kind;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The times within which members of consumer groups must be heard of; who is late is fenced. */
public final class ConsumerTimers {
    private static final List<Kind> KINDS = List.of(Kind.SESSION, Kind.REVOCATION, Kind.JOIN, Kind.SYNC);
    private static final Logger LOG = LoggerFactory.getLogger(ConsumerTimers.class);

    private final Timers timers;
    private final ConsumerGroupConfig config;
    private final Function<String, @Nullable ConsumerGroup> groups;
    private final Fence fence;

    /** Called with a member that is late. */
    interface Fence {
        void late(ConsumerGroup group, ConsumerMember member, Key limit);
    }

    /** @param groups finds the consumer group of an id, or null */
    ConsumerTimers(
            Timers timers, ConsumerGroupConfig config, Function<String, @Nullable ConsumerGroup> groups, Fence fence) {
        this.timers = timers;
        this.config = config;
        this.groups = groups;
        this.fence = fence;
    }

    /** The member has shown that it lives. */
    public void expectHeartbeat(String groupId, ConsumerMember member) {
        int timeoutMs = member.isClassic() ? member.classicSessionTimeoutMs() : config.sessionTimeoutMs(groupId);
        fenceLater(new Key(Kind.SESSION, groupId, member.id()), timeoutMs, still -> true);
    }

    /** The coordinator has just been loaded: all time limits begin again. */
    void resume(String groupId, ConsumerMember member) {
        expectHeartbeat(groupId, member);
        if (member.standing().state() == ConsumerMember.State.UNREVOKED_PARTITIONS) {
            expectRevocation(groupId, member);
        }
    }

    /** The member has to give up partitions before it can go on to another epoch. */
    void expectRevocation(String groupId, ConsumerMember member) {
        int epoch = member.epoch();
        fenceLater(
                new Key(Kind.REVOCATION, groupId, member.id()),
                member.profile().rebalanceTimeoutMs(),
                still -> still.epoch() == epoch);
    }

    void revoked(String groupId, String memberId) {
        timers.cancel(new Key(Kind.REVOCATION, groupId, memberId));
    }

    /** A member of the classic protocol was told to join again. */
    public void expectJoin(String groupId, ConsumerMember member) {
        Key key = new Key(Kind.JOIN, groupId, member.id());
        if (!timers.isScheduled(key)) {
            fenceLater(key, member.profile().rebalanceTimeoutMs(), still -> true);
        }
    }

    /** A member of the classic protocol has joined, and has to ask for its assignment now. */
    public void joined(String groupId, ConsumerMember member) {
        timers.cancel(new Key(Kind.JOIN, groupId, member.id()));
        expectHeartbeat(groupId, member);
        fenceLater(new Key(Kind.SYNC, groupId, member.id()), member.profile().rebalanceTimeoutMs(), still -> true);
    }

    public void synced(String groupId, ConsumerMember member) {
        timers.cancel(new Key(Kind.SYNC, groupId, member.id()));
        expectHeartbeat(groupId, member);
    }

    void forget(String groupId, String memberId) {
        for (Kind kind : KINDS) {
            timers.cancel(new Key(kind, groupId, memberId));
        }
    }

    /** Forgets the members that the group has now: to be run when its records, and so its members, are gone. */
    public Runnable forgettingAll(ConsumerGroup group) {
        List<String> memberIds = List.copyOf(group.members().keySet());
        return () -> memberIds.forEach(memberId -> forget(group.id(), memberId));
    }

    private void fenceLater(Key key, int delayMs, Predicate<ConsumerMember> ifStill) {
        timers.schedule(key, delayMs, () -> {
            ConsumerGroup group = groups.apply(key.ownerId());
            ConsumerMember member = group == null ? null : group.member(key.memberId());
            if (group != null && member != null && ifStill.test(member)) {
                LOG.info("A member is fenced: it was not heard of in time ({})", key);
                fence.late(group, member, key);
            }
        });
    }
}

package io.gregor.coordinator;

import java.util.Set;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The times within which members of consumer groups must be heard of; who is late is fenced. */
final class ConsumerTimers {
    private static final Logger LOG = LoggerFactory.getLogger(ConsumerTimers.class);

    private final GroupShard shard;

    ConsumerTimers(GroupShard shard) {
        this.shard = shard;
    }

    private static String key(String what, String groupId, String memberId) {
        return what + " " + groupId + " " + memberId;
    }

    /** The member has shown that it lives. */
    void expectHeartbeat(String groupId, ConsumerMember member) {
        int timeoutMs = member.isClassic()
                ? member.classicSessionTimeoutMs()
                : shard.config().consumer().sessionTimeoutMs(groupId);
        fenceLater(key("session", groupId, member.id()), timeoutMs, groupId, member.id(), still -> true);
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
                key("revocation", groupId, member.id()),
                member.profile().rebalanceTimeoutMs(),
                groupId,
                member.id(),
                still -> still.epoch() == epoch);
    }

    void revoked(String groupId, String memberId) {
        shard.timers().cancel(key("revocation", groupId, memberId));
    }

    /** A member of the classic protocol was told to join again. */
    void expectJoin(String groupId, ConsumerMember member) {
        String key = key("join", groupId, member.id());
        if (!shard.timers().isScheduled(key)) {
            fenceLater(key, member.profile().rebalanceTimeoutMs(), groupId, member.id(), still -> true);
        }
    }

    /** A member of the classic protocol has joined, and has to ask for its assignment now. */
    void joined(String groupId, ConsumerMember member) {
        shard.timers().cancel(key("join", groupId, member.id()));
        expectHeartbeat(groupId, member);
        fenceLater(
                key("sync", groupId, member.id()),
                member.profile().rebalanceTimeoutMs(),
                groupId,
                member.id(),
                still -> true);
    }

    void synced(String groupId, ConsumerMember member) {
        shard.timers().cancel(key("sync", groupId, member.id()));
        expectHeartbeat(groupId, member);
    }

    void forget(String groupId, String memberId) {
        for (String what : Set.of("session", "revocation", "join", "sync")) {
            shard.timers().cancel(key(what, groupId, memberId));
        }
    }

    private void fenceLater(
            String key, int delayMs, String groupId, String memberId, Predicate<ConsumerMember> ifStill) {
        shard.timers().schedule(key, delayMs, () -> {
            ConsumerGroup group = shard.consumerGroup(groupId);
            ConsumerMember member = group == null ? null : group.member(memberId);
            if (group != null && member != null && ifStill.test(member)) {
                LOG.info("Member {} of group {} is fenced: it was not heard of in time ({})", memberId, groupId, key);
                new ConsumerDeparture(shard)
                        .fence(group, Set.of(member), stored -> LOG.debug("Fenced {}: {}", memberId, stored));
            }
        });
    }
}

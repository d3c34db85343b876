package io.gregor.coordinator.group.classic;

import io.gregor.coordinator.group.GroupStore;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.JoinGroupResponse;
import io.gregor.wire.message.SyncGroupResponse;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a classic group gets from one generation to the next: waits for the members to join, begins the generation, waits
 * for their syncs, and drops who does not show up. Confined to the shard's lane; holds no state but the shard's.
 */
public final class Rebalance {
    private static final Logger LOG = LoggerFactory.getLogger(Rebalance.class);

    private final GroupStore store;
    private final ClassicGroupConfig config;
    private final ClassicTimers timers;

    Rebalance(GroupStore store, ClassicGroupConfig config) {
        this.store = store;
        this.config = config;
        this.timers = new ClassicTimers(store.timers(), this::expire);
    }

    /**
     * Begins a rebalance, unless one is being prepared: then looks whether it can complete.
     *
     * @param reason why, for the log
     */
    public void request(ClassicGroup group, String reason) {
        if (group.is(GroupState.PREPARING_REBALANCE)) {
            completeIfAllJoined(group);
            return;
        }
        if (group.is(GroupState.COMPLETING_REBALANCE)) {
            answerSyncs(group, ErrorCode.REBALANCE_IN_PROGRESS);
            timers.cancelSyncs(group);
        }
        LOG.info("Group {} rebalances after generation {}: {}", group.id(), group.generation(), reason);
        boolean first = group.is(GroupState.EMPTY);
        group.enter(GroupState.PREPARING_REBALANCE, store.nowMs());
        int delay = config.initialRebalanceDelayMs();
        if (first) {
            waitForMore(group, delay, Math.max(group.rebalanceTimeoutMs() - delay, 0));
            return;
        }
        if (!completeIfAllJoined(group)) {
            timers.expectJoins(group, group.rebalanceTimeoutMs(), () -> completeJoin(group));
        }
    }

    /** The first rebalance of a group waits while members keep coming, up to the rebalance timeout. */
    private void waitForMore(ClassicGroup group, int delayMs, int remainingMs) {
        timers.expectJoins(group, delayMs, () -> {
            if (group.takeNewMemberAdded() && remainingMs > 0) {
                int next = Math.min(config.initialRebalanceDelayMs(), remainingMs);
                waitForMore(group, next, Math.max(remainingMs - next, 0));
            } else {
                completeJoin(group);
            }
        });
    }

    private boolean completeIfAllJoined(ClassicGroup group) {
        if (group.previousState() == GroupState.EMPTY || !group.haveAllJoined()) {
            return false;
        }
        completeJoin(group);
        return true;
    }

    private void completeJoin(ClassicGroup group) {
        if (!group.is(GroupState.PREPARING_REBALANCE)) {
            return;
        }
        timers.cancelJoins(group);
        List<ClassicMember> gone = group.members().stream()
                .filter(member -> !member.isAwaitingJoin() && !member.isStatic())
                .toList();
        gone.forEach(member -> {
            LOG.info("Member {} of group {} is removed: it did not join again in time", member.id(), group.id());
            forget(group, member);
        });
        long tookMs = store.nowMs() - group.stateSinceMs();
        if (!group.members().isEmpty() && !group.hasJoinedLeader()) {
            timers.expectJoins(group, group.rebalanceTimeoutMs(), () -> completeJoin(group));
            return;
        }
        group.nextGeneration(store.nowMs());
        if (group.members().isEmpty()) {
            LOG.info("Group {} has no members any more, in generation {}", group.id(), group.generation());
            store.journal().append(List.of(group.record()), stored -> {});
            return;
        }
        LOG.info(
                "Group {} begins generation {} after {} ms, members: {}, of which {} assigns",
                group.id(),
                group.generation(),
                tookMs,
                group.members().size(),
                group.leaderId());
        for (ClassicMember member : new ArrayList<>(group.members())) {
            member.isNew(false);
            group.pendingSync().add(member.id());
            member.answerJoin(joined(group, member));
            expectHeartbeat(group, member);
        }
        int generation = group.generation();
        timers.expectSyncs(group, group.rebalanceTimeoutMs(), () -> expireSyncs(group, generation));
    }

    /** What a member of the present generation is told; the leader learns of all members. */
    JoinGroupResponse joined(ClassicGroup group, ClassicMember member) {
        List<JoinGroupResponse.JoinGroupResponseMember> members = new ArrayList<>();
        if (group.isLeader(member)) {
            for (ClassicMember other : group.members()) {
                members.add(new JoinGroupResponse.JoinGroupResponseMember()
                        .memberId(other.id())
                        .groupInstanceId(other.instanceId())
                        .metadata(other.metadata(group.protocolName())));
            }
        }
        return new JoinGroupResponse()
                .generationId(group.generation())
                .protocolType(group.protocolType())
                .protocolName(group.protocolName())
                .leader(group.leaderId() == null ? "" : group.leaderId())
                .memberId(member.id())
                .members(members);
    }

    private void expireSyncs(ClassicGroup group, int generation) {
        boolean waiting = group.generation() == generation
                && (group.is(GroupState.COMPLETING_REBALANCE) || group.is(GroupState.STABLE));
        if (!waiting || group.pendingSync().isEmpty()) {
            return;
        }
        for (String memberId : List.copyOf(group.pendingSync())) {
            ClassicMember member = group.member(memberId);
            if (member != null) {
                LOG.info("Member {} of group {} is removed: it did not sync in time", memberId, group.id());
                forget(group, member);
            }
        }
        request(group, "members did not sync in time");
    }

    /** A member has asked for its assignment. */
    void synced(ClassicGroup group, ClassicMember member) {
        group.pendingSync().remove(member.id());
        if (group.pendingSync().isEmpty()) {
            timers.cancelSyncs(group);
        }
    }

    /** Answers all syncs that wait: with the assignments, or with an error and no assignment. */
    void answerSyncs(ClassicGroup group, ErrorCode error) {
        for (ClassicMember member : new ArrayList<>(group.members())) {
            if (error != ErrorCode.NONE) {
                member.assignment(new byte[0]);
            }
            boolean waited = member.isAwaitingSync();
            member.answerSync(synced(group, member, error));
            if (waited) {
                expectHeartbeat(group, member);
            }
        }
    }

    SyncGroupResponse synced(ClassicGroup group, ClassicMember member, ErrorCode error) {
        return new SyncGroupResponse()
                .errorCode(error.code())
                .protocolType(error == ErrorCode.NONE ? group.protocolType() : null)
                .protocolName(error == ErrorCode.NONE ? group.protocolName() : null)
                .assignment(error == ErrorCode.NONE ? member.assignment() : new byte[0]);
    }

    /** Somebody else has taken the place of a static member: whatever it waits for, it is told so. */
    void fence(ClassicGroup group, ClassicMember old) {
        timers.forget(group, old.id());
        old.answerJoin(JoinRefusal.of(old.id(), ErrorCode.FENCED_INSTANCE_ID));
        old.answerSync(synced(group, old, ErrorCode.FENCED_INSTANCE_ID));
    }

    /** The member has shown that it lives. */
    public void expectHeartbeat(ClassicGroup group, ClassicMember member) {
        timers.expectHeartbeat(group, member);
    }

    /** Keeps a place for a member that was told its id and has to join again with it. */
    void expectSecondJoin(ClassicGroup group, String memberId, int sessionTimeoutMs) {
        group.addPending(memberId);
        timers.expectSecondJoin(group, memberId, sessionTimeoutMs, () -> {
            group.removePending(memberId);
            if (group.is(GroupState.PREPARING_REBALANCE)) {
                completeIfAllJoined(group);
            }
        });
    }

    void cancelSecondJoin(ClassicGroup group, String memberId) {
        timers.forget(group, memberId);
        group.removePending(memberId);
    }

    private void expire(ClassicGroup group, ClassicMember member) {
        remove(group, member, "it was not heard of in time");
    }

    /**
     * Takes a member out of the group, and lets the others share what it had.
     *
     * @param reason why, for the log
     */
    void remove(ClassicGroup group, ClassicMember member, String reason) {
        LOG.info(
                "Member {} of group {} is removed: {} (client id {} at {})",
                member.id(),
                group.id(),
                reason,
                member.clientId(),
                member.clientHost());
        forget(group, member);
        switch (group.state()) {
            case STABLE, COMPLETING_REBALANCE -> request(group, "member " + member.id() + " is gone");
            case PREPARING_REBALANCE -> completeIfAllJoined(group);
            case EMPTY, DEAD -> {}
        }
    }

    private void forget(ClassicGroup group, ClassicMember member) {
        timers.forget(group, member.id());
        group.remove(member);
        member.answerJoin(JoinRefusal.of(member.id(), ErrorCode.UNKNOWN_MEMBER_ID));
        member.answerSync(new SyncGroupResponse().errorCode(ErrorCode.UNKNOWN_MEMBER_ID.code()));
    }

    /** The group is no more: whoever waits has to join again. */
    public void abandon(ClassicGroup group) {
        timers.cancelJoins(group);
        timers.cancelSyncs(group);
        group.pendingMembers().forEach(memberId -> timers.forget(group, memberId));
        group.enter(GroupState.DEAD, store.nowMs());
        for (ClassicMember member : group.members()) {
            timers.forget(group, member.id());
            member.answerJoin(JoinRefusal.of(member.id(), ErrorCode.REBALANCE_IN_PROGRESS));
            member.answerSync(synced(group, member, ErrorCode.REBALANCE_IN_PROGRESS));
        }
    }
}

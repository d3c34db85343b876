package io.gregor.coordinator.group.classic;

import io.gregor.coordinator.runtime.Client;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.JoinGroupRequest;
import io.gregor.wire.message.JoinGroupResponse;
import java.util.List;
import java.util.function.Consumer;

/**
 * A client joins a classic group, or joins again for the next generation. Answered when the generation begins.
 *
 * <p>Version 1: rebalance timeout. 4: a new member is first told its id (MEMBER_ID_REQUIRED, KIP-394). 5: static
 * members (KIP-345). 7: the protocol type comes back. 9: the leader may be told to skip the assignment (KIP-814).
 *
 * <p>Error precedence: INVALID_GROUP_ID, INVALID_SESSION_TIMEOUT, GROUP_MAX_SIZE_REACHED where the member does not fit
 * into memory, UNKNOWN_MEMBER_ID, GROUP_MAX_SIZE_REACHED,
 * INCONSISTENT_GROUP_PROTOCOL, FENCED_INSTANCE_ID, MEMBER_ID_REQUIRED.
 */
public final class JoinGroup {
    public static final int FIRST_VERSION_WITH_REQUIRED_ID = 4;
    private static final int FIRST_VERSION_WITH_SKIPPED_ASSIGNMENT = 9;

    private final ClassicGroups groups;
    private final Rebalance rebalance;

    public JoinGroup(ClassicGroups groups) {
        this.groups = groups;
        this.rebalance = groups.rebalance();
    }

    public void handle(Client client, JoinGroupRequest request, Consumer<JoinGroupResponse> reply) {
        ErrorCode refused = check(request);
        if (refused != ErrorCode.NONE) {
            reply.accept(JoinRefusal.of(request.memberId(), refused));
            return;
        }
        long growth = growth(client, request);
        if (!groups.store().memory().reserve(growth)) {
            reply.accept(JoinRefusal.of(request.memberId(), ErrorCode.GROUP_MAX_SIZE_REACHED));
            return;
        }
        try {
            ErrorCode error = joinUnlessRefused(client, request, reply);
            if (error != ErrorCode.NONE) {
                reply.accept(JoinRefusal.of(request.memberId(), error));
            }
        } finally {
            groups.store().memory().unreserve(growth);
        }
    }

    /** How many bytes more the group takes with what the client says, at most. */
    private long growth(Client client, JoinGroupRequest request) {
        ClassicGroup group = groups.find(request.groupId());
        ClassicMember known = group == null ? null : group.member(request.memberId());
        if (known != null) {
            return ClassicMember.bytes(request.protocols()) - ClassicMember.bytes(known.protocols());
        }
        long growth = group == null ? ClassicGroup.bytes(request.groupId()) : 0;
        String instanceId = request.groupInstanceId();
        String memberId = request.memberId().isEmpty() && instanceId == null ? client.clientId() : request.memberId();
        return growth + member(memberId, client, request).bytes();
    }

    /** NONE, INVALID_GROUP_ID or INVALID_SESSION_TIMEOUT: the same for groups of every type. */
    public ErrorCode check(JoinGroupRequest request) {
        if (request.groupId().isEmpty()) {
            return ErrorCode.INVALID_GROUP_ID;
        }
        int session = request.sessionTimeoutMs();
        boolean allowed = session >= groups.config().minSessionTimeoutMs()
                && session <= groups.config().maxSessionTimeoutMs();
        return allowed ? ErrorCode.NONE : ErrorCode.INVALID_SESSION_TIMEOUT;
    }

    /** An error, or NONE if the reply has been taken care of. */
    private ErrorCode joinUnlessRefused(Client client, JoinGroupRequest request, Consumer<JoinGroupResponse> reply) {
        boolean unknown = request.memberId().isEmpty();
        if (groups.find(request.groupId()) == null) {
            ErrorCode refused = unknown ? groups.create(request.groupId()) : ErrorCode.UNKNOWN_MEMBER_ID;
            if (refused != ErrorCode.NONE) {
                return refused;
            }
        }
        ClassicGroup group = groups.findOrNew(request.groupId());
        if (!hasRoom(group, request.memberId())) {
            return ErrorCode.GROUP_MAX_SIZE_REACHED;
        }
        if (!group.supports(request.protocolType(), request.protocols())) {
            return ErrorCode.INCONSISTENT_GROUP_PROTOCOL;
        }
        return unknown ? joinAsNew(group, client, request, reply) : joinAgain(group, client, request, reply);
    }

    private boolean hasRoom(ClassicGroup group, String memberId) {
        if (group.member(memberId) != null && group.is(GroupState.STABLE)) {
            return true;
        }
        boolean counted =
                group.member(memberId) != null || group.pendingMembers().contains(memberId);
        int size = group.members().size() + group.pendingMembers().size();
        return size + (counted ? 0 : 1) <= groups.config().maxSize();
    }

    private ErrorCode joinAsNew(
            ClassicGroup group, Client client, JoinGroupRequest request, Consumer<JoinGroupResponse> reply) {
        String instanceId = request.groupInstanceId();
        String memberId = groups.newMemberId(instanceId == null ? client.clientId() : instanceId);
        ClassicMember old = group.staticMember(instanceId);
        if (old != null) {
            comeBack(group, old, memberId, client, request, reply);
            return ErrorCode.NONE;
        }
        if (instanceId != null) {
            add(group, memberId, client, request, reply);
            return ErrorCode.NONE;
        }
        if (client.version() >= FIRST_VERSION_WITH_REQUIRED_ID) {
            rebalance.expectSecondJoin(group, memberId, request.sessionTimeoutMs());
            reply.accept(JoinRefusal.of(memberId, ErrorCode.MEMBER_ID_REQUIRED));
            return ErrorCode.NONE;
        }
        add(group, memberId, client, request, reply);
        return ErrorCode.NONE;
    }

    /**
     * A static member comes back without its id and takes its old place. In a stable group whose protocol stays the
     * same nobody else notices: it goes on with the assignment that it had (KIP-345), and if it leads it is told not
     * to assign (KIP-814).
     */
    private void comeBack(
            ClassicGroup group,
            ClassicMember old,
            String memberId,
            Client client,
            JoinGroupRequest request,
            Consumer<JoinGroupResponse> reply) {
        String leaderBefore = group.leaderId();
        rebalance.fence(group, old);
        ClassicMember member = old.returned(memberId);
        group.replace(old, member);
        member.update(rebalanceTimeout(request), request.sessionTimeoutMs(), request.protocols());
        rebalance.expectHeartbeat(group, member);
        if (!group.is(GroupState.STABLE) || !group.wouldKeepProtocol()) {
            member.awaitJoin(reply);
            rebalance.request(group, "static member " + member.instanceId() + " came back as " + memberId);
            return;
        }
        groups.store().journal().append(List.of(group.record()), stored -> {
            if (stored != ErrorCode.NONE) {
                reply.accept(JoinRefusal.of(memberId, stored));
                return;
            }
            boolean skips = client.version() >= FIRST_VERSION_WITH_SKIPPED_ASSIGNMENT;
            JoinGroupResponse response = rebalance.joined(group, member);
            if (skips) {
                reply.accept(response.skipAssignment(group.isLeader(member)));
            } else {
                // An old client must not think that it leads: then it would assign.
                reply.accept(response.members(List.of()).leader(leaderBefore == null ? "" : leaderBefore));
            }
        });
    }

    private ErrorCode joinAgain(
            ClassicGroup group, Client client, JoinGroupRequest request, Consumer<JoinGroupResponse> reply) {
        if (group.pendingMembers().contains(request.memberId())) {
            rebalance.cancelSecondJoin(group, request.memberId());
            add(group, request.memberId(), client, request, reply);
            return ErrorCode.NONE;
        }
        ErrorCode error = group.check(request.memberId(), request.groupInstanceId());
        ClassicMember member = group.member(request.memberId());
        if (error != ErrorCode.NONE || member == null) {
            return error;
        }
        boolean same = member.offersTheSame(request.protocols());
        switch (group.state()) {
            case PREPARING_REBALANCE -> update(group, member, request, reply);
            case COMPLETING_REBALANCE -> {
                if (same) {
                    reply.accept(rebalance.joined(group, member));
                } else {
                    update(group, member, request, reply);
                }
            }
            case STABLE -> {
                if (same && !group.isLeader(member)) {
                    reply.accept(rebalance.joined(group, member));
                } else {
                    update(group, member, request, reply);
                }
            }
            case EMPTY, DEAD -> {
                return ErrorCode.UNKNOWN_MEMBER_ID;
            }
        }
        return ErrorCode.NONE;
    }

    private void update(
            ClassicGroup group, ClassicMember member, JoinGroupRequest request, Consumer<JoinGroupResponse> reply) {
        member.update(rebalanceTimeout(request), request.sessionTimeoutMs(), request.protocols());
        member.answerJoin(JoinRefusal.of(member.id(), ErrorCode.REBALANCE_IN_PROGRESS));
        member.awaitJoin(reply);
        rebalance.request(group, "member " + member.id() + " joins again" + because(request));
    }

    private void add(
            ClassicGroup group,
            String memberId,
            Client client,
            JoinGroupRequest request,
            Consumer<JoinGroupResponse> reply) {
        ClassicMember member = member(memberId, client, request);
        member.isNew(true);
        member.awaitJoin(reply);
        if (group.is(GroupState.PREPARING_REBALANCE) && group.generation() == 0) {
            group.noteNewMember();
        }
        group.add(member, request.protocolType());
        rebalance.expectHeartbeat(group, member);
        rebalance.request(group, "member " + memberId + " joins, at " + client.host() + because(request));
    }

    /** What the client says why it joins (KIP-800). */
    private static String because(JoinGroupRequest request) {
        return request.reason() == null || request.reason().isEmpty() ? "" : ": " + request.reason();
    }

    private static ClassicMember member(String memberId, Client client, JoinGroupRequest request) {
        return new ClassicMember(
                memberId,
                request.groupInstanceId(),
                client.clientId(),
                client.host(),
                rebalanceTimeout(request),
                request.sessionTimeoutMs(),
                request.protocols());
    }

    private static int rebalanceTimeout(JoinGroupRequest request) {
        return request.rebalanceTimeoutMs() < 0 ? request.sessionTimeoutMs() : request.rebalanceTimeoutMs();
    }
}

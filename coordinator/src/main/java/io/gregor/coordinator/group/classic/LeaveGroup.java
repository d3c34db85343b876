package io.gregor.coordinator.group.classic;

import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.LeaveGroupRequest;
import io.gregor.wire.message.LeaveGroupRequest.MemberIdentity;
import io.gregor.wire.message.LeaveGroupResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Members leave a classic group.
 *
 * <p>Up to version 2 one member leaves, and its error is that of the response; from 3 on several may, each with an
 * error of its own, and static ones by their instance id (KIP-345).
 */
public final class LeaveGroup {
    private static final int FIRST_VERSION_WITH_MEMBERS = 3;

    private final ClassicGroups groups;
    private final Rebalance rebalance;

    public LeaveGroup(ClassicGroups groups) {
        this.groups = groups;
        this.rebalance = groups.rebalance();
    }

    public void handle(LeaveGroupRequest request, short version, Consumer<LeaveGroupResponse> reply) {
        if (request.groupId().isEmpty()) {
            reply.accept(new LeaveGroupResponse().errorCode(ErrorCode.INVALID_GROUP_ID.code()));
            return;
        }
        List<MemberIdentity> leaving = leaving(request, version);
        ClassicGroup group = groups.find(request.groupId());
        List<ErrorCode> errors = leaving.stream()
                .map(identity -> group == null ? ErrorCode.UNKNOWN_MEMBER_ID : leave(group, identity))
                .toList();
        reply.accept(response(leaving, errors, version));
    }

    /** The members that are to leave. */
    public static List<MemberIdentity> leaving(LeaveGroupRequest request, short version) {
        return version >= FIRST_VERSION_WITH_MEMBERS
                ? request.members()
                : List.of(new MemberIdentity().memberId(request.memberId()));
    }

    /** @param errors one for each member that was to leave */
    public static LeaveGroupResponse response(List<MemberIdentity> leaving, List<ErrorCode> errors, short version) {
        if (version < FIRST_VERSION_WITH_MEMBERS) {
            return new LeaveGroupResponse().errorCode(errors.get(0).code());
        }
        List<LeaveGroupResponse.MemberResponse> members = new ArrayList<>();
        for (int i = 0; i < leaving.size(); i++) {
            members.add(response(leaving.get(i), errors.get(i)));
        }
        return new LeaveGroupResponse().members(members);
    }

    private static LeaveGroupResponse.MemberResponse response(MemberIdentity identity, ErrorCode error) {
        return new LeaveGroupResponse.MemberResponse()
                .memberId(identity.memberId())
                .groupInstanceId(identity.groupInstanceId())
                .errorCode(error.code());
    }

    private ErrorCode leave(ClassicGroup group, MemberIdentity identity) {
        String instanceId = identity.groupInstanceId();
        ClassicMember named = group.staticMember(instanceId);
        if (instanceId != null && identity.memberId().isEmpty()) {
            if (named == null) {
                return ErrorCode.UNKNOWN_MEMBER_ID;
            }
            rebalance.remove(group, named, reason(identity));
            return ErrorCode.NONE;
        }
        if (group.pendingMembers().contains(identity.memberId())) {
            rebalance.cancelSecondJoin(group, identity.memberId());
            if (group.is(GroupState.PREPARING_REBALANCE)) {
                rebalance.request(group, "member " + identity.memberId() + " does not join");
            }
            return ErrorCode.NONE;
        }
        ErrorCode error = group.check(identity.memberId(), instanceId);
        ClassicMember member = group.member(identity.memberId());
        if (error == ErrorCode.NONE && member != null) {
            rebalance.remove(group, member, reason(identity));
        }
        return error;
    }

    /** What the client says why it leaves (KIP-800). */
    private static String reason(MemberIdentity identity) {
        String reason = identity.reason();
        return reason == null || reason.isEmpty() ? "it leaves" : "it leaves, " + reason;
    }
}

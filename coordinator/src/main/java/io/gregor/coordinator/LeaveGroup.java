package io.gregor.coordinator;

import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.LeaveGroupRequest;
import io.gregor.wire.message.LeaveGroupRequest.MemberIdentity;
import io.gregor.wire.message.LeaveGroupResponse;
import java.util.ArrayList;
import java.util.List;

/**
 * Members leave a classic group.
 *
 * <p>Up to version 2 one member leaves, and its error is that of the response; from 3 on several may, each with an
 * error of its own, and static ones by their instance id (KIP-345).
 */
public final class LeaveGroup {
    private static final int FIRST_VERSION_WITH_MEMBERS = 3;

    private final GroupShard shard;
    private final Rebalance rebalance;

    public LeaveGroup(GroupShard shard) {
        this.shard = shard;
        this.rebalance = new Rebalance(shard);
    }

    public LeaveGroupResponse handle(LeaveGroupRequest request, short version) {
        if (request.groupId().isEmpty()) {
            return new LeaveGroupResponse().errorCode(ErrorCode.INVALID_GROUP_ID.code());
        }
        Group group = shard.group(request.groupId());
        List<MemberIdentity> leaving = version >= FIRST_VERSION_WITH_MEMBERS
                ? request.members()
                : List.of(new MemberIdentity().memberId(request.memberId()));
        List<LeaveGroupResponse.MemberResponse> members = new ArrayList<>();
        if (group == null) {
            if (version < FIRST_VERSION_WITH_MEMBERS) {
                return new LeaveGroupResponse().errorCode(ErrorCode.UNKNOWN_MEMBER_ID.code());
            }
            leaving.forEach(identity -> members.add(response(identity, ErrorCode.UNKNOWN_MEMBER_ID)));
            return new LeaveGroupResponse().members(members);
        }
        leaving.forEach(identity -> members.add(response(identity, leave(group, identity))));
        return version >= FIRST_VERSION_WITH_MEMBERS
                ? new LeaveGroupResponse().members(members)
                : new LeaveGroupResponse().errorCode(members.get(0).errorCode());
    }

    private static LeaveGroupResponse.MemberResponse response(MemberIdentity identity, ErrorCode error) {
        return new LeaveGroupResponse.MemberResponse()
                .memberId(identity.memberId())
                .groupInstanceId(identity.groupInstanceId())
                .errorCode(error.code());
    }

    private ErrorCode leave(Group group, MemberIdentity identity) {
        String instanceId = identity.groupInstanceId();
        Member named = group.staticMember(instanceId);
        if (instanceId != null && identity.memberId().isEmpty()) {
            if (named == null) {
                return ErrorCode.UNKNOWN_MEMBER_ID;
            }
            rebalance.remove(group, named);
            return ErrorCode.NONE;
        }
        if (group.pendingMembers().contains(identity.memberId())) {
            rebalance.cancelSecondJoin(group, identity.memberId());
            if (group.is(GroupState.PREPARING_REBALANCE)) {
                rebalance.request(group);
            }
            return ErrorCode.NONE;
        }
        ErrorCode error = group.check(identity.memberId(), instanceId);
        Member member = group.member(identity.memberId());
        if (error == ErrorCode.NONE && member != null) {
            rebalance.remove(group, member);
        }
        return error;
    }
}

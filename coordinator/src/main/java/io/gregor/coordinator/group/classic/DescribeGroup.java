package io.gregor.coordinator.group.classic;

import io.gregor.wire.message.DescribeGroupsResponse.DescribedGroup;
import io.gregor.wire.message.DescribeGroupsResponse.DescribedGroupMember;
import io.gregor.wire.message.ErrorCode;
import java.util.List;
import java.util.Objects;

/**
 * What a classic group looks like. Members show their metadata only while the group is stable. A group
 * that does not exist is dead, and from version 6 on GROUP_ID_NOT_FOUND as well (KIP-1043).
 */
public final class DescribeGroup {
    private static final int FIRST_VERSION_WITH_NOT_FOUND = 6;

    private final ClassicGroups groups;

    public DescribeGroup(ClassicGroups groups) {
        this.groups = groups;
    }

    public DescribedGroup handle(String groupId, short version) {
        ClassicGroup group = groups.find(groupId);
        if (group == null) {
            boolean notFound = version >= FIRST_VERSION_WITH_NOT_FOUND;
            String why = groups.store().group(groupId) == null ? " not found." : " is not a classic group.";
            return new DescribedGroup()
                    .groupId(groupId)
                    .groupState(GroupState.DEAD.shownAs())
                    .errorCode(notFound ? ErrorCode.GROUP_ID_NOT_FOUND.code() : ErrorCode.NONE.code())
                    .errorMessage(notFound ? "Group " + groupId + why : null);
        }
        boolean stable = group.is(GroupState.STABLE);
        List<DescribedGroupMember> members = group.members().stream()
                .map(member -> new DescribedGroupMember()
                        .memberId(member.id())
                        .groupInstanceId(member.instanceId())
                        .clientId(member.clientId())
                        .clientHost(member.clientHost())
                        .memberMetadata(stable ? member.metadata(group.protocolName()) : new byte[0])
                        .memberAssignment(member.assignment()))
                .toList();
        return new DescribedGroup()
                .groupId(groupId)
                .groupState(group.state().shownAs())
                .protocolType(Objects.requireNonNullElse(group.protocolType(), ""))
                .protocolData(stable ? Objects.requireNonNullElse(group.protocolName(), "") : "")
                .members(members);
    }
}

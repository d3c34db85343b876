package io.gregor.coordinator.group.classic;

import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.SyncGroupRequest;
import io.gregor.wire.message.SyncGroupResponse;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A member of a classic group asks for its assignment; the leader brings those of all. Answered once the leader's came
 * and lie in the log.
 *
 * <p>Version 3: static members. 5: the protocol's type and name are checked (KIP-559).
 *
 * <p>Error precedence: INVALID_GROUP_ID, UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, ILLEGAL_GENERATION,
 * INCONSISTENT_GROUP_PROTOCOL, REBALANCE_IN_PROGRESS.
 */
public final class SyncGroup {
    private final ClassicGroups groups;
    private final Rebalance rebalance;

    public SyncGroup(ClassicGroups groups) {
        this.groups = groups;
        this.rebalance = groups.rebalance();
    }

    public void handle(SyncGroupRequest request, Consumer<SyncGroupResponse> reply) {
        ClassicGroup group = groups.find(request.groupId());
        ErrorCode error = check(group, request);
        ClassicMember member = group == null ? null : group.member(request.memberId());
        if (error != ErrorCode.NONE || group == null || member == null) {
            reply.accept(new SyncGroupResponse().errorCode(error.code()));
            return;
        }
        switch (group.state()) {
            case EMPTY, DEAD -> reply.accept(refused(ErrorCode.UNKNOWN_MEMBER_ID));
            case PREPARING_REBALANCE -> reply.accept(refused(ErrorCode.REBALANCE_IN_PROGRESS));
            case COMPLETING_REBALANCE -> {
                rebalance.synced(group, member);
                member.awaitSync(reply);
                if (group.isLeader(member)) {
                    assign(group, request.assignments());
                }
            }
            case STABLE -> {
                rebalance.synced(group, member);
                reply.accept(rebalance.synced(group, member, ErrorCode.NONE));
                rebalance.expectHeartbeat(group, member);
            }
        }
    }

    private static SyncGroupResponse refused(ErrorCode error) {
        return new SyncGroupResponse().errorCode(error.code());
    }

    private static ErrorCode check(@Nullable ClassicGroup group, SyncGroupRequest request) {
        if (request.groupId().isEmpty()) {
            return ErrorCode.INVALID_GROUP_ID;
        }
        if (group == null) {
            return ErrorCode.UNKNOWN_MEMBER_ID;
        }
        ErrorCode error = group.check(request.memberId(), request.groupInstanceId(), request.generationId());
        if (error != ErrorCode.NONE) {
            return error;
        }
        boolean consistent = (request.protocolType() == null
                        || request.protocolType().equals(group.protocolType()))
                && (request.protocolName() == null || request.protocolName().equals(group.protocolName()));
        return consistent ? ErrorCode.NONE : ErrorCode.INCONSISTENT_GROUP_PROTOCOL;
    }

    private void assign(ClassicGroup group, List<SyncGroupRequest.SyncGroupRequestAssignment> assignments) {
        Map<String, byte[]> byMember = new HashMap<>();
        assignments.forEach(assignment -> byMember.put(assignment.memberId(), assignment.assignment()));
        long growth = 0;
        for (ClassicMember member : group.members()) {
            growth += assigned(byMember, member).length - member.assignment().length;
        }
        if (!groups.store().memory().reserve(growth)) {
            // As where the group's record is too large to be stored.
            rebalance.answerSyncs(group, ErrorCode.UNKNOWN_SERVER_ERROR);
            rebalance.request(group, "there is no memory for the assignments");
            return;
        }
        group.members().forEach(member -> member.assignment(assigned(byMember, member)));
        groups.store().memory().unreserve(growth);
        store(group, group.generation());
    }

    private static byte[] assigned(Map<String, byte[]> byMember, ClassicMember member) {
        return Objects.requireNonNullElse(byMember.get(member.id()), new byte[0]);
    }

    private void store(ClassicGroup group, int generation) {
        groups.store().journal().append(List.of(group.record()), stored -> {
            if (!group.is(GroupState.COMPLETING_REBALANCE) || group.generation() != generation) {
                return;
            }
            if (stored != ErrorCode.NONE) {
                rebalance.answerSyncs(group, stored);
                rebalance.request(group, "the assignments could not be stored: " + stored);
                return;
            }
            group.enter(GroupState.STABLE, groups.store().nowMs());
            rebalance.answerSyncs(group, ErrorCode.NONE);
        });
    }
}

package io.gregor.coordinator.group.classic;

import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.HeartbeatRequest;
import io.gregor.wire.message.HeartbeatResponse;

/**
 * A member of a classic group says that it lives, and learns of a rebalance.
 *
 * <p>Version 3: static members.
 *
 * <p>Error precedence: INVALID_GROUP_ID, UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, ILLEGAL_GENERATION,
 * REBALANCE_IN_PROGRESS.
 */
public final class Heartbeat {
    private final ClassicGroups groups;
    private final Rebalance rebalance;

    public Heartbeat(ClassicGroups groups) {
        this.groups = groups;
        this.rebalance = groups.rebalance();
    }

    public HeartbeatResponse handle(HeartbeatRequest request) {
        return new HeartbeatResponse().errorCode(check(request).code());
    }

    private ErrorCode check(HeartbeatRequest request) {
        if (request.groupId().isEmpty()) {
            return ErrorCode.INVALID_GROUP_ID;
        }
        ClassicGroup group = groups.find(request.groupId());
        if (group == null) {
            return ErrorCode.UNKNOWN_MEMBER_ID;
        }
        ErrorCode error = group.check(request.memberId(), request.groupInstanceId(), request.generationId());
        ClassicMember member = group.member(request.memberId());
        if (error != ErrorCode.NONE || member == null) {
            return error;
        }
        return switch (group.state()) {
            case EMPTY, DEAD -> ErrorCode.UNKNOWN_MEMBER_ID;
            case PREPARING_REBALANCE -> {
                rebalance.expectHeartbeat(group, member);
                yield ErrorCode.REBALANCE_IN_PROGRESS;
            }
            case COMPLETING_REBALANCE, STABLE -> {
                rebalance.expectHeartbeat(group, member);
                yield ErrorCode.NONE;
            }
        };
    }
}

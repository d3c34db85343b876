package io.gregor.coordinator;

import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.HeartbeatRequest;
import io.gregor.wire.message.HeartbeatResponse;

/**
 * A member says that it lives, and learns of a rebalance.
 *
 * <p>Version 3: static members.
 *
 * <p>Error precedence: INVALID_GROUP_ID, UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, ILLEGAL_GENERATION,
 * REBALANCE_IN_PROGRESS.
 */
public final class Heartbeat {
    private final GroupShard shard;
    private final Rebalance rebalance;

    public Heartbeat(GroupShard shard) {
        this.shard = shard;
        this.rebalance = new Rebalance(shard);
    }

    public HeartbeatResponse handle(HeartbeatRequest request) {
        return new HeartbeatResponse().errorCode(check(request).code());
    }

    private ErrorCode check(HeartbeatRequest request) {
        if (request.groupId().isEmpty()) {
            return ErrorCode.INVALID_GROUP_ID;
        }
        if (shard.group(request.groupId()) instanceof ConsumerGroup consumers) {
            return new ClassicMembers(shard).heartbeat(consumers, request);
        }
        ClassicGroup group = shard.classicGroup(request.groupId());
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

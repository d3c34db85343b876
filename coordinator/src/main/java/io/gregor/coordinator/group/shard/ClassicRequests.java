package io.gregor.coordinator.group.shard;

import io.gregor.coordinator.group.classic.ClassicGroups;
import io.gregor.coordinator.group.classic.Heartbeat;
import io.gregor.coordinator.group.classic.JoinGroup;
import io.gregor.coordinator.group.classic.JoinRefusal;
import io.gregor.coordinator.group.classic.LeaveGroup;
import io.gregor.coordinator.group.classic.SyncGroup;
import io.gregor.coordinator.group.consumer.ConsumerGroup;
import io.gregor.coordinator.group.consumer.ConsumerGroups;
import io.gregor.coordinator.group.migration.ClassicMemberJoin;
import io.gregor.coordinator.group.migration.ClassicMembers;
import io.gregor.coordinator.group.migration.GroupConversion;
import io.gregor.coordinator.runtime.Client;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.HeartbeatRequest;
import io.gregor.wire.message.HeartbeatResponse;
import io.gregor.wire.message.JoinGroupRequest;
import io.gregor.wire.message.JoinGroupResponse;
import io.gregor.wire.message.LeaveGroupRequest;
import io.gregor.wire.message.LeaveGroupRequest.MemberIdentity;
import io.gregor.wire.message.LeaveGroupResponse;
import io.gregor.wire.message.SyncGroupRequest;
import io.gregor.wire.message.SyncGroupResponse;
import java.util.List;
import java.util.function.Consumer;

/**
 * Routes the requests of the classic protocol: to a classic group, or to a consumer group that has members of that
 * protocol. Confined to the shard's lane.
 */
public final class ClassicRequests {
    private final ConsumerGroups consumerGroups;
    private final JoinGroup joinGroup;
    private final SyncGroup syncGroup;
    private final Heartbeat heartbeat;
    private final LeaveGroup leaveGroup;
    private final ClassicMemberJoin memberJoin;
    private final ClassicMembers members;

    ClassicRequests(ClassicGroups classicGroups, ConsumerGroups consumerGroups, GroupConversion conversion) {
        this.consumerGroups = consumerGroups;
        this.joinGroup = new JoinGroup(classicGroups);
        this.syncGroup = new SyncGroup(classicGroups);
        this.heartbeat = new Heartbeat(classicGroups);
        this.leaveGroup = new LeaveGroup(classicGroups);
        this.memberJoin = new ClassicMemberJoin(consumerGroups, conversion);
        this.members = new ClassicMembers(consumerGroups);
    }

    /** See {@link JoinGroup} and {@link ClassicMemberJoin}. */
    public void join(Client client, JoinGroupRequest request, Consumer<JoinGroupResponse> reply) {
        ConsumerGroup group = consumerGroups.find(request.groupId());
        if (group == null) {
            joinGroup.handle(client, request, reply);
            return;
        }
        ErrorCode refused = joinGroup.check(request);
        if (refused != ErrorCode.NONE) {
            reply.accept(JoinRefusal.of(request.memberId(), refused));
        } else if (group.isEmpty() && !request.memberId().isEmpty()) {
            reply.accept(JoinRefusal.of(request.memberId(), ErrorCode.UNKNOWN_MEMBER_ID));
        } else if (group.isEmpty()) {
            replace(group, client, request, reply);
        } else {
            memberJoin.handle(group, client, request, reply);
        }
    }

    /** A consumer group without members gives its name to a classic one; its offsets stay. */
    private void replace(
            ConsumerGroup group, Client client, JoinGroupRequest request, Consumer<JoinGroupResponse> reply) {
        consumerGroups.store().store(group.tombstones(), () -> {}, stored -> {
            if (stored == ErrorCode.NONE) {
                // Not the classic way at once: somebody may have been faster.
                join(client, request, reply);
            } else {
                reply.accept(JoinRefusal.of(request.memberId(), stored));
            }
        });
    }

    /** See {@link SyncGroup} and {@link ClassicMembers#sync}. */
    public void sync(SyncGroupRequest request, Consumer<SyncGroupResponse> reply) {
        ConsumerGroup group = consumerGroups.find(request.groupId());
        if (group == null) {
            syncGroup.handle(request, reply);
        } else {
            reply.accept(members.sync(group, request));
        }
    }

    /** See {@link Heartbeat} and {@link ClassicMembers#heartbeat}. */
    public HeartbeatResponse heartbeat(HeartbeatRequest request) {
        ConsumerGroup group = consumerGroups.find(request.groupId());
        return group == null
                ? heartbeat.handle(request)
                : new HeartbeatResponse()
                        .errorCode(members.heartbeat(group, request).code());
    }

    /** See {@link LeaveGroup} and {@link ClassicMembers#leave}. */
    public void leave(LeaveGroupRequest request, short version, Consumer<LeaveGroupResponse> reply) {
        ConsumerGroup group = consumerGroups.find(request.groupId());
        if (group == null) {
            leaveGroup.handle(request, version, reply);
            return;
        }
        List<MemberIdentity> leaving = LeaveGroup.leaving(request, version);
        members.leave(group, leaving, errors -> reply.accept(LeaveGroup.response(leaving, errors, version)));
    }
}

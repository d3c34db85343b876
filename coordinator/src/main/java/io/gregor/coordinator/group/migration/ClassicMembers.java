package io.gregor.coordinator.group.migration;

import io.gregor.coordinator.group.Group;
import io.gregor.coordinator.group.classic.EmbeddedProtocol;
import io.gregor.coordinator.group.consumer.ConsumerGroup;
import io.gregor.coordinator.group.consumer.ConsumerGroups;
import io.gregor.coordinator.group.consumer.ConsumerMember;
import io.gregor.coordinator.group.consumer.ConsumerTimers;
import io.gregor.coordinator.runtime.ApiException;
import io.gregor.wire.MalformedMessageException;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.ConsumerGroupMemberMetadataValue.ClassicProtocol;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.HeartbeatRequest;
import io.gregor.wire.message.LeaveGroupRequest.MemberIdentity;
import io.gregor.wire.message.SyncGroupRequest;
import io.gregor.wire.message.SyncGroupResponse;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What members of the classic protocol ask of the consumer group that they are in, once they have joined. */
public final class ClassicMembers {
    private static final Logger LOG = LoggerFactory.getLogger(ClassicMembers.class);

    private final ConsumerGroups groups;
    private final ConsumerTimers timers;

    public ClassicMembers(ConsumerGroups groups) {
        this.groups = groups;
        this.timers = groups.timers();
    }

    /** UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, ILLEGAL_GENERATION. */
    private static ConsumerMember require(
            ConsumerGroup group, String memberId, @Nullable String instanceId, int generation) throws ApiException {
        ConsumerMember member =
                instanceId == null ? group.require(memberId) : group.requireStatic(instanceId, memberId);
        if (!member.isClassic()) {
            throw new ApiException(
                    ErrorCode.UNKNOWN_MEMBER_ID, "Member " + memberId + " does not use the classic protocol.");
        }
        if (member.epoch() != generation) {
            throw new ApiException(ErrorCode.ILLEGAL_GENERATION, "The generation is not the member's epoch.");
        }
        return member;
    }

    /** The errors above, or REBALANCE_IN_PROGRESS if the member is to join again. */
    public ErrorCode heartbeat(ConsumerGroup group, HeartbeatRequest request) {
        ConsumerMember member;
        try {
            member = require(group, request.memberId(), request.groupInstanceId(), request.generationId());
        } catch (ApiException e) {
            return e.error().code();
        }
        timers.expectHeartbeat(group.id(), member);
        ConsumerMember.State state = member.standing().state();
        boolean joinsAgain = member.epoch() < group.assignmentEpoch()
                || state == ConsumerMember.State.UNREVOKED_PARTITIONS
                || state == ConsumerMember.State.UNRELEASED_PARTITIONS && !group.waitsForOthers(member);
        if (joinsAgain) {
            timers.expectJoin(group.id(), member);
        }
        return joinsAgain ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE;
    }

    /** The errors above, INCONSISTENT_GROUP_PROTOCOL, REBALANCE_IN_PROGRESS; or what the member may use now. */
    public SyncGroupResponse sync(ConsumerGroup group, SyncGroupRequest request) {
        try {
            ConsumerMember member =
                    require(group, request.memberId(), request.groupInstanceId(), request.generationId());
            ClassicProtocol protocol = Objects.requireNonNull(member.profile().classic())
                    .supportedProtocols()
                    .get(0);
            checkProtocol(request, protocol);
            checkEpoch(group, member);
            timers.synced(group.id(), member);
            Map<Uuid, Set<Integer>> assigned = new HashMap<>();
            member.standing()
                    .assigned()
                    .forEach((topic, epochs) -> assigned.put(topic, new HashSet<>(epochs.keySet())));
            return new SyncGroupResponse()
                    .protocolType(request.protocolType())
                    .protocolName(request.protocolName())
                    .assignment(EmbeddedProtocol.encode(
                            GroupConversion.assignment(assigned, groups.store().topics()), protocol.metadata()));
        } catch (ApiException e) {
            return new SyncGroupResponse().errorCode(e.error().code().code());
        } catch (MalformedMessageException e) {
            // Of the protocols of a member that was converted only the one in use has been read.
            LOG.warn("A member of group {} has metadata that cannot be read", group.id(), e);
            return new SyncGroupResponse().errorCode(ErrorCode.UNKNOWN_SERVER_ERROR.code());
        }
    }

    private static void checkProtocol(SyncGroupRequest request, ClassicProtocol protocol) throws ApiException {
        boolean sameType = request.protocolType() == null || Group.CONSUMERS.equals(request.protocolType());
        boolean sameName = request.protocolName() == null || protocol.name().equals(request.protocolName());
        if (!sameType || !sameName) {
            throw new ApiException(ErrorCode.INCONSISTENT_GROUP_PROTOCOL, "The protocol is not the one of the join.");
        }
    }

    private void checkEpoch(ConsumerGroup group, ConsumerMember member) throws ApiException {
        boolean behind = group.assignmentEpoch() > member.epoch()
                && member.standing().state() != ConsumerMember.State.UNREVOKED_PARTITIONS;
        if (behind) {
            timers.expectJoin(group.id(), member);
            throw new ApiException(ErrorCode.REBALANCE_IN_PROGRESS, "The member should rejoin to catch up.");
        }
    }

    /** Takes out those who can be identified; each with what is wrong about it, told once that is stored. */
    public void leave(ConsumerGroup group, List<MemberIdentity> leaving, Consumer<List<ErrorCode>> done) {
        Set<ConsumerMember> members = new HashSet<>();
        List<ErrorCode> errors = leaving.stream()
                .map(identity -> {
                    try {
                        members.add(identified(group, identity));
                        return ErrorCode.NONE;
                    } catch (ApiException e) {
                        return e.error().code();
                    }
                })
                .toList();
        groups.departure()
                .fence(
                        group,
                        members,
                        stored -> done.accept(errors.stream()
                                .map(error -> error == ErrorCode.NONE ? stored : error)
                                .toList()));
    }

    private static ConsumerMember identified(ConsumerGroup group, MemberIdentity identity) throws ApiException {
        String instanceId = identity.groupInstanceId();
        if (instanceId == null) {
            return group.require(identity.memberId());
        }
        ConsumerMember named = group.staticMember(instanceId);
        return named != null && identity.memberId().isEmpty()
                ? named
                : group.requireStatic(instanceId, identity.memberId());
    }
}

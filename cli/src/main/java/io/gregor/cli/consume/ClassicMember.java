package io.gregor.cli.consume;

import io.gregor.cli.client.BrokerException;
import io.gregor.cli.client.Cluster;
import io.gregor.cli.client.GroupCoordinator;
import io.gregor.cli.client.GroupOffsets;
import io.gregor.cli.client.TopicPartition;
import io.gregor.wire.message.ApiKey;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.HeartbeatRequest;
import io.gregor.wire.message.HeartbeatResponse;
import io.gregor.wire.message.JoinGroupRequest;
import io.gregor.wire.message.JoinGroupResponse;
import io.gregor.wire.message.LeaveGroupRequest;
import io.gregor.wire.message.LeaveGroupResponse;
import io.gregor.wire.message.SyncGroupRequest;
import io.gregor.wire.message.SyncGroupResponse;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/** A member by the classic protocol: one of the members assigns, by range. Confined to the main thread. */
final class ClassicMember implements Membership {
    private static final String TYPE = "consumer";
    private static final int SESSION_TIMEOUT_MS = 45_000;
    private static final int REBALANCE_TIMEOUT_MS = 60_000;
    private static final int HEARTBEAT_MS = 3_000;
    private static final int VERSION_WITH_SEVERAL_LEAVING = 3;

    private final Cluster cluster;
    private final GroupCoordinator coordinator;
    private final String topic;
    private String memberId = "";
    private int generation = -1;
    private boolean joined;
    private long nextHeartbeatMs;
    private SortedSet<TopicPartition> assigned = new TreeSet<>();

    ClassicMember(GroupCoordinator coordinator, String topic) {
        this.cluster = coordinator.cluster();
        this.coordinator = coordinator;
        this.topic = topic;
    }

    @Override
    public SortedSet<TopicPartition> assignment() {
        return assigned;
    }

    @Override
    public boolean keepAlive(Losses losses) {
        if (joined && cluster.time().nowMs() < nextHeartbeatMs) {
            return false;
        }
        if (joined && heartbeat()) {
            return false;
        }
        if (joined) {
            losses.losing();
        }
        // Whoever joins gives all back: another one may have a partition before this one has it again.
        losses.lost();
        join();
        return true;
    }

    @Override
    public void doubt() {
        nextHeartbeatMs = cluster.time().nowMs();
    }

    /** Whether the member is still what it was. */
    private boolean heartbeat() {
        nextHeartbeatMs = cluster.time().nowMs() + HEARTBEAT_MS;
        HeartbeatRequest request = new HeartbeatRequest()
                .groupId(coordinator.group())
                .memberId(memberId)
                .generationId(generation);
        ErrorCode code = coordinator.retrying(address -> {
            HeartbeatResponse response = cluster.at(address, ApiKey.HEARTBEAT, request, 0, HeartbeatResponse.class);
            ErrorCode answered = ErrorCode.of(response.errorCode());
            if (!mustJoinAgain(answered)) {
                BrokerException.throwIfError(response.errorCode(), null, what());
            }
            return answered;
        });
        if (code == ErrorCode.UNKNOWN_MEMBER_ID) {
            memberId = "";
        }
        return code == ErrorCode.NONE;
    }

    private static boolean mustJoinAgain(ErrorCode code) {
        return code == ErrorCode.REBALANCE_IN_PROGRESS
                || code == ErrorCode.ILLEGAL_GENERATION
                || code == ErrorCode.UNKNOWN_MEMBER_ID;
    }

    private String what() {
        return "group " + coordinator.group();
    }

    private void join() {
        joined = false;
        assigned = new TreeSet<>();
        while (!joined) {
            JoinGroupResponse response = requestJoin();
            ErrorCode code = ErrorCode.of(response.errorCode());
            if (code == ErrorCode.MEMBER_ID_REQUIRED) {
                memberId = response.memberId();
            } else if (code == ErrorCode.UNKNOWN_MEMBER_ID && !memberId.isEmpty()) {
                memberId = "";
            } else {
                BrokerException.throwIfError(response.errorCode(), null, what());
                memberId = response.memberId();
                generation = response.generationId();
                joined = sync(response);
            }
        }
        nextHeartbeatMs = cluster.time().nowMs() + HEARTBEAT_MS;
    }

    private JoinGroupResponse requestJoin() {
        JoinGroupRequest request = new JoinGroupRequest()
                .groupId(coordinator.group())
                .memberId(memberId)
                .sessionTimeoutMs(SESSION_TIMEOUT_MS)
                .rebalanceTimeoutMs(REBALANCE_TIMEOUT_MS)
                .protocolType(TYPE)
                .protocols(List.of(new JoinGroupRequest.JoinGroupRequestProtocol()
                        .name(RangeAssignment.NAME)
                        .metadata(RangeAssignment.subscription(topic))));
        return coordinator.retrying(address -> {
            JoinGroupResponse response =
                    cluster.at(address, ApiKey.JOIN_GROUP, request, REBALANCE_TIMEOUT_MS, JoinGroupResponse.class);
            throwIfRetriable(response.errorCode());
            return response;
        });
    }

    private void throwIfRetriable(short code) {
        if (new BrokerException("", ErrorCode.of(code)).isRetriable()) {
            BrokerException.throwIfError(code, null, what());
        }
    }

    /** Whether there is an assignment, or the members have to join once more. */
    private boolean sync(JoinGroupResponse join) {
        List<SyncGroupRequest.SyncGroupRequestAssignment> assignments =
                memberId.equals(join.leader()) && !join.skipAssignment()
                        ? RangeAssignment.assign(cluster, join.members())
                        : List.of();
        SyncGroupRequest request = new SyncGroupRequest()
                .groupId(coordinator.group())
                .memberId(memberId)
                .generationId(generation)
                .protocolType(TYPE)
                .protocolName(join.protocolName())
                .assignments(assignments);
        SyncGroupResponse response = coordinator.retrying(address -> {
            SyncGroupResponse one =
                    cluster.at(address, ApiKey.SYNC_GROUP, request, REBALANCE_TIMEOUT_MS, SyncGroupResponse.class);
            throwIfRetriable(one.errorCode());
            return one;
        });
        if (mustJoinAgain(ErrorCode.of(response.errorCode()))) {
            return false;
        }
        BrokerException.throwIfError(response.errorCode(), null, what());
        assigned = RangeAssignment.read(response.assignment());
        return true;
    }

    @Override
    public void commit(Map<TopicPartition, Long> offsets) {
        new GroupOffsets(coordinator).commit(offsets, memberId, generation);
    }

    @Override
    public void leave() {
        if (memberId.isEmpty()) {
            return;
        }
        LeaveGroupRequest request = new LeaveGroupRequest().groupId(coordinator.group());
        if (cluster.version(ApiKey.LEAVE_GROUP) >= VERSION_WITH_SEVERAL_LEAVING) {
            request.members(List.of(new LeaveGroupRequest.MemberIdentity().memberId(memberId)));
        } else {
            request.memberId(memberId);
        }
        LeaveGroupResponse response = coordinator.retrying(address -> {
            LeaveGroupResponse one = cluster.at(address, ApiKey.LEAVE_GROUP, request, 0, LeaveGroupResponse.class);
            throwIfRetriable(one.errorCode());
            return one;
        });
        if (response.errorCode() != ErrorCode.UNKNOWN_MEMBER_ID.code()) {
            BrokerException.throwIfError(response.errorCode(), null, what());
        }
        joined = false;
        assigned = new TreeSet<>();
    }
}

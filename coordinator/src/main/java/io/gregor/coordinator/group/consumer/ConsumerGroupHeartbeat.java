package io.gregor.coordinator.group.consumer;

import io.gregor.coordinator.group.Group;
import io.gregor.coordinator.group.GroupStore;
import io.gregor.coordinator.group.consumer.ConsumerMember.MemberMetadata;
import io.gregor.coordinator.group.consumer.assignor.Assignor;
import io.gregor.coordinator.runtime.ApiException;
import io.gregor.coordinator.runtime.Client;
import io.gregor.coordinator.runtime.CoordinatorRecord;
import io.gregor.wire.ApiError;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.ConsumerGroupHeartbeatRequest;
import io.gregor.wire.message.ConsumerGroupHeartbeatRequest.TopicPartitions;
import io.gregor.wire.message.ConsumerGroupHeartbeatResponse;
import io.gregor.wire.message.ConsumerGroupHeartbeatResponse.Assignment;
import io.gregor.wire.message.ErrorCode;
import java.util.ArrayList;
import java.util.Collections;
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

/**
 * A member of a consumer group joins, stays, or leaves (KIP-848): what it reads and has goes up, what it may use comes
 * down.
 *
 * <p>Version 1: regular expressions, and members make their own ids.
 *
 * <p>Error precedence: INVALID_REQUEST, UNSUPPORTED_ASSIGNOR; GROUP_ID_NOT_FOUND, GROUP_MAX_SIZE_REACHED,
 * UNKNOWN_MEMBER_ID, UNRELEASED_INSTANCE_ID, FENCED_INSTANCE_ID, FENCED_MEMBER_EPOCH, INVALID_REGULAR_EXPRESSION.
 */
public final class ConsumerGroupHeartbeat {
    private static final Logger LOG = LoggerFactory.getLogger(ConsumerGroupHeartbeat.class);

    private final ConsumerGroups groups;
    private final GroupStore store;

    public ConsumerGroupHeartbeat(ConsumerGroups groups) {
        this.groups = groups;
        this.store = groups.store();
    }

    /** As a client is told where it cannot be told anything else. */
    public static ConsumerGroupHeartbeatResponse failed(ApiError error) {
        return new ConsumerGroupHeartbeatResponse()
                .errorCode(error.code().code())
                .errorMessage(error.message());
    }

    public void handle(
            Client client, ConsumerGroupHeartbeatRequest request, Consumer<ConsumerGroupHeartbeatResponse> reply) {
        boolean leaves = request.memberEpoch() == ConsumerMember.LEAVE_EPOCH
                || request.memberEpoch() == ConsumerMember.STATIC_LEAVE_EPOCH;
        try {
            check(client, request);
            if (leaves) {
                leave(request, reply);
            } else {
                beat(client, request, reply);
            }
        } catch (ApiException e) {
            reply.accept(failed(e.error()));
        }
    }

    private void check(Client client, ConsumerGroupHeartbeatRequest request) throws ApiException {
        int epoch = request.memberEpoch();
        if (client.version() >= 1 || epoch > 0 || epoch == ConsumerMember.LEAVE_EPOCH) {
            refuseIf(isBlank(request.memberId()), "MemberId can't be empty.");
        }
        refuseIf(isBlank(request.groupId()), "GroupId can't be empty.");
        refuseIf(isBlank(request.instanceId()), "InstanceId can't be empty.");
        refuseIf(isBlank(request.rackId()), "RackId can't be empty.");
        if (epoch == ConsumerMember.JOIN_EPOCH) {
            List<TopicPartitions> owned = request.topicPartitions();
            refuseIf(request.rebalanceTimeoutMs() == -1, "RebalanceTimeoutMs must be provided in first request.");
            refuseIf(owned == null || !owned.isEmpty(), "TopicPartitions must be empty when (re-)joining.");
            refuseIf(
                    request.subscribedTopicNames() == null && request.subscribedTopicRegex() == null,
                    "Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.");
        }
        refuseIf(
                epoch == ConsumerMember.STATIC_LEAVE_EPOCH && request.instanceId() == null,
                "InstanceId can't be null.");
        refuseIf(epoch < ConsumerMember.STATIC_LEAVE_EPOCH, "MemberEpoch is invalid.");
        List<String> assignors =
                groups.config().assignors().stream().map(Assignor::name).toList();
        if (request.serverAssignor() != null && !assignors.contains(request.serverAssignor())) {
            throw new ApiException(
                    ErrorCode.UNSUPPORTED_ASSIGNOR,
                    "ServerAssignor " + request.serverAssignor() + " is not supported. Supported assignors: "
                            + String.join(", ", assignors) + ".");
        }
    }

    private static boolean isBlank(@Nullable String text) {
        return text != null && text.isBlank();
    }

    private static void refuseIf(boolean condition, String message) throws ApiException {
        if (condition) {
            throw new ApiException(ErrorCode.INVALID_REQUEST, message);
        }
    }

    private void leave(ConsumerGroupHeartbeatRequest request, Consumer<ConsumerGroupHeartbeatResponse> reply)
            throws ApiException {
        ConsumerGroup group = groups.require(request.groupId());
        String instanceId = request.instanceId();
        ConsumerMember member = instanceId == null
                ? group.require(request.memberId())
                : group.requireStatic(instanceId, request.memberId());
        ConsumerGroupHeartbeatResponse response =
                new ConsumerGroupHeartbeatResponse().memberId(member.id()).memberEpoch(request.memberEpoch());
        Consumer<ErrorCode> done =
                stored -> reply.accept(stored == ErrorCode.NONE ? response : failed(ApiError.of(stored)));
        if (request.memberEpoch() == ConsumerMember.STATIC_LEAVE_EPOCH && instanceId != null) {
            CoordinatorRecord away = ConsumerGroupRecords.standing(group.id(), member.away());
            store.store(List.of(away), () -> {}, done);
        } else {
            LOG.info("Member {} leaves group {}", member.id(), group.id());
            groups.departure().fence(group, Set.of(member), done);
        }
    }

    private void beat(
            Client client, ConsumerGroupHeartbeatRequest request, Consumer<ConsumerGroupHeartbeatResponse> reply)
            throws ApiException {
        boolean joins = request.memberEpoch() == ConsumerMember.JOIN_EPOCH;
        List<CoordinatorRecord> records = new ArrayList<>();
        Group known = store.group(request.groupId());
        ConsumerGroup group = joins ? joined(request.groupId(), records) : requireGroup(request.groupId());
        refuseIfFull(group, request.memberId());
        String memberId = request.memberId().isEmpty() ? groups.newMemberId() : request.memberId();
        Map<Uuid, Set<Integer>> owned = owned(request.topicPartitions());
        ConsumerMember before = request.instanceId() == null
                ? dynamic(group, memberId, request.memberEpoch(), owned)
                : staticMember(group, memberId, request, owned, records);
        MemberChange change = new MemberChange(groups, group, before, profile(before, client, request), records);
        change.reconcile(change.updateTarget(change.updateEpoch()), owned);
        if (group.member(change.member().id()) == null) {
            LOG.info(
                    "Member {} joins group {}, with client id {} at {}",
                    change.member().id(),
                    group.id(),
                    client.clientId(),
                    client.host());
        }
        Runnable applied = () -> {
            if (known != null && !(known instanceof ConsumerGroup)) {
                groups.conversion().replaced(known);
                groups.expectHeartbeats(group.id());
            }
            groups.timers().expectHeartbeat(group.id(), change.member());
            change.applied(client.maySee());
        };
        groups.storeIfFits(
                group.id(),
                records,
                applied,
                stored -> reply.accept(
                        stored == ErrorCode.NONE ? response(request, change) : failed(ApiError.of(stored))));
    }

    private ConsumerGroup requireGroup(String groupId) throws ApiException {
        Group group = store.group(groupId);
        if (group == null) {
            throw new ApiException(ErrorCode.GROUP_ID_NOT_FOUND, "Consumer group " + groupId + " not found.");
        }
        return groups.require(groupId);
    }

    /** The group that a member joins: a new one, one that takes the place of another, or that of before. */
    private ConsumerGroup joined(String groupId, List<CoordinatorRecord> records) throws ApiException {
        Group group = store.group(groupId);
        if (group instanceof ConsumerGroup consumers) {
            return consumers;
        }
        return group == null ? new ConsumerGroup(groupId) : groups.conversion().toConsumer(group, records);
    }

    private void refuseIfFull(ConsumerGroup group, String memberId) throws ApiException {
        int most = groups.config().maxSize();
        if (group.members().size() >= most && group.member(memberId) == null) {
            throw new ApiException(
                    ErrorCode.GROUP_MAX_SIZE_REACHED,
                    "The consumer group has reached its maximum capacity of " + most + " members.");
        }
    }

    private static @Nullable Map<Uuid, Set<Integer>> owned(@Nullable List<TopicPartitions> topics) {
        if (topics == null) {
            return null;
        }
        Map<Uuid, Set<Integer>> owned = new HashMap<>();
        topics.forEach(topic ->
                owned.computeIfAbsent(topic.topicId(), id -> new HashSet<>()).addAll(topic.partitions()));
        return owned;
    }

    private static ConsumerMember dynamic(
            ConsumerGroup group, String memberId, int epoch, @Nullable Map<Uuid, Set<Integer>> owned)
            throws ApiException {
        ConsumerMember member = group.member(memberId);
        if (member == null && epoch == ConsumerMember.JOIN_EPOCH) {
            return ConsumerMember.create(memberId);
        }
        ConsumerMember known = group.require(memberId);
        checkEpoch(known, epoch, owned);
        return known;
    }

    private static ConsumerMember staticMember(
            ConsumerGroup group,
            String memberId,
            ConsumerGroupHeartbeatRequest request,
            @Nullable Map<Uuid, Set<Integer>> owned,
            List<CoordinatorRecord> records)
            throws ApiException {
        String instanceId = Objects.requireNonNull(request.instanceId());
        if (request.memberEpoch() != ConsumerMember.JOIN_EPOCH) {
            ConsumerMember known = group.requireStatic(instanceId, memberId);
            checkEpoch(known, request.memberEpoch(), owned);
            return known;
        }
        ConsumerMember known = group.staticMember(instanceId);
        if (known == null) {
            return Objects.requireNonNullElseGet(group.member(memberId), () -> ConsumerMember.create(memberId));
        }
        if (!known.isClassic() && known.epoch() != ConsumerMember.STATIC_LEAVE_EPOCH) {
            throw new ApiException(
                    ErrorCode.UNRELEASED_INSTANCE_ID,
                    "Static member " + memberId + " with instance id " + instanceId
                            + " cannot join the group because the instance id is owned by " + known.id() + " member.");
        }
        return replace(group, known, memberId, records);
    }

    /** A static member takes its place again, under another id. */
    public static ConsumerMember replace(
            ConsumerGroup group, ConsumerMember known, String memberId, List<CoordinatorRecord> records) {
        ConsumerMember returned = known.returned(memberId);
        records.addAll(ConsumerDeparture.gone(group.id(), known.id()));
        records.add(ConsumerGroupRecords.profile(group.id(), returned));
        records.add(ConsumerGroupRecords.target(group.id(), memberId, group.target(known.id())));
        records.add(ConsumerGroupRecords.standing(group.id(), returned));
        return returned;
    }

    /**
     * A member that has not heard of its newest epoch may go on from the one before, unless it has partitions that it
     * should not have.
     */
    private static void checkEpoch(ConsumerMember member, int received, @Nullable Map<Uuid, Set<Integer>> owned)
            throws ApiException {
        int epoch = member.epoch();
        if (received == ConsumerMember.JOIN_EPOCH || received == epoch) {
            return;
        }
        boolean missedOne =
                received < epoch && received == member.standing().previousEpoch() && hasNoMore(owned, member);
        if (!missedOne) {
            throw new ApiException(
                    ErrorCode.FENCED_MEMBER_EPOCH,
                    "The consumer group member has a " + (received > epoch ? "greater" : "smaller") + " member epoch ("
                            + received + ") than the one known by the group coordinator (" + epoch
                            + "). The member must abandon all its partitions and rejoin.");
        }
    }

    private static boolean hasNoMore(@Nullable Map<Uuid, Set<Integer>> owned, ConsumerMember member) {
        return owned != null
                && owned.entrySet().stream().allMatch(topic -> {
                    Map<Integer, Integer> assigned =
                            member.standing().assigned().get(topic.getKey());
                    return assigned != null && assigned.keySet().containsAll(topic.getValue());
                });
    }

    private static MemberMetadata profile(ConsumerMember before, Client client, ConsumerGroupHeartbeatRequest request) {
        MemberMetadata known = before.profile();
        List<String> topics = request.subscribedTopicNames();
        return new MemberMetadata(
                request.instanceId() == null ? known.instanceId() : request.instanceId(),
                request.rackId() == null ? known.rackId() : request.rackId(),
                client.clientId(),
                client.host(),
                topics == null ? known.topics() : Collections.unmodifiableSet(new HashSet<>(topics)),
                Objects.requireNonNullElse(request.subscribedTopicRegex(), known.regex()),
                request.rebalanceTimeoutMs() == -1 ? known.rebalanceTimeoutMs() : request.rebalanceTimeoutMs(),
                request.serverAssignor() == null ? known.assignor() : request.serverAssignor(),
                null);
    }

    private ConsumerGroupHeartbeatResponse response(ConsumerGroupHeartbeatRequest request, MemberChange change) {
        ConsumerMember member = change.member();
        ConsumerGroupHeartbeatResponse response = new ConsumerGroupHeartbeatResponse()
                .memberId(member.id())
                .memberEpoch(member.epoch())
                .heartbeatIntervalMs(groups.config().heartbeatIntervalMs(request.groupId()));
        boolean saysAll = request.rebalanceTimeoutMs() != -1
                && (request.subscribedTopicNames() != null || request.subscribedTopicRegex() != null)
                && request.topicPartitions() != null;
        if (request.memberEpoch() == ConsumerMember.JOIN_EPOCH || saysAll || change.hasOtherAssignment()) {
            response.assignment(assignment(member));
        }
        return response;
    }

    private static Assignment assignment(ConsumerMember member) {
        return new Assignment()
                .topicPartitions(member.standing().assigned().entrySet().stream()
                        .map(topic -> new ConsumerGroupHeartbeatResponse.TopicPartitions()
                                .topicId(topic.getKey())
                                .partitions(List.copyOf(topic.getValue().keySet())))
                        .toList());
    }
}

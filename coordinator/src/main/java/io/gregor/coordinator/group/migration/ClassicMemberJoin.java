package io.gregor.coordinator.group.migration;

import io.gregor.coordinator.group.Group;
import io.gregor.coordinator.group.GroupTopics.Topic;
import io.gregor.coordinator.group.classic.EmbeddedProtocol;
import io.gregor.coordinator.group.classic.JoinGroup;
import io.gregor.coordinator.group.classic.JoinRefusal;
import io.gregor.coordinator.group.consumer.ConsumerGroup;
import io.gregor.coordinator.group.consumer.ConsumerGroupConfig;
import io.gregor.coordinator.group.consumer.ConsumerGroupHeartbeat;
import io.gregor.coordinator.group.consumer.ConsumerGroups;
import io.gregor.coordinator.group.consumer.ConsumerMember;
import io.gregor.coordinator.group.consumer.ConsumerMember.MemberMetadata;
import io.gregor.coordinator.group.consumer.ConsumerTimers;
import io.gregor.coordinator.group.consumer.MemberChange;
import io.gregor.coordinator.runtime.ApiException;
import io.gregor.coordinator.runtime.Client;
import io.gregor.coordinator.runtime.CoordinatorRecord;
import io.gregor.wire.MalformedMessageException;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.ConsumerProtocolSubscription;
import io.gregor.wire.message.ConsumerProtocolSubscription.TopicPartition;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.JoinGroupRequest;
import io.gregor.wire.message.JoinGroupRequest.JoinGroupRequestProtocol;
import io.gregor.wire.message.JoinGroupResponse;
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

/**
 * A client of the classic protocol joins a consumer group that has members: nobody leads, the broker assigns. Answered
 * at once, with the member's epoch as the generation.
 *
 * <p>Error precedence: INCONSISTENT_GROUP_PROTOCOL if migration is off, GROUP_MAX_SIZE_REACHED,
 * INCONSISTENT_GROUP_PROTOCOL, MEMBER_ID_REQUIRED, UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID.
 */
public final class ClassicMemberJoin {
    private final ConsumerGroups groups;
    private final ConsumerTimers timers;
    private final GroupConversion conversion;

    public ClassicMemberJoin(ConsumerGroups groups, GroupConversion conversion) {
        this.groups = groups;
        this.timers = groups.timers();
        this.conversion = conversion;
    }

    public void handle(
            ConsumerGroup group, Client client, JoinGroupRequest request, Consumer<JoinGroupResponse> reply) {
        try {
            join(group, client, request, reply);
        } catch (ApiException e) {
            reply.accept(JoinRefusal.of("", e.error().code()));
        }
    }

    private void join(ConsumerGroup group, Client client, JoinGroupRequest request, Consumer<JoinGroupResponse> reply)
            throws ApiException {
        ConsumerGroupConfig config = groups.config();
        if (config.migration() == ConsumerGroupConfig.Migration.DISABLED) {
            throw new ApiException(ErrorCode.INCONSISTENT_GROUP_PROTOCOL, "The group migration is disabled.");
        }
        boolean unknown = request.memberId().isEmpty();
        String memberId = unknown ? groups.newMemberId() : request.memberId();
        if (group.members().size() >= config.maxSize() && group.member(memberId) == null) {
            throw new ApiException(ErrorCode.GROUP_MAX_SIZE_REACHED, "The group is full.");
        }
        requireSupported(group, request);
        if (unknown
                && request.groupInstanceId() == null
                && client.version() >= JoinGroup.FIRST_VERSION_WITH_REQUIRED_ID) {
            reply.accept(JoinRefusal.of(memberId, ErrorCode.MEMBER_ID_REQUIRED));
            return;
        }
        List<CoordinatorRecord> records = new ArrayList<>();
        ConsumerMember before = member(group, memberId, request.groupInstanceId(), unknown, records);
        ConsumerProtocolSubscription subscription = subscription(request);
        ConsumerMember replaced = group.staticMember(request.groupInstanceId());
        MemberChange change =
                new MemberChange(groups, group, before, profile(before, client, request, subscription), records);
        int epoch = change.updateEpoch();
        Map<Uuid, Set<Integer>> owned = owned(subscription);
        if (replaced != null && !replaced.isClassic()) {
            Map<String, ConsumerMember> members = new HashMap<>(group.members());
            members.put(replaced.id(), change.member());
            if (conversion.mayBecomeClassic(group, members.values())) {
                boolean stale = group.assignmentEpoch() < epoch;
                if (!stale) {
                    Map<Uuid, Set<Integer>> target = group.target(replaced.id());
                    change.reconcile(new MemberChange.Target(group.assignmentEpoch(), target), owned);
                    members.put(replaced.id(), change.member());
                }
                conversion.toClassic(
                        group,
                        members,
                        stale,
                        records,
                        timers.forgettingAll(group),
                        stored -> answer(change.member(), stored, reply));
                return;
            }
        }
        change.reconcile(change.updateTarget(epoch), owned);
        Runnable applied = () -> {
            change.applied(client.maySee());
            timers.joined(group.id(), change.member());
        };
        groups.storeIfFits(group.id(), records, applied, stored -> answer(change.member(), stored, reply));
    }

    private static void answer(ConsumerMember member, ErrorCode stored, Consumer<JoinGroupResponse> reply) {
        if (stored != ErrorCode.NONE) {
            reply.accept(JoinRefusal.of(member.id(), stored));
            return;
        }
        reply.accept(new JoinGroupResponse()
                .memberId(member.id())
                .generationId(member.epoch())
                .protocolType(Group.CONSUMERS)
                .protocolName(Objects.requireNonNull(member.profile().classic())
                        .supportedProtocols()
                        .get(0)
                        .name()));
    }

    /** All classic members must have a protocol in common. */
    private static void requireSupported(ConsumerGroup group, JoinGroupRequest request) throws ApiException {
        boolean supported = Group.CONSUMERS.equals(request.protocolType())
                && request.protocols().stream().anyMatch(protocol -> isCommon(group, protocol.name()));
        if (!supported) {
            throw new ApiException(
                    ErrorCode.INCONSISTENT_GROUP_PROTOCOL,
                    "Member " + request.memberId() + "'s protocols are not supported.");
        }
    }

    /** What the client reads, of the protocol that it likes best. */
    private static ConsumerProtocolSubscription subscription(JoinGroupRequest request) throws ApiException {
        try {
            return EmbeddedProtocol.subscription(request.protocols().get(0).metadata());
        } catch (MalformedMessageException e) {
            throw new ApiException(ErrorCode.UNKNOWN_SERVER_ERROR, "Malformed embedded consumer protocol.");
        }
    }

    private static boolean isCommon(ConsumerGroup group, String protocol) {
        return group.members().values().stream()
                .map(member -> member.profile().classic())
                .filter(Objects::nonNull)
                .allMatch(classic -> classic.supportedProtocols().stream()
                        .anyMatch(offered -> offered.name().equals(protocol)));
    }

    private static ConsumerMember member(
            ConsumerGroup group,
            String memberId,
            @Nullable String instanceId,
            boolean unknown,
            List<CoordinatorRecord> records)
            throws ApiException {
        if (instanceId == null) {
            return Objects.requireNonNullElseGet(group.member(memberId), () -> ConsumerMember.create(memberId));
        }
        if (!unknown) {
            return group.requireStatic(instanceId, memberId);
        }
        ConsumerMember known = group.staticMember(instanceId);
        return known == null
                ? ConsumerMember.create(memberId)
                : ConsumerGroupHeartbeat.replace(group, known, memberId, records);
    }

    private static MemberMetadata profile(
            ConsumerMember before, Client client, JoinGroupRequest request, ConsumerProtocolSubscription subscription) {
        MemberMetadata known = before.profile();
        String rack = subscription.rackId();
        List<JoinGroupRequestProtocol> protocols = request.protocols();
        return new MemberMetadata(
                request.groupInstanceId() == null ? known.instanceId() : request.groupInstanceId(),
                rack == null || rack.isEmpty() ? known.rackId() : rack,
                client.clientId(),
                client.host(),
                Collections.unmodifiableSet(new HashSet<>(subscription.topics())),
                "",
                request.rebalanceTimeoutMs() == -1 ? known.rebalanceTimeoutMs() : request.rebalanceTimeoutMs(),
                known.assignor(),
                GroupConversion.classicMetadata(request.sessionTimeoutMs(), protocols));
    }

    private Map<Uuid, Set<Integer>> owned(ConsumerProtocolSubscription subscription) {
        Map<Uuid, Set<Integer>> owned = new HashMap<>();
        for (TopicPartition topic : subscription.ownedPartitions()) {
            Topic found = groups.store().topics().find(topic.topic());
            if (found != null) {
                owned.put(found.id(), new HashSet<>(topic.partitions()));
            }
        }
        return owned;
    }
}

package io.gregor.coordinator.group.migration;

import io.gregor.coordinator.group.Group;
import io.gregor.coordinator.group.GroupStore;
import io.gregor.coordinator.group.GroupTopics;
import io.gregor.coordinator.group.GroupTopics.Topic;
import io.gregor.coordinator.group.classic.ClassicGroup;
import io.gregor.coordinator.group.classic.ClassicGroups;
import io.gregor.coordinator.group.classic.ClassicMember;
import io.gregor.coordinator.group.classic.EmbeddedProtocol;
import io.gregor.coordinator.group.classic.Rebalance;
import io.gregor.coordinator.group.consumer.ConsumerGroup;
import io.gregor.coordinator.group.consumer.ConsumerGroupConfig;
import io.gregor.coordinator.group.consumer.ConsumerGroupRecords;
import io.gregor.coordinator.group.consumer.ConsumerMember;
import io.gregor.coordinator.group.consumer.ConsumerMember.CurrentAssignment;
import io.gregor.coordinator.group.consumer.ConsumerMember.MemberMetadata;
import io.gregor.coordinator.group.consumer.ConsumerMember.State;
import io.gregor.coordinator.group.consumer.Conversion;
import io.gregor.coordinator.group.consumer.GroupHash;
import io.gregor.coordinator.runtime.ApiException;
import io.gregor.coordinator.runtime.CoordinatorRecord;
import io.gregor.wire.MalformedMessageException;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.ConsumerGroupMemberMetadataValue.ClassicMemberMetadata;
import io.gregor.wire.message.ConsumerGroupMemberMetadataValue.ClassicProtocol;
import io.gregor.wire.message.ConsumerProtocolAssignment;
import io.gregor.wire.message.ConsumerProtocolAssignment.TopicPartition;
import io.gregor.wire.message.ConsumerProtocolSubscription;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.JoinGroupRequest.JoinGroupRequestProtocol;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns groups with members from one protocol to the other, as {@code group.consumer.migration.policy} allows: a
 * classic one when the first member of the new protocol joins, a consumer group when its last one leaves.
 */
public final class GroupConversion implements Conversion {
    private static final Logger LOG = LoggerFactory.getLogger(GroupConversion.class);

    private final GroupStore store;
    private final ClassicGroups classicGroups;
    private final ConsumerGroupConfig config;

    public GroupConversion(GroupStore store, ClassicGroups classicGroups, ConsumerGroupConfig config) {
        this.store = store;
        this.classicGroups = classicGroups;
        this.config = config;
    }

    @Override
    public ConsumerGroup toConsumer(Group other, List<CoordinatorRecord> records) throws ApiException {
        if (other instanceof ClassicGroup classic && !classic.isEmpty()) {
            ConsumerGroup converted = toConsumer(classic);
            records.addAll(records(classic, converted));
            return converted;
        }
        records.addAll(other.tombstones());
        return new ConsumerGroup(other.id());
    }

    private ConsumerGroup toConsumer(ClassicGroup classic) throws ApiException {
        String why = objection(classic);
        if (why != null) {
            LOG.info("Group {} cannot become a consumer group because {}", classic.id(), why);
            throw new ApiException(
                    ErrorCode.GROUP_ID_NOT_FOUND,
                    "Cannot upgrade classic group " + classic.id() + " to consumer group because " + why + ".");
        }
        ConsumerGroup group = new ConsumerGroup(classic.id());
        group.assignmentEpoch(classic.generation(), 0);
        String protocol = classic.protocolName() == null ? classic.vote() : classic.protocolName();
        try {
            for (ClassicMember member : classic.members()) {
                Map<Uuid, Set<Integer>> assigned = assignedTo(classic, member);
                group.target(member.id(), assigned);
                group.put(consumer(classic, member, protocol, assigned));
            }
        } catch (MalformedMessageException e) {
            LOG.warn("Group {} cannot become a consumer group", classic.id(), e);
            throw new ApiException(
                    ErrorCode.GROUP_ID_NOT_FOUND,
                    "Cannot upgrade classic group " + classic.id()
                            + " to consumer group because the embedded consumer protocol is malformed.");
        }
        Set<String> topics = group.topicsOf(group.members().values());
        group.epoch(classic.generation(), GroupHash.of(topics, store.topics()));
        return group;
    }

    private @Nullable String objection(ClassicGroup classic) {
        if (!config.migration().allowsUpgrade()) {
            return "online upgrade is disabled";
        }
        if (!Group.CONSUMERS.equals(classic.protocolType())) {
            return "the group does not use the consumer embedded protocol";
        }
        return classic.members().size() > config.maxSize()
                ? "the group size exceeds the consumer group maximum size"
                : null;
    }

    private Map<Uuid, Set<Integer>> assignedTo(ClassicGroup classic, ClassicMember member) throws ApiException {
        if (member.assignment().length == 0) {
            return Map.of();
        }
        ConsumerProtocolAssignment assignment = EmbeddedProtocol.assignment(member.assignment());
        if (assignment.userData() != null && assignment.userData().length > 0) {
            throw new ApiException(
                    ErrorCode.GROUP_ID_NOT_FOUND,
                    "Cannot upgrade classic group " + classic.id()
                            + " to consumer group because an unsupported custom assignor is in use. Please refer to the"
                            + " documentation or switch to a default assignor before re-attempting the upgrade.");
        }
        Map<Uuid, Set<Integer>> assigned = new HashMap<>();
        for (TopicPartition topic : assignment.assignedPartitions()) {
            Topic found = store.topics().find(topic.topic());
            if (found != null) {
                assigned.put(found.id(), new HashSet<>(topic.partitions()));
            }
        }
        return assigned;
    }

    private static ConsumerMember consumer(
            ClassicGroup classic, ClassicMember member, String protocol, Map<Uuid, Set<Integer>> assigned) {
        int epoch = classic.generation();
        ConsumerProtocolSubscription subscription = EmbeddedProtocol.subscription(member.metadata(protocol));
        String rack = subscription.rackId();
        MemberMetadata profile = new MemberMetadata(
                member.instanceId(),
                rack == null || rack.isEmpty() ? null : rack,
                member.clientId(),
                member.clientHost(),
                Collections.unmodifiableSet(new HashSet<>(subscription.topics())),
                "",
                member.rebalanceTimeoutMs(),
                null,
                classicMetadata(member.sessionTimeoutMs(), member.protocols()));
        Map<Uuid, Map<Integer, Integer>> withEpochs = new HashMap<>();
        assigned.forEach((topic, partitions) -> {
            Map<Integer, Integer> epochs = new HashMap<>();
            partitions.forEach(partition -> epochs.put(partition, epoch));
            withEpochs.put(topic, epochs);
        });
        return new ConsumerMember(
                member.id(), profile, new CurrentAssignment(epoch, epoch, State.STABLE, withEpochs, Map.of()));
    }

    /** What of a member of the classic protocol is stored besides. */
    static ClassicMemberMetadata classicMetadata(int sessionTimeoutMs, List<JoinGroupRequestProtocol> protocols) {
        return new ClassicMemberMetadata()
                .sessionTimeoutMs(sessionTimeoutMs)
                .supportedProtocols(protocols.stream()
                        .map(protocol ->
                                new ClassicProtocol().name(protocol.name()).metadata(protocol.metadata()))
                        .toList());
    }

    /** The records that replace a classic group by the consumer group that it would be. */
    private static List<CoordinatorRecord> records(ClassicGroup classic, ConsumerGroup group) {
        List<CoordinatorRecord> records = new ArrayList<>(classic.tombstones());
        Collection<ConsumerMember> members = group.members().values();
        members.forEach(member -> records.add(ConsumerGroupRecords.profile(group.id(), member)));
        records.add(ConsumerGroupRecords.epoch(group.id(), group.epoch(), group.metadataHash()));
        members.forEach(
                member -> records.add(ConsumerGroupRecords.target(group.id(), member.id(), group.target(member.id()))));
        records.add(ConsumerGroupRecords.assignmentEpoch(group.id(), group.assignmentEpoch(), group.assignedMs()));
        members.forEach(member -> records.add(ConsumerGroupRecords.standing(group.id(), member)));
        return records;
    }

    @Override
    public void replaced(Group other) {
        if (other instanceof ClassicGroup classic) {
            classicGroups.rebalance().abandon(classic);
        }
    }

    @Override
    public boolean mayBecomeClassic(ConsumerGroup group, Collection<ConsumerMember> staying) {
        boolean allClassic = !staying.isEmpty() && staying.stream().allMatch(ConsumerMember::isClassic);
        if (!allClassic) {
            return false;
        }
        boolean allowed = config.migration().allowsDowngrade()
                && staying.size() <= classicGroups.config().maxSize();
        if (!allowed) {
            LOG.info("Group {} stays a consumer group: online downgrade is disabled, or too many members", group.id());
        }
        return allowed;
    }

    @Override
    public void toClassic(
            ConsumerGroup group,
            Map<String, ConsumerMember> members,
            boolean rebalance,
            List<CoordinatorRecord> before,
            Runnable applied,
            Consumer<ErrorCode> done)
            throws ApiException {
        ClassicGroup classic = classic(group, members);
        String replacedId = null;
        String joiningId = null;
        for (Map.Entry<String, ConsumerMember> member : members.entrySet()) {
            if (!member.getKey().equals(member.getValue().id())) {
                replacedId = member.getKey();
                joiningId = member.getValue().id();
            }
        }
        List<CoordinatorRecord> records = new ArrayList<>(before);
        records.addAll(group.tombstones(replacedId, joiningId));
        records.add(classic.record());
        Runnable replaced = () -> {
            applied.run();
            store.put(classic);
            Rebalance classicRules = classicGroups.rebalance();
            classic.members().forEach(member -> classicRules.expectHeartbeat(classic, member));
            if (rebalance) {
                classicRules.request(classic, "it was a group of the consumer protocol");
            }
        };
        LOG.info("Group {} becomes a classic group again", group.id());
        store.store(records, replaced, done);
    }

    private ClassicGroup classic(ConsumerGroup group, Map<String, ConsumerMember> members) throws ApiException {
        ClassicGroup classic = new ClassicGroup(group.id(), store.nowMs());
        classic.restore(group.epoch(), Group.CONSUMERS, null, null, store.nowMs());
        Map<String, String> targetIds = new HashMap<>();
        members.forEach((targetId, member) -> {
            targetIds.put(member.id(), targetId);
            classic.add(classicMember(member), Group.CONSUMERS);
        });
        classic.settle(store.nowMs());
        try {
            for (ClassicMember member : classic.members()) {
                Map<Uuid, Set<Integer>> target = group.target(targetIds.getOrDefault(member.id(), member.id()));
                member.assignment(EmbeddedProtocol.encode(
                        assignment(target, store.topics()), member.metadata(classic.protocolName())));
            }
        } catch (MalformedMessageException e) {
            throw new ApiException(
                    ErrorCode.GROUP_ID_NOT_FOUND,
                    "Cannot downgrade the classic group " + group.id() + ": " + e.getMessage() + ".");
        }
        return classic;
    }

    private static ClassicMember classicMember(ConsumerMember member) {
        ClassicMemberMetadata metadata = member.profile().classic();
        List<JoinGroupRequestProtocol> protocols = metadata == null
                ? List.of()
                : metadata.supportedProtocols().stream()
                        .map(protocol -> new JoinGroupRequestProtocol()
                                .name(protocol.name())
                                .metadata(protocol.metadata()))
                        .toList();
        return new ClassicMember(
                member.id(),
                member.profile().instanceId(),
                member.profile().clientId(),
                member.profile().clientHost(),
                member.profile().rebalanceTimeoutMs(),
                member.classicSessionTimeoutMs(),
                protocols);
    }

    /** Partitions as the members of the classic protocol are told of them. */
    static ConsumerProtocolAssignment assignment(Map<Uuid, ? extends Set<Integer>> partitions, GroupTopics allTopics) {
        List<TopicPartition> topics = new ArrayList<>();
        partitions.forEach((id, indexes) -> {
            Topic topic = allTopics.find(id);
            if (topic != null) {
                topics.add(new TopicPartition().topic(topic.name()).partitions(List.copyOf(indexes)));
            }
        });
        return new ConsumerProtocolAssignment().assignedPartitions(topics);
    }
}

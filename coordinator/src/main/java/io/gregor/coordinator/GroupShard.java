package io.gregor.coordinator;

import io.gregor.wire.Message;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.GroupMetadataKey;
import io.gregor.wire.message.GroupMetadataValue;
import io.gregor.wire.message.JoinGroupRequest.JoinGroupRequestProtocol;
import io.gregor.wire.message.LegacyOffsetCommitKey;
import io.gregor.wire.message.OffsetCommitKey;
import io.gregor.wire.message.OffsetCommitValue;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The groups and offsets of one partition of {@code __consumer_offsets}. Confined to that partition's lane. What its
 * operations want to last is appended to the journal first and then applied here by {@link #apply}, which loading uses
 * too; members, waiting requests and timers live in memory only, as they do in Kafka.
 */
public final class GroupShard implements Shard {
    private static final Logger LOG = LoggerFactory.getLogger(GroupShard.class);

    private final Map<String, Group> groups = new HashMap<>();
    private final Map<String, Map<TopicPartition, CommittedOffset>> offsets = new HashMap<>();
    /** What open transactions have committed, by producer and group. */
    private final Map<Long, Map<String, Map<TopicPartition, CommittedOffset>>> undecided = new HashMap<>();

    private final GroupConfig config;
    private final Journal journal;
    private final Timers timers;
    private final InstantSource clock;
    private final Supplier<String> memberSuffixes;

    /** @param memberSuffixes unique endings for the member ids that the coordinator gives out */
    public GroupShard(
            GroupConfig config, Journal journal, Timers timers, InstantSource clock, Supplier<String> memberSuffixes) {
        this.config = config;
        this.journal = journal;
        this.timers = timers;
        this.clock = clock;
        this.memberSuffixes = memberSuffixes;
    }

    GroupConfig config() {
        return config;
    }

    Journal journal() {
        return journal;
    }

    Timers timers() {
        return timers;
    }

    long nowMs() {
        return clock.millis();
    }

    String newMemberId(String prefix) {
        return prefix + "-" + memberSuffixes.get();
    }

    Map<String, Group> groups() {
        return groups;
    }

    @Nullable
    Group group(String groupId) {
        return groups.get(groupId);
    }

    Group groupOrNew(String groupId) {
        return groups.computeIfAbsent(groupId, id -> new Group(id, nowMs()));
    }

    /** Who commits offsets outside of group management makes the group: NONE, or ILLEGAL_GENERATION for a member. */
    ErrorCode admitStranger(String groupId, int generation) {
        if (generation >= 0) {
            return ErrorCode.ILLEGAL_GENERATION;
        }
        groupOrNew(groupId);
        return ErrorCode.NONE;
    }

    /** What the group committed; empty if it never did. */
    Map<TopicPartition, CommittedOffset> offsets(String groupId) {
        return offsets.getOrDefault(groupId, Map.of());
    }

    /** Whether a transaction has committed an offset of that partition that will count if it ends well. */
    boolean isUndecided(String groupId, TopicPartition partition) {
        return undecided.values().stream()
                .anyMatch(
                        ofProducer -> ofProducer.getOrDefault(groupId, Map.of()).containsKey(partition));
    }

    /**
     * Stores offsets that a group commits; within a transaction they count when it is committed.
     *
     * @param producer whose transaction, or null
     */
    void commit(
            String groupId, List<OffsetChange> changes, Journal.@Nullable Producer producer, Consumer<ErrorCode> done) {
        List<CoordinatorRecord> records = changes.stream()
                .map(change -> GroupRecords.offset(groupId, change.partition(), change.committed()))
                .toList();
        journal.append(records, producer, appended -> {
            if (appended.error() == ErrorCode.NONE) {
                long position = appended.baseOffset();
                for (OffsetChange change : changes) {
                    CommittedOffset stored = change.committed().storedAt(position++);
                    committed(groupId, change.partition(), stored, producer == null ? -1 : producer.id());
                }
            }
            done.accept(appended.error());
        });
    }

    private void committed(String groupId, TopicPartition partition, CommittedOffset committed, long producerId) {
        groupOrNew(groupId);
        Map<String, Map<TopicPartition, CommittedOffset>> target =
                producerId < 0 ? offsets : undecided.computeIfAbsent(producerId, id -> new HashMap<>());
        target.computeIfAbsent(groupId, id -> new LinkedHashMap<>()).put(partition, committed);
    }

    @Override
    public void endTransaction(long producerId, boolean commit) {
        Map<String, Map<TopicPartition, CommittedOffset>> ended = undecided.remove(producerId);
        if (ended == null || !commit) {
            return;
        }
        ended.forEach((groupId, changes) -> changes.forEach((partition, committed) -> {
            CommittedOffset known = offsets(groupId).get(partition);
            if (known == null || known.recordOffset() < committed.recordOffset()) {
                committed(groupId, partition, committed, -1);
            }
        }));
    }

    /** All partitions of which the group committed offsets, decided or not. */
    List<TopicPartition> partitionsOf(String groupId) {
        Set<TopicPartition> partitions = new LinkedHashSet<>(offsets(groupId).keySet());
        undecided
                .values()
                .forEach(ofProducer -> partitions.addAll(
                        ofProducer.getOrDefault(groupId, Map.of()).keySet()));
        return List.copyOf(partitions);
    }

    /** Makes the group forget what it committed for these partitions. */
    void deleteOffsets(String groupId, List<TopicPartition> partitions, Consumer<ErrorCode> done) {
        if (partitions.isEmpty()) {
            done.accept(ErrorCode.NONE);
            return;
        }
        List<CoordinatorRecord> records = partitions.stream()
                .map(partition -> GroupRecords.offsetTombstone(groupId, partition))
                .toList();
        journal.append(records, stored -> {
            if (stored == ErrorCode.NONE) {
                partitions.forEach(partition -> forgetOffset(groupId, partition));
            }
            done.accept(stored);
        });
    }

    /** The group and all that it committed are gone; whatever still waits finds it dead. */
    void forgetGroup(Group group) {
        partitionsOf(group.id()).forEach(partition -> forgetOffset(group.id(), partition));
        group.enter(GroupState.DEAD, nowMs());
        groups.remove(group.id(), group);
    }

    /** Applies a stored record. Types of other protocols are left alone: they are in the log, and stay there. */
    @Override
    public void apply(Stored record) {
        Message key = GroupRecords.key(record.key());
        if (key instanceof GroupMetadataKey group) {
            applyGroup(group.group(), record.value());
        } else if (key instanceof OffsetCommitKey offset) {
            applyOffset(offset.group(), new TopicPartition(offset.topic(), offset.partition()), record);
        } else if (key instanceof LegacyOffsetCommitKey offset) {
            applyOffset(offset.group(), new TopicPartition(offset.topic(), offset.partition()), record);
        }
    }

    private void applyOffset(String groupId, TopicPartition partition, Stored record) {
        if (record.value() == null) {
            forgetOffset(groupId, partition);
            return;
        }
        OffsetCommitValue value =
                GroupRecords.value(new OffsetCommitValue(), OffsetCommitValue.HIGHEST_VERSION, record.value());
        CommittedOffset committed = new CommittedOffset(
                value.offset(),
                value.leaderEpoch(),
                value.metadata(),
                value.commitTimestamp(),
                value.expireTimestamp(),
                value.topicId(),
                record.offset());
        committed(groupId, partition, committed, record.producerId());
    }

    private void forgetOffset(String groupId, TopicPartition partition) {
        undecided
                .values()
                .forEach(ofProducer ->
                        ofProducer.getOrDefault(groupId, new HashMap<>()).remove(partition));
        Map<TopicPartition, CommittedOffset> ofGroup = offsets.get(groupId);
        if (ofGroup != null) {
            ofGroup.remove(partition);
            if (ofGroup.isEmpty()) {
                offsets.remove(groupId);
            }
        }
    }

    private void applyGroup(String groupId, @Nullable ByteBuffer bytes) {
        if (bytes == null) {
            groups.remove(groupId);
            return;
        }
        GroupMetadataValue value =
                GroupRecords.value(new GroupMetadataValue(), GroupMetadataValue.HIGHEST_VERSION, bytes);
        Group group = groupOrNew(groupId);
        String type = value.protocolType().isEmpty() ? null : value.protocolType();
        group.restore(value.generation(), type, value.protocol(), value.leader(), value.currentStateTimestamp());
        for (GroupMetadataValue.MemberMetadata stored : value.members()) {
            group.add(restored(stored, value.protocol()), type);
        }
        group.enter(value.members().isEmpty() ? GroupState.EMPTY : GroupState.STABLE, value.currentStateTimestamp());
    }

    private static Member restored(GroupMetadataValue.MemberMetadata stored, @Nullable String protocol) {
        JoinGroupRequestProtocol offered = new JoinGroupRequestProtocol()
                .name(protocol == null ? "" : protocol)
                .metadata(stored.subscription());
        int rebalanceTimeout = stored.rebalanceTimeout() == -1 ? stored.sessionTimeout() : stored.rebalanceTimeout();
        Member member = new Member(
                stored.memberId(),
                stored.groupInstanceId(),
                stored.clientId(),
                stored.clientHost(),
                rebalanceTimeout,
                stored.sessionTimeout(),
                List.of(offered));
        member.assignment(stored.assignment());
        return member;
    }

    /** From now on the members must show that they live. */
    @Override
    public void loaded() {
        Rebalance rebalance = new Rebalance(this);
        for (Group group : groups.values()) {
            group.members().forEach(member -> rebalance.expectHeartbeat(group, member));
        }
        if (!groups.isEmpty()) {
            LOG.info("Loaded {} groups", groups.size());
        }
    }
}

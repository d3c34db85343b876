package io.gregor.coordinator;

import io.gregor.wire.Message;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.GroupMetadataKey;
import io.gregor.wire.message.GroupMetadataValue;
import io.gregor.wire.message.JoinGroupRequest.JoinGroupRequestProtocol;
import io.gregor.wire.message.LegacyOffsetCommitKey;
import io.gregor.wire.message.OffsetCommitKey;
import io.gregor.wire.message.OffsetCommitValue;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
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

    /** Who is answered once the newest append of {@link #store} lasts; null if it does. */
    private @Nullable List<Consumer<ErrorCode>> behindNewest;

    /** Groups whose regular expressions are being resolved. */
    private final Set<String> resolving = new HashSet<>();

    private final StateMemory memory;
    private final Groups groups;
    private final CommittedOffsets offsets;
    private final ConsumerGroupReplay consumerGroups;
    private final GroupConfig config;
    private final GroupTopics topics;
    private final Journal journal;
    private final Timers timers;
    private final Aside aside;
    private final InstantSource clock;
    private final Supplier<Uuid> memberIds;

    /** @param memberIds unique, for the member ids that the coordinator gives out */
    public GroupShard(
            GroupConfig config,
            StateMemory memory,
            GroupTopics topics,
            Journal journal,
            Timers timers,
            Aside aside,
            InstantSource clock,
            Supplier<Uuid> memberIds) {
        this.config = config;
        this.memory = memory;
        groups = new Groups(memory);
        offsets = new CommittedOffsets(memory);
        consumerGroups = new ConsumerGroupReplay(groups);
        this.topics = topics;
        this.journal = journal;
        this.timers = timers;
        this.aside = aside;
        this.clock = clock;
        this.memberIds = memberIds;
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

    GroupTopics topics() {
        return topics;
    }

    Aside aside() {
        return aside;
    }

    long nowMs() {
        return clock.millis();
    }

    /** The id of a new member of a classic group. */
    String newMemberId(String prefix) {
        Uuid id = memberIds.get();
        return prefix + "-" + new UUID(id.mostSignificantBits(), id.leastSignificantBits());
    }

    /** The id of a new member of a consumer group. */
    String newConsumerId() {
        return memberIds.get().toString();
    }

    @Override
    public StateMemory memory() {
        return memory;
    }

    Groups groups() {
        return groups;
    }

    @Nullable
    Group group(String groupId) {
        return groups.find(groupId);
    }

    /** Null if there is none, or if it is one of another protocol. */
    @Nullable
    ClassicGroup classicGroup(String groupId) {
        return groups.find(groupId) instanceof ClassicGroup classic ? classic : null;
    }

    /** Null if there is none, or if it is one of another protocol. */
    @Nullable
    ConsumerGroup consumerGroup(String groupId) {
        return groups.find(groupId) instanceof ConsumerGroup consumers ? consumers : null;
    }

    /** @throws Refused GROUP_ID_NOT_FOUND */
    ConsumerGroup requireConsumerGroup(String groupId) throws Refused {
        Group group = groups.find(groupId);
        if (group instanceof ConsumerGroup consumers) {
            return consumers;
        }
        throw new Refused(
                ErrorCode.GROUP_ID_NOT_FOUND,
                "Group " + groupId + (group == null ? " not found." : " is not a consumer group."));
    }

    /** The caller has made sure that there is no group of another protocol. */
    ClassicGroup classicGroupOrNew(String groupId) {
        return (ClassicGroup) groupOrNew(groupId);
    }

    /** The group, of whichever protocol; a new one is a classic one. */
    Group groupOrNew(String groupId) {
        Group known = groups.find(groupId);
        if (known != null) {
            return known;
        }
        ClassicGroup created = new ClassicGroup(groupId, nowMs());
        groups.put(created);
        return created;
    }

    /** Makes a classic group that nobody has joined yet; an error, and no group, if its record cannot be stored. */
    ErrorCode createClassicGroup(String groupId) {
        ErrorCode[] refused = new ErrorCode[] {ErrorCode.NONE};
        journal.append(
                List.of(GroupRecords.newGroup(groupId, nowMs())),
                null,
                () -> classicGroupOrNew(groupId),
                appended -> refused[0] = appended.error());
        return groups.find(groupId) == null ? refused[0] : ErrorCode.NONE;
    }

    /**
     * Stores what an operation has decided for a group and applies it at once; then says how that went, as soon as it
     * lasts. Who comes in between finds the group as it is now, and is answered later.
     *
     * @param applied run right after the records are applied
     */
    void store(List<CoordinatorRecord> records, Runnable applied, Consumer<ErrorCode> done) {
        Runnable accepted = () -> {
            applyAll(records);
            applied.run();
        };
        if (records.isEmpty()) {
            accepted.run();
            if (behindNewest == null) {
                done.accept(ErrorCode.NONE);
            } else {
                behindNewest.add(done);
            }
            return;
        }
        List<Consumer<ErrorCode>> behind = new ArrayList<>(List.of(done));
        behindNewest = behind;
        journal.append(records, null, accepted, appended -> answer(behind, appended.error()));
    }

    /** As {@link #store}, if what the records bring fits into memory; else GROUP_MAX_SIZE_REACHED, and nothing. */
    void storeIfFits(String groupId, List<CoordinatorRecord> records, Runnable applied, Consumer<ErrorCode> done) {
        long growth = new ConsumerGroupGrowth(groups.find(groupId)).of(records);
        if (!memory.reserve(growth)) {
            done.accept(ErrorCode.GROUP_MAX_SIZE_REACHED);
            return;
        }
        try {
            store(records, applied, done);
        } finally {
            memory.unreserve(growth);
        }
    }

    @SuppressWarnings("ReferenceEquality") // Has nothing been appended since?
    private void answer(List<Consumer<ErrorCode>> behind, ErrorCode error) {
        if (behindNewest == behind) {
            behindNewest = null;
        }
        behind.forEach(done -> done.accept(error));
    }

    boolean isResolving(String groupId) {
        return resolving.contains(groupId);
    }

    /** Whether it was not being done already. */
    boolean beginResolving(String groupId) {
        return resolving.add(groupId);
    }

    void endResolving(String groupId) {
        resolving.remove(groupId);
    }

    CommittedOffsets offsets() {
        return offsets;
    }

    /**
     * Stores offsets that a group commits; within a transaction they count when it is committed. Those that do not fit
     * into memory get INVALID_COMMIT_OFFSET_SIZE.
     *
     * @param producer whose transaction, or null
     */
    void commit(
            String groupId, List<OffsetChange> changes, Journal.@Nullable Producer producer, Consumer<ErrorCode> done) {
        long producerId = producer == null ? -1 : producer.id();
        long growth = offsets.growth(groupId, changes, producerId)
                + (groups.find(groupId) == null ? ClassicGroup.bytes(groupId) : 0);
        if (!memory.reserve(growth)) {
            done.accept(ErrorCode.INVALID_COMMIT_OFFSET_SIZE);
            return;
        }
        List<CoordinatorRecord> records = changes.stream()
                .map(change -> GroupRecords.offset(groupId, change.partition(), change.committed()))
                .toList();
        journal.append(records, producer, appended -> {
            memory.unreserve(growth);
            if (appended.error() == ErrorCode.NONE) {
                long position = appended.baseOffset();
                for (OffsetChange change : changes) {
                    CommittedOffset stored = change.committed().storedAt(position++);
                    committed(groupId, change.partition(), stored, producerId);
                }
            }
            done.accept(appended.error());
        });
    }

    private void committed(String groupId, TopicPartition partition, CommittedOffset committed, long producerId) {
        groupOrNew(groupId);
        offsets.put(groupId, partition, committed, producerId);
    }

    @Override
    public void endTransaction(long producerId, boolean commit) {
        offsets.endTransaction(producerId)
                .forEach((groupId, changes) -> changes.forEach((partition, committed) -> {
                    if (commit && offsets.isNewest(groupId, partition, committed)) {
                        committed(groupId, partition, committed, -1);
                    }
                }));
    }

    /** Makes the group forget what it committed for these partitions; they need not be forgotten all at once. */
    void deleteOffsets(String groupId, List<TopicPartition> partitions, Consumer<ErrorCode> done) {
        List<CoordinatorRecord> records = partitions.stream()
                .map(partition -> GroupRecords.offsetTombstone(groupId, partition))
                .toList();
        storeInParts(records, done);
    }

    /** Stores and applies records that need not be stored together: as many as can be. */
    void storeInParts(List<CoordinatorRecord> records, Consumer<ErrorCode> done) {
        journal.appendInParts(records, this::applyAll, done);
    }

    private void applyAll(List<CoordinatorRecord> records) {
        records.forEach(record -> apply(record.key(), record.value()));
    }

    /** Applies a stored record. Types of other protocols are left alone: they are in the log, and stay there. */
    @Override
    public void apply(Stored record) {
        Message key = GroupRecords.key(record.key());
        if (key instanceof OffsetCommitKey offset) {
            applyOffset(offset.group(), new TopicPartition(offset.topic(), offset.partition()), record);
        } else if (key instanceof LegacyOffsetCommitKey offset) {
            applyOffset(offset.group(), new TopicPartition(offset.topic(), offset.partition()), record);
        } else if (key != null) {
            apply(key, GroupRecords.value(key, record.value()));
        }
    }

    private void apply(Message key, @Nullable Message value) {
        if (key instanceof GroupMetadataKey group) {
            applyClassic(group.group(), (GroupMetadataValue) value);
        } else if (key instanceof OffsetCommitKey offset && value == null) {
            offsets.forget(offset.group(), new TopicPartition(offset.topic(), offset.partition()));
        } else if (!consumerGroups.apply(key, value)) {
            throw new IllegalArgumentException("no record of a group: " + key);
        }
    }

    private void applyOffset(String groupId, TopicPartition partition, Stored record) {
        if (record.value() == null) {
            offsets.forget(groupId, partition);
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

    private void applyClassic(String groupId, @Nullable GroupMetadataValue value) {
        ClassicGroup known = classicGroup(groupId);
        if (value == null) {
            if (known != null) {
                groups.remove(groupId);
                known.enter(GroupState.DEAD, nowMs());
            }
            return;
        }
        ClassicGroup group = known == null ? new ClassicGroup(groupId, nowMs()) : known;
        groups.put(group);
        String type = value.protocolType().isEmpty() ? null : value.protocolType();
        group.restore(value.generation(), type, value.protocol(), value.leader(), value.currentStateTimestamp());
        for (GroupMetadataValue.MemberMetadata stored : value.members()) {
            group.add(restored(stored, value.protocol()), type);
        }
        group.enter(value.members().isEmpty() ? GroupState.EMPTY : GroupState.STABLE, value.currentStateTimestamp());
    }

    private static ClassicMember restored(GroupMetadataValue.MemberMetadata stored, @Nullable String protocol) {
        JoinGroupRequestProtocol offered = new JoinGroupRequestProtocol()
                .name(protocol == null ? "" : protocol)
                .metadata(stored.subscription());
        int rebalanceTimeout = stored.rebalanceTimeout() == -1 ? stored.sessionTimeout() : stored.rebalanceTimeout();
        ClassicMember member = new ClassicMember(
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
        ConsumerTimers consumerTimers = new ConsumerTimers(this);
        for (Group group : groups.all()) {
            if (group instanceof ClassicGroup classic) {
                classic.members().forEach(member -> rebalance.expectHeartbeat(classic, member));
            } else if (group instanceof ConsumerGroup consumers) {
                consumers.members().values().forEach(member -> consumerTimers.resume(consumers.id(), member));
            }
        }
        if (!groups.all().isEmpty()) {
            LOG.info("Loaded {} groups", groups.all().size());
        }
    }
}

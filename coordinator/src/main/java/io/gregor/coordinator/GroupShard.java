package io.gregor.coordinator;

import io.gregor.wire.Message;
import io.gregor.wire.message.GroupMetadataKey;
import io.gregor.wire.message.GroupMetadataValue;
import io.gregor.wire.message.JoinGroupRequest.JoinGroupRequestProtocol;
import io.gregor.wire.message.LegacyOffsetCommitKey;
import io.gregor.wire.message.OffsetCommitKey;
import io.gregor.wire.message.OffsetCommitValue;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The groups and offsets of one partition of {@code __consumer_offsets}. Confined to that partition's lane. What its
 * operations want to last is appended to the journal first and then applied here by {@link #apply}, which loading uses
 * too; members, waiting requests and timers live in memory only, as they do in Kafka.
 */
public final class GroupShard {
    private static final Logger LOG = LoggerFactory.getLogger(GroupShard.class);

    private final Map<String, Group> groups = new HashMap<>();
    private final Map<String, Map<TopicPartition, CommittedOffset>> offsets = new HashMap<>();
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

    /** What the group committed; empty if it never did. */
    Map<TopicPartition, CommittedOffset> offsets(String groupId) {
        return offsets.getOrDefault(groupId, Map.of());
    }

    void committed(String groupId, TopicPartition partition, CommittedOffset committed) {
        offsets.computeIfAbsent(groupId, id -> new HashMap<>()).put(partition, committed);
        groupOrNew(groupId);
    }

    /** Applies a stored record. Types of other protocols are left alone: they are in the log, and stay there. */
    public void apply(ByteBuffer keyBytes, @Nullable ByteBuffer valueBytes) {
        Message key = GroupRecords.key(keyBytes);
        if (key instanceof GroupMetadataKey group) {
            applyGroup(group.group(), valueBytes);
        } else if (key instanceof OffsetCommitKey offset) {
            applyOffset(offset.group(), new TopicPartition(offset.topic(), offset.partition()), valueBytes);
        } else if (key instanceof LegacyOffsetCommitKey offset) {
            applyOffset(offset.group(), new TopicPartition(offset.topic(), offset.partition()), valueBytes);
        }
    }

    private void applyOffset(String groupId, TopicPartition partition, @Nullable ByteBuffer bytes) {
        if (bytes == null) {
            Map<TopicPartition, CommittedOffset> ofGroup = offsets.get(groupId);
            if (ofGroup != null) {
                ofGroup.remove(partition);
            }
            return;
        }
        OffsetCommitValue value = GroupRecords.value(new OffsetCommitValue(), OffsetCommitValue.HIGHEST_VERSION, bytes);
        committed(
                groupId,
                partition,
                new CommittedOffset(
                        value.offset(),
                        value.leaderEpoch(),
                        value.metadata(),
                        value.commitTimestamp(),
                        value.expireTimestamp(),
                        value.topicId()));
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

    /** To be called once after loading: from now on the members must show that they live. */
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

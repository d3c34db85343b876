package io.gregor.coordinator.group.classic;

import io.gregor.coordinator.group.Committer;
import io.gregor.coordinator.group.Group;
import io.gregor.coordinator.runtime.CoordinatorRecord;
import io.gregor.coordinator.runtime.Footprint;
import io.gregor.coordinator.runtime.Weight;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.GroupMetadataValue;
import io.gregor.wire.message.JoinGroupRequest.JoinGroupRequestProtocol;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A classic group: its members, generation and state. Confined to the shard's lane; holds no rule of its own time. */
public final class ClassicGroup implements Group {
    static final String TYPE = "classic";

    private final String id;
    private final Map<String, ClassicMember> members = new LinkedHashMap<>();
    private final Map<String, String> staticMembers = new HashMap<>();
    private final Set<String> pendingMembers = new HashSet<>();
    private final Set<String> pendingSync = new HashSet<>();
    private GroupState state = GroupState.EMPTY;
    private GroupState previousState = GroupState.EMPTY;
    private long stateSinceMs;
    private int generation;
    private @Nullable String protocolType;
    private @Nullable String protocolName;
    private @Nullable String leaderId;
    private boolean newMemberAdded;
    private final Weight weight;

    public ClassicGroup(String id, long nowMs) {
        this.id = id;
        this.stateSinceMs = nowMs;
        weight = new Weight(bytes(id));
    }

    /** What a group of that id takes before it has members, in bytes. */
    static long bytes(String groupId) {
        return Footprint.of(groupId) + 2 * Footprint.OBJECT + 4 * Footprint.MAP + Footprint.ENTRY;
    }

    @Override
    public Weight weight() {
        return weight;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public String shownState() {
        return state.shownAs();
    }

    @Override
    public boolean isEmpty() {
        return is(GroupState.EMPTY);
    }

    @Override
    public boolean isSimple() {
        return protocolType == null && isEmpty() && pendingMembers.isEmpty();
    }

    @Override
    public List<CoordinatorRecord> tombstones() {
        return List.of(ClassicGroupRecords.tombstone(id));
    }

    /** What stores the group with all of its members. */
    public CoordinatorRecord record() {
        GroupMetadataValue value = new GroupMetadataValue()
                .protocolType(Objects.requireNonNullElse(protocolType, ""))
                .generation(generation)
                .protocol(protocolName)
                .leader(leaderId)
                .currentStateTimestamp(stateSinceMs)
                .members(members.values().stream().map(this::stored).toList());
        return ClassicGroupRecords.group(id, value);
    }

    private GroupMetadataValue.MemberMetadata stored(ClassicMember member) {
        return new GroupMetadataValue.MemberMetadata()
                .memberId(member.id())
                .groupInstanceId(member.instanceId())
                .clientId(member.clientId())
                .clientHost(member.clientHost())
                .rebalanceTimeout(member.rebalanceTimeoutMs())
                .sessionTimeout(member.sessionTimeoutMs())
                .subscription(member.metadata(protocolName))
                .assignment(member.assignment());
    }

    GroupState state() {
        return state;
    }

    boolean is(GroupState expected) {
        return state == expected;
    }

    void enter(GroupState next, long nowMs) {
        previousState = state;
        state = next;
        stateSinceMs = nowMs;
    }

    GroupState previousState() {
        return previousState;
    }

    long stateSinceMs() {
        return stateSinceMs;
    }

    public int generation() {
        return generation;
    }

    @Override
    public @Nullable String protocolType() {
        return protocolType;
    }

    @Nullable
    public String protocolName() {
        return protocolName;
    }

    @Nullable
    String leaderId() {
        return leaderId;
    }

    boolean isLeader(ClassicMember member) {
        return member.id().equals(leaderId);
    }

    public Collection<ClassicMember> members() {
        return members.values();
    }

    @Nullable
    ClassicMember member(String memberId) {
        return members.get(memberId);
    }

    /** The member that a static member's name stands for now, or null. */
    @Nullable
    ClassicMember staticMember(@Nullable String instanceId) {
        String memberId = instanceId == null ? null : staticMembers.get(instanceId);
        return memberId == null ? null : members.get(memberId);
    }

    /** Those that have been told their member ids, and have to join with them. */
    Set<String> pendingMembers() {
        return Collections.unmodifiableSet(pendingMembers);
    }

    /** What a place for a pending member takes, in bytes. */
    static long pendingBytes(String memberId) {
        return Footprint.of(memberId) + Footprint.ENTRY + Footprint.TIMER;
    }

    void addPending(String memberId) {
        if (pendingMembers.add(memberId)) {
            weight.add(pendingBytes(memberId));
        }
    }

    void removePending(String memberId) {
        if (pendingMembers.remove(memberId)) {
            weight.add(-pendingBytes(memberId));
        }
    }

    Set<String> pendingSync() {
        return pendingSync;
    }

    boolean takeNewMemberAdded() {
        boolean added = newMemberAdded;
        newMemberAdded = false;
        return added;
    }

    void noteNewMember() {
        newMemberAdded = true;
    }

    public void add(ClassicMember member, @Nullable String type) {
        if (members.isEmpty()) {
            protocolType = type;
        }
        if (leaderId == null) {
            leaderId = member.id();
        }
        put(member);
        removePending(member.id());
    }

    private void put(ClassicMember member) {
        take(member.id());
        members.put(member.id(), member);
        member.weighIn(weight);
        String instanceId = member.instanceId();
        if (instanceId != null) {
            staticMembers.put(instanceId, member.id());
        }
    }

    private void take(String memberId) {
        ClassicMember before = members.remove(memberId);
        if (before != null) {
            before.weighNoMore();
        }
    }

    void remove(ClassicMember member) {
        take(member.id());
        String instanceId = member.instanceId();
        if (instanceId != null) {
            staticMembers.remove(instanceId, member.id());
        }
        removePending(member.id());
        pendingSync.remove(member.id());
        if (isLeader(member)) {
            leaderId = members.isEmpty() ? null : members.keySet().iterator().next();
        }
    }

    /** As Kafka has it, a group of consumers that cannot be read may be subscribed to anything. */
    @Override
    public Predicate<String> subscription() {
        if (!CONSUMERS.equals(protocolType)) {
            return topic -> false;
        }
        Set<String> all = new HashSet<>();
        for (ClassicMember member : members.values()) {
            List<String> topics = EmbeddedProtocol.topics(member.metadata(protocolName));
            if (topics == null) {
                return topic -> true;
            }
            all.addAll(topics);
        }
        return all::contains;
    }

    /** Puts a static member that has come back in the place that it had. */
    void replace(ClassicMember old, ClassicMember returned) {
        boolean wasLeader = isLeader(old);
        take(old.id());
        put(returned);
        if (pendingSync.remove(old.id())) {
            pendingSync.add(returned.id());
        }
        if (wasLeader) {
            leaderId = returned.id();
        }
    }

    /** The protocol that would win if the members voted now. */
    boolean wouldKeepProtocol() {
        return vote().equals(protocolName);
    }

    boolean haveAllJoined() {
        return pendingMembers.isEmpty() && members.values().stream().allMatch(ClassicMember::isAwaitingJoin);
    }

    /** If the leader did not join again, makes a member leader that did; false if none did. */
    boolean hasJoinedLeader() {
        ClassicMember leader = leaderId == null ? null : members.get(leaderId);
        if (leader != null && leader.isAwaitingJoin()) {
            return true;
        }
        for (ClassicMember member : members.values()) {
            if (member.isAwaitingJoin()) {
                leaderId = member.id();
                return true;
            }
        }
        return false;
    }

    /** Whether a member of that type with these protocols could be in the group. */
    boolean supports(String type, List<JoinGroupRequestProtocol> protocols) {
        if (members.isEmpty()) {
            return !type.isEmpty() && !protocols.isEmpty();
        }
        if (!type.equals(protocolType)) {
            return false;
        }
        Set<String> common = commonProtocols();
        return protocols.stream().anyMatch(protocol -> common.contains(protocol.name()));
    }

    private Set<String> commonProtocols() {
        Set<String> common = null;
        for (ClassicMember member : members.values()) {
            Set<String> offered = new HashSet<>();
            member.protocols().forEach(protocol -> offered.add(protocol.name()));
            if (common == null) {
                common = offered;
            } else {
                common.retainAll(offered);
            }
        }
        return common == null ? Set.of() : common;
    }

    /** Begins the next generation with what the members agree on, or an empty one if there are none. */
    void nextGeneration(long nowMs) {
        generation++;
        pendingSync.clear();
        if (members.isEmpty()) {
            protocolName = null;
            enter(GroupState.EMPTY, nowMs);
            return;
        }
        protocolName = vote();
        enter(GroupState.COMPLETING_REBALANCE, nowMs);
    }

    /** Stands as if the members had agreed on a protocol and got their assignments. */
    public void settle(long nowMs) {
        protocolName = vote();
        enter(GroupState.STABLE, nowMs);
    }

    /** Each member votes for the first of its protocols that all support; the most votes win. */
    public String vote() {
        Set<String> candidates = commonProtocols();
        Map<String, Integer> votes = new LinkedHashMap<>();
        for (ClassicMember member : members.values()) {
            for (JoinGroupRequestProtocol protocol : member.protocols()) {
                if (candidates.contains(protocol.name())) {
                    votes.merge(protocol.name(), 1, Integer::sum);
                    break;
                }
            }
        }
        String winner = null;
        for (Map.Entry<String, Integer> vote : votes.entrySet()) {
            if (winner == null || vote.getValue() > votes.getOrDefault(winner, 0)) {
                winner = vote.getKey();
            }
        }
        if (winner == null) {
            throw new IllegalStateException("members without a common protocol in group " + id);
        }
        return winner;
    }

    int rebalanceTimeoutMs() {
        return members.values().stream()
                .mapToInt(ClassicMember::rebalanceTimeoutMs)
                .max()
                .orElse(0);
    }

    /** Sets what a stored record says. */
    public void restore(
            int storedGeneration,
            @Nullable String type,
            @Nullable String protocol,
            @Nullable String leader,
            long sinceMs) {
        members.values().forEach(ClassicMember::weighNoMore);
        members.clear();
        staticMembers.clear();
        generation = storedGeneration;
        protocolType = type;
        protocolName = protocol;
        leaderId = leader;
        stateSinceMs = sinceMs;
    }

    /** Whether the sender is a member of the group: NONE, UNKNOWN_MEMBER_ID or FENCED_INSTANCE_ID. */
    ErrorCode check(String memberId, @Nullable String instanceId) {
        if (instanceId != null) {
            String current = staticMembers.get(instanceId);
            if (current == null) {
                return ErrorCode.UNKNOWN_MEMBER_ID;
            }
            return current.equals(memberId) ? ErrorCode.NONE : ErrorCode.FENCED_INSTANCE_ID;
        }
        return members.containsKey(memberId) ? ErrorCode.NONE : ErrorCode.UNKNOWN_MEMBER_ID;
    }

    /** As {@link #check(String, String)}, then the generation: ILLEGAL_GENERATION. */
    ErrorCode check(String memberId, @Nullable String instanceId, int expectedGeneration) {
        ErrorCode error = check(memberId, instanceId);
        if (error != ErrorCode.NONE) {
            return error;
        }
        return expectedGeneration == generation ? ErrorCode.NONE : ErrorCode.ILLEGAL_GENERATION;
    }

    /**
     * UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, ILLEGAL_GENERATION, and outside of transactions REBALANCE_IN_PROGRESS.
     * Offsets of a transaction may be committed by senders that do not say that they are members.
     */
    @Override
    public ErrorCode checkCommit(Committer committer) {
        if (committer.epoch() < 0 && isEmpty()) {
            return ErrorCode.NONE;
        }
        if (!committer.isMember()) {
            return committer.transactional() ? ErrorCode.NONE : ErrorCode.UNKNOWN_MEMBER_ID;
        }
        ErrorCode error = check(committer.memberId(), committer.instanceId(), committer.epoch());
        if (error != ErrorCode.NONE || committer.transactional()) {
            return error;
        }
        return is(GroupState.COMPLETING_REBALANCE) ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE;
    }

    @Override
    public @Nullable PartitionCheck partitionCheck(Committer committer) {
        return null;
    }

    @Override
    public ErrorCode checkFetch(@Nullable String memberId, int memberEpoch) {
        return ErrorCode.NONE;
    }

    /** Offsets expire while nobody is in the group; those of consumers in a stable group, too, as they are not read. */
    @Override
    public OptionalLong unusedSinceMs(long committedMs) {
        if (protocolType == null) {
            return OptionalLong.of(committedMs);
        }
        if (isEmpty()) {
            return OptionalLong.of(stateSinceMs);
        }
        boolean read = !is(GroupState.STABLE) || !CONSUMERS.equals(protocolType);
        return read ? OptionalLong.empty() : OptionalLong.of(committedMs);
    }
}

package io.gregor.coordinator.group.consumer;

import io.gregor.coordinator.group.Committer;
import io.gregor.coordinator.group.Group;
import io.gregor.coordinator.group.consumer.ConsumerMember.CurrentAssignment;
import io.gregor.coordinator.group.consumer.assignor.Assignor;
import io.gregor.coordinator.runtime.ApiException;
import io.gregor.coordinator.runtime.CoordinatorRecord;
import io.gregor.coordinator.runtime.Footprint;
import io.gregor.coordinator.runtime.Weight;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.ErrorCode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A group of the consumer protocol (KIP-848): members, the epoch of the group, and the target assignment with its own
 * epoch. Confined to the shard's lane; changed by applying records only, see {@link ConsumerGroupRecords}.
 */
public final class ConsumerGroup implements Group {
    static final String TYPE = "consumer";
    /** The epoch of groups and assignments that have not had a member yet. */
    private static final int FIRST_EPOCH = 1;

    /** Where a consumer group stands; the names are those that tools show. */
    public enum State {
        EMPTY("Empty"),
        ASSIGNING("Assigning"),
        RECONCILING("Reconciling"),
        STABLE("Stable");

        private final String shownAs;

        State(String shownAs) {
            this.shownAs = shownAs;
        }
    }

    private final String id;
    private final Map<String, ConsumerMember> members = new HashMap<>();
    private final Map<String, String> staticMembers = new HashMap<>();
    private final Map<String, Map<Uuid, Set<Integer>>> targets = new HashMap<>();
    /** The epoch of the member that has a partition, or has to give it up. */
    private final Map<Uuid, Map<Integer, Integer>> ownerEpochs = new HashMap<>();

    private final Map<String, Integer> regexSubscribers = new HashMap<>();
    private final Map<String, ResolvedRegex> resolvedRegexes = new HashMap<>();
    private int epoch = FIRST_EPOCH;
    private long metadataHash;
    private int assignmentEpoch = FIRST_EPOCH;
    private long assignedMs;
    private boolean hasSubscriptionRecord;
    private long topicsSeen = -1;
    private final Weight weight;

    public ConsumerGroup(String id) {
        this.id = id;
        weight = new Weight(bytes(id));
    }

    /** What a group of that id takes before it has members, in bytes. */
    static long bytes(String groupId) {
        return Footprint.of(groupId) + 2 * Footprint.OBJECT + 6 * Footprint.MAP + Footprint.ENTRY;
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
    public String protocolType() {
        return CONSUMERS;
    }

    @Override
    public boolean isEmpty() {
        return members.isEmpty();
    }

    @Override
    public boolean isSimple() {
        return false;
    }

    @Override
    public String shownState() {
        return state().shownAs;
    }

    public State state() {
        if (members.isEmpty()) {
            return State.EMPTY;
        }
        if (epoch > assignmentEpoch) {
            return State.ASSIGNING;
        }
        boolean stable = members.values().stream().allMatch(member -> member.isReconciledTo(assignmentEpoch));
        return stable ? State.STABLE : State.RECONCILING;
    }

    public int epoch() {
        return epoch;
    }

    public long metadataHash() {
        return metadataHash;
    }

    public void epoch(int newEpoch, long newMetadataHash) {
        epoch = newEpoch;
        metadataHash = newMetadataHash;
    }

    public int assignmentEpoch() {
        return assignmentEpoch;
    }

    /** When the target assignment was made, 0 if never. */
    public long assignedMs() {
        return assignedMs;
    }

    public void assignmentEpoch(int newEpoch, long timestampMs) {
        assignmentEpoch = newEpoch;
        assignedMs = timestampMs;
    }

    /** Back to the start: the target assignment is gone. */
    void forgetAssignmentEpoch() {
        assignmentEpoch(FIRST_EPOCH, 0);
    }

    /** Whether topics may have changed since {@link #hasSeenTopics}. */
    boolean mayHaveOtherTopics(long topicsVersion) {
        return topicsSeen != topicsVersion;
    }

    void hasSeenTopics(long topicsVersion) {
        topicsSeen = topicsVersion;
    }

    /** Whether a record of an earlier version of Kafka lies in the log, which is no longer used. */
    boolean hasSubscriptionRecord() {
        return hasSubscriptionRecord;
    }

    void hasSubscriptionRecord(boolean value) {
        hasSubscriptionRecord = value;
    }

    public Map<String, ConsumerMember> members() {
        return Collections.unmodifiableMap(members);
    }

    @Nullable
    public ConsumerMember member(String memberId) {
        return members.get(memberId);
    }

    /** @throws ApiException UNKNOWN_MEMBER_ID */
    public ConsumerMember require(String memberId) throws ApiException {
        ConsumerMember member = members.get(memberId);
        if (member == null) {
            throw new ApiException(
                    ErrorCode.UNKNOWN_MEMBER_ID, "Member " + memberId + " is not a member of group " + id + ".");
        }
        return member;
    }

    /** @throws ApiException UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID */
    public ConsumerMember requireStatic(String instanceId, String memberId) throws ApiException {
        ConsumerMember member = staticMember(instanceId);
        if (member == null) {
            throw new ApiException(ErrorCode.UNKNOWN_MEMBER_ID, "Instance id " + instanceId + " is unknown.");
        }
        if (!member.id().equals(memberId)) {
            throw new ApiException(
                    ErrorCode.FENCED_INSTANCE_ID,
                    "Static member " + memberId + " with instance id " + instanceId + " was fenced by member "
                            + member.id() + ".");
        }
        return member;
    }

    /** The member that a static member's name stands for now, or null. */
    @Nullable
    public ConsumerMember staticMember(@Nullable String instanceId) {
        String memberId = instanceId == null ? null : staticMembers.get(instanceId);
        return memberId == null ? null : members.get(memberId);
    }

    public void put(ConsumerMember member) {
        ConsumerMember before = members.put(member.id(), member);
        forgetTraces(before);
        weight.add(member.bytes());
        own(member.standing().assigned(), member.epoch());
        own(member.standing().revoking(), member.epoch());
        if (!member.profile().regex().isEmpty()) {
            regexSubscribers.merge(member.profile().regex(), 1, Integer::sum);
        }
        if (member.profile().instanceId() != null) {
            staticMembers.put(member.profile().instanceId(), member.id());
        }
    }

    void remove(String memberId) {
        ConsumerMember before = members.remove(memberId);
        forgetTraces(before);
        if (before != null && before.profile().instanceId() != null) {
            staticMembers.remove(before.profile().instanceId(), memberId);
        }
    }

    private void forgetTraces(@Nullable ConsumerMember before) {
        if (before == null) {
            return;
        }
        weight.add(-before.bytes());
        disown(before.standing().assigned(), before.epoch());
        disown(before.standing().revoking(), before.epoch());
        String regex = before.profile().regex();
        regexSubscribers.computeIfPresent(regex, (key, count) -> count == 1 ? null : count - 1);
    }

    private void own(Map<Uuid, Map<Integer, Integer>> partitions, int byEpoch) {
        partitions.forEach((topic, epochs) -> {
            Map<Integer, Integer> ofTopic = ownerEpochs.computeIfAbsent(topic, key -> new HashMap<>());
            epochs.keySet().forEach(partition -> ofTopic.merge(partition, byEpoch, Math::max));
        });
    }

    /** Unless somebody else has it by now. */
    private void disown(Map<Uuid, Map<Integer, Integer>> partitions, int byEpoch) {
        partitions.forEach((topic, epochs) -> ownerEpochs.computeIfPresent(topic, (key, ofTopic) -> {
            epochs.keySet().forEach(partition -> ofTopic.remove(partition, byEpoch));
            return ofTopic.isEmpty() ? null : ofTopic;
        }));
    }

    boolean isOwned(Uuid topic, int partition) {
        return ownerEpochs.getOrDefault(topic, Map.of()).containsKey(partition);
    }

    /** What the member is to have. */
    public Map<Uuid, Set<Integer>> target(String memberId) {
        return targets.getOrDefault(memberId, Map.of());
    }

    boolean hasTarget(String memberId) {
        return targets.containsKey(memberId);
    }

    public void target(String memberId, Map<Uuid, Set<Integer>> partitions) {
        removeTarget(memberId);
        targets.put(memberId, partitions);
        weight.add(targetBytes(memberId, partitions));
    }

    void removeTarget(String memberId) {
        Map<Uuid, Set<Integer>> before = targets.remove(memberId);
        if (before != null) {
            weight.add(-targetBytes(memberId, before));
        }
    }

    /** What the target of a member takes, in bytes. */
    static long targetBytes(String memberId, Map<Uuid, Set<Integer>> partitions) {
        long bytes = Footprint.of(memberId) + Footprint.ENTRY + Footprint.MAP;
        for (Set<Integer> ofTopic : partitions.values()) {
            bytes += Footprint.OBJECT + Footprint.ENTRY + Footprint.MAP;
            bytes += (long) ofTopic.size() * (Footprint.ENTRY + Footprint.NUMBER);
        }
        return bytes;
    }

    /** The regular expressions that members read, and how many read each. */
    Map<String, Integer> regexSubscribers() {
        return Collections.unmodifiableMap(regexSubscribers);
    }

    int subscribersOf(String regex) {
        return regexSubscribers.getOrDefault(regex, 0);
    }

    Map<String, ResolvedRegex> resolvedRegexes() {
        return Collections.unmodifiableMap(resolvedRegexes);
    }

    /** All are resolved together: any tells when. */
    ResolvedRegex lastResolved() {
        return resolvedRegexes.isEmpty()
                ? ResolvedRegex.NONE
                : resolvedRegexes.values().iterator().next();
    }

    void resolve(String regex, ResolvedRegex resolved) {
        forgetRegex(regex);
        resolvedRegexes.put(regex, resolved);
        weight.add(resolved.bytes(regex));
    }

    void forgetRegex(String regex) {
        ResolvedRegex before = resolvedRegexes.remove(regex);
        if (before != null) {
            weight.add(-before.bytes(regex));
        }
    }

    @Override
    public Predicate<String> subscription() {
        return topicsOf(members.values())::contains;
    }

    /** All topics that a member reads, those of its regular expression as far as it has been resolved. */
    public Set<String> topicsOf(ConsumerMember member) {
        Set<String> named = member.profile().topics();
        ResolvedRegex resolved = resolvedRegexes.get(member.profile().regex());
        if (resolved == null || resolved.topics().isEmpty()) {
            return named;
        }
        if (named.isEmpty()) {
            return resolved.topics();
        }
        Set<String> all = new HashSet<>(named);
        all.addAll(resolved.topics());
        return all;
    }

    /** All topics that these members read. */
    public Set<String> topicsOf(Collection<ConsumerMember> some) {
        Set<String> all = new HashSet<>();
        some.forEach(member -> all.addAll(topicsOf(member)));
        return all;
    }

    /** Whether all members name the same topics, or all give the same regular expression and nothing else. */
    static boolean isHomogeneous(Collection<ConsumerMember> members) {
        ConsumerMember.MemberMetadata first = members.iterator().next().profile();
        boolean same = members.stream()
                .map(ConsumerMember::profile)
                .allMatch(profile -> profile.regex().equals(first.regex())
                        && profile.topics().equals(first.topics()));
        return same && (first.regex().isEmpty() || first.topics().isEmpty());
    }

    /** The assignor that most members ask for; of those with as many votes the first, as if none asks. */
    static Assignor preferredAssignor(Collection<ConsumerMember> members, List<Assignor> assignors) {
        Map<String, Long> votes = members.stream()
                .map(member -> member.profile().assignor())
                .filter(Objects::nonNull)
                .collect(Collectors.groupingBy(name -> name, Collectors.counting()));
        Assignor preferred = assignors.get(0);
        for (Assignor assignor : assignors) {
            if (votes.getOrDefault(assignor.name(), 0L) > votes.getOrDefault(preferred.name(), 0L)) {
                preferred = assignor;
            }
        }
        return preferred;
    }

    /** Whether what the member waits for is still with others. */
    public boolean waitsForOthers(ConsumerMember member) {
        CurrentAssignment standing = member.standing();
        return standing.state() == ConsumerMember.State.UNRELEASED_PARTITIONS
                && target(member.id()).entrySet().stream()
                        .anyMatch(topic -> topic.getValue().stream()
                                .anyMatch(partition -> !standing.assigned()
                                                .getOrDefault(topic.getKey(), Map.of())
                                                .containsKey(partition)
                                        && isOwned(topic.getKey(), partition)));
    }

    @Override
    public List<CoordinatorRecord> tombstones() {
        return tombstones(null, null);
    }

    /** As above, where a member has just taken the place of another: what the log has of it is under its own id. */
    public List<CoordinatorRecord> tombstones(@Nullable String replacedId, @Nullable String joiningId) {
        List<String> memberIds = members.keySet().stream()
                .map(memberId -> memberId.equals(replacedId) && joiningId != null ? joiningId : memberId)
                .toList();
        List<CoordinatorRecord> records = new ArrayList<>();
        memberIds.forEach(memberId -> records.add(ConsumerGroupRecords.noStanding(id, memberId)));
        memberIds.forEach(memberId -> records.add(ConsumerGroupRecords.noTarget(id, memberId)));
        records.add(ConsumerGroupRecords.noAssignmentEpoch(id));
        memberIds.forEach(memberId -> records.add(ConsumerGroupRecords.noProfile(id, memberId)));
        resolvedRegexes.keySet().forEach(regex -> records.add(ConsumerGroupRecords.noRegex(id, regex)));
        records.add(ConsumerGroupRecords.noSubscription(id));
        records.add(ConsumerGroupRecords.noEpoch(id));
        return records;
    }

    /** UNSUPPORTED_VERSION and the like depend on the partition, see {@link #partitionCheck}. */
    @Override
    public ErrorCode checkCommit(Committer committer) {
        return ErrorCode.NONE;
    }

    @Override
    public PartitionCheck partitionCheck(Committer committer) {
        return (topicId, partition) -> checkCommit(committer, topicId, partition);
    }

    /**
     * Whether that offset may be committed. A member that has missed an epoch may still commit what it has had since
     * before (KIP-1251): UNKNOWN_MEMBER_ID, UNSUPPORTED_VERSION, STALE_MEMBER_EPOCH or ILLEGAL_GENERATION.
     */
    private ErrorCode checkCommit(Committer committer, Uuid topic, int partition) {
        if (committer.epoch() < 0 && isEmpty() || isStranger(committer)) {
            return ErrorCode.NONE;
        }
        ConsumerMember member = members.get(committer.memberId());
        if (member == null) {
            return ErrorCode.UNKNOWN_MEMBER_ID;
        }
        if (!member.isClassic() && committer.knowsNoEpochs()) {
            return ErrorCode.UNSUPPORTED_VERSION;
        }
        Integer since = member.standing().assignmentEpoch(topic, partition);
        boolean current = committer.epoch() == member.epoch();
        boolean inTime = committer.epoch() < member.epoch() && since != null && committer.epoch() >= since;
        return current || inTime ? ErrorCode.NONE : staleError(member);
    }

    private static boolean isStranger(Committer committer) {
        return committer.transactional()
                && committer.epoch() == -1
                && committer.memberId().isEmpty()
                && committer.instanceId() == null;
    }

    /** Whether that member may ask for offsets; nobody in particular always may. */
    @Override
    public ErrorCode checkFetch(@Nullable String memberId, int memberEpoch) {
        if (memberId == null && memberEpoch < 0) {
            return ErrorCode.NONE;
        }
        ConsumerMember member = members.get(memberId);
        if (member == null) {
            return ErrorCode.UNKNOWN_MEMBER_ID;
        }
        return member.epoch() == memberEpoch ? ErrorCode.NONE : staleError(member);
    }

    /** Whether there are members or not. */
    @Override
    public OptionalLong unusedSinceMs(long committedMs) {
        return OptionalLong.of(committedMs);
    }

    private static ErrorCode staleError(ConsumerMember member) {
        return member.isClassic() ? ErrorCode.ILLEGAL_GENERATION : ErrorCode.STALE_MEMBER_EPOCH;
    }
}

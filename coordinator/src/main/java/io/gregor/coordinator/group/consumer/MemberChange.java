package io.gregor.coordinator.group.consumer;

import io.gregor.coordinator.group.GroupTopics.Topic;
import io.gregor.coordinator.group.consumer.ConsumerMember.CurrentAssignment;
import io.gregor.coordinator.group.consumer.ConsumerMember.MemberMetadata;
import io.gregor.coordinator.group.consumer.assignor.Assignor;
import io.gregor.coordinator.group.consumer.assignor.Assignor.Subscriber;
import io.gregor.coordinator.runtime.ApiException;
import io.gregor.coordinator.runtime.CoordinatorRecord;
import io.gregor.wire.Uuid;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a request of one member changes in a consumer group, decided step by step: the member itself, the group's epoch,
 * the target assignment, and where the member stands then. Collects records and applies nothing. Used once.
 */
public final class MemberChange {
    private static final Logger LOG = LoggerFactory.getLogger(MemberChange.class);

    /** A target assignment for this member, with the epoch it belongs to. */
    public record Target(int epoch, Map<Uuid, Set<Integer>> partitions) {}

    private final ConsumerGroups groups;
    private final ConsumerGroup group;
    private final List<CoordinatorRecord> records;
    private final ConsumerMember before;
    private final RegexChange regex;
    private final boolean namesChanged;
    /** Read before any topic is looked up: what changes in between is seen next time. */
    private final long topicsVersion;

    private ConsumerMember now;

    /**
     * @param before the member up to now, or a new one
     * @param records what was decided before, to which the others are added
     */
    public MemberChange(
            ConsumerGroups groups,
            ConsumerGroup group,
            ConsumerMember before,
            MemberMetadata profile,
            List<CoordinatorRecord> records)
            throws ApiException {
        this.groups = groups;
        this.group = group;
        this.before = before;
        this.records = records;
        this.topicsVersion = groups.store().topics().version();
        this.now = before.with(profile);
        namesChanged = !profile.topics().equals(before.profile().topics());
        if (!profile.equals(before.profile())) {
            records.add(ConsumerGroupRecords.profile(group.id(), now));
        }
        regex = RegexChange.of(groups, group, before.profile().regex(), profile.regex());
        records.addAll(regex.records());
    }

    public ConsumerMember member() {
        return now;
    }

    boolean hasOtherAssignment() {
        return !before.standing().assigned().equals(now.standing().assigned());
    }

    private boolean subscriptionChanged() {
        return namesChanged || regex.changed();
    }

    /** Raises the group's epoch if members have to read something else from now on; returns the group's epoch. */
    public int updateEpoch() {
        // A regular expression that is still to be resolved raises the epoch when it is; a classic member has none.
        boolean bump = namesChanged || (now.isClassic() ? regex.changed() : regex.resolved());
        if (!bump && !group.mayHaveOtherTopics(topicsVersion)) {
            return group.epoch();
        }
        long hash = GroupHash.of(
                group.topicsOf(membersThen().values()), groups.store().topics());
        if (hash != group.metadataHash()) {
            bump = true;
        }
        int epoch = group.epoch() + (bump ? 1 : 0);
        if (bump) {
            records.add(ConsumerGroupRecords.epoch(group.id(), epoch, hash));
        }
        if (group.hasSubscriptionRecord()) {
            records.add(ConsumerGroupRecords.noSubscription(group.id()));
        }
        return epoch;
    }

    /** All members once this change is made; a static member takes the place that it had under another id. */
    private Map<String, ConsumerMember> membersThen() {
        Map<String, ConsumerMember> members = new HashMap<>(group.members());
        ConsumerMember replaced = group.staticMember(now.profile().instanceId());
        if (replaced != null && !replaced.id().equals(now.id())) {
            members.remove(replaced.id());
        }
        members.put(now.id(), now);
        return members;
    }

    private Map<Uuid, Set<Integer>> targetUpToNow(ConsumerMember member) {
        ConsumerMember known = group.staticMember(member.profile().instanceId());
        return group.target(known == null ? member.id() : known.id());
    }

    /** The target assignment of the group's epoch, made anew if it is of an earlier one and it is time for it. */
    public Target updateTarget(int groupEpoch) {
        long nowMs = groups.store().nowMs();
        long nextMs = group.assignedMs() + groups.config().assignmentIntervalMs(group.id());
        if (group.assignmentEpoch() >= groupEpoch || group.assignedMs() != 0 && nowMs < nextMs) {
            return new Target(group.assignmentEpoch(), targetUpToNow(now));
        }
        Map<String, ConsumerMember> members = membersThen();
        Map<String, Map<Uuid, Set<Integer>>> assigned = assign(members);
        for (String memberId : members.keySet()) {
            Map<Uuid, Set<Integer>> partitions = assigned.getOrDefault(memberId, Map.of());
            if (!group.hasTarget(memberId) || !partitions.equals(group.target(memberId))) {
                records.add(ConsumerGroupRecords.target(group.id(), memberId, partitions));
            }
        }
        records.add(ConsumerGroupRecords.assignmentEpoch(group.id(), groupEpoch, nowMs));
        LOG.info("Group {} assigns partitions anew in epoch {}, members: {}", group.id(), groupEpoch, members.size());
        return new Target(groupEpoch, assigned.getOrDefault(now.id(), Map.of()));
    }

    private Map<String, Map<Uuid, Set<Integer>>> assign(Map<String, ConsumerMember> members) {
        Map<Uuid, Integer> partitions = new HashMap<>();
        Map<Set<String>, Set<Uuid>> ids = new HashMap<>();
        Map<String, Subscriber> subscribers = new HashMap<>();
        members.forEach((memberId, member) -> {
            Set<Uuid> topics = ids.computeIfAbsent(group.topicsOf(member), names -> topicIds(names, partitions));
            Map<Uuid, Set<Integer>> current = targetUpToNow(member);
            subscribers.put(memberId, new Subscriber(member.profile().instanceId(), topics, current));
        });
        List<Assignor> assignors = groups.config().assignors();
        return ConsumerGroup.preferredAssignor(members.values(), assignors)
                .assign(
                        subscribers,
                        ConsumerGroup.isHomogeneous(members.values()),
                        topic -> partitions.getOrDefault(topic, 0));
    }

    private Set<Uuid> topicIds(Set<String> names, Map<Uuid, Integer> partitions) {
        Set<Uuid> ids = new HashSet<>();
        for (String name : names) {
            Topic topic = groups.store().topics().find(name);
            if (topic != null) {
                ids.add(topic.id());
                partitions.put(topic.id(), topic.partitions());
            }
        }
        return ids;
    }

    /**
     * Brings the member nearer to its target.
     *
     * @param owned what the member says it has, or null
     * @throws ApiException FENCED_MEMBER_EPOCH
     */
    public void reconcile(Target target, @Nullable Map<Uuid, Set<Integer>> owned) throws ApiException {
        if (!subscriptionChanged() && now.isReconciledTo(target.epoch())) {
            return;
        }
        Set<String> names = group.topicsOf(now);
        Reconciliation reconciliation = new Reconciliation(
                target.epoch(),
                target.partitions(),
                subscriptionChanged(),
                id -> {
                    Topic topic = groups.store().topics().find(id);
                    return topic != null && names.contains(topic.name());
                },
                group::isOwned,
                owned);
        CurrentAssignment next = reconciliation.next(now.standing());
        if (!next.equals(now.standing())) {
            now = now.with(next);
            records.add(ConsumerGroupRecords.standing(group.id(), now));
        }
    }

    /**
     * To be called once the records are applied: sets what time limits follow from the change.
     *
     * @param maySee which topics the client may know of, by their names
     */
    public void applied(Predicate<String> maySee) {
        ConsumerGroup known = groups.find(group.id());
        if (known == null) {
            return;
        }
        known.hasSeenTopics(topicsVersion);
        ConsumerTimers timers = groups.timers();
        boolean moved = !now.standing().equals(before.standing());
        if (moved && !now.isClassic()) {
            if (now.standing().state() == ConsumerMember.State.UNREVOKED_PARTITIONS) {
                timers.expectRevocation(group.id(), now);
            } else {
                timers.revoked(group.id(), now.id());
            }
        }
        regex.applied(maySee);
    }
}

package io.gregor.coordinator.group.consumer;

import io.gregor.coordinator.group.GroupTopics;
import io.gregor.coordinator.runtime.ApiException;
import io.gregor.coordinator.runtime.CoordinatorRecord;
import java.util.ArrayList;
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
 * What becomes of the regular expressions of a consumer group when a member gives another one, or when there are new
 * topics. They are resolved aside, all of a group together, and at most every ten seconds.
 *
 * @param changed whether the member has another one now
 * @param resolved whether it is known already which topics that changes
 * @param toResolve those to be resolved now; none if nothing is to be done
 */
record RegexChange(
        ConsumerGroups groups,
        String groupId,
        List<CoordinatorRecord> records,
        boolean changed,
        boolean resolved,
        Set<String> toResolve) {
    private static final Logger LOG = LoggerFactory.getLogger(RegexChange.class);
    /** Kafka's constant. */
    private static final int SHORTEST_INTERVAL_MS = 10_000;

    /** @throws ApiException INVALID_REGULAR_EXPRESSION */
    static RegexChange of(ConsumerGroups groups, ConsumerGroup group, String before, String now) throws ApiException {
        List<CoordinatorRecord> records = new ArrayList<>();
        boolean changed = !now.equals(before);
        boolean isNew = changed && !now.isEmpty() && group.subscribersOf(now) == 0;
        if (changed && !before.isEmpty() && group.subscribersOf(before) == 1) {
            records.add(ConsumerGroupRecords.noRegex(group.id(), before));
        }
        if (isNew) {
            TopicRegex.check(now);
        }
        boolean resolved =
                changed && (now.isEmpty() || !isNew && group.resolvedRegexes().containsKey(now));
        Set<String> all = new HashSet<>(group.regexSubscribers().keySet());
        if (changed && group.subscribersOf(before) == 1) {
            all.remove(before);
        }
        if (!now.isEmpty()) {
            all.add(now);
        }
        boolean due = (isNew || !group.regexSubscribers().isEmpty()) && isDue(groups, group, isNew, all);
        return new RegexChange(groups, group.id(), records, changed, resolved, due ? all : Set.of());
    }

    private static boolean isDue(ConsumerGroups groups, ConsumerGroup group, boolean isNew, Set<String> all) {
        long nowMs = groups.store().nowMs();
        ResolvedRegex last = group.lastResolved();
        boolean tooEarly = !group.resolvedRegexes().isEmpty() && nowMs <= last.resolvedMs() + SHORTEST_INTERVAL_MS;
        if (tooEarly || groups.isResolving(group.id())) {
            return false;
        }
        return isNew
                || all.size() != group.resolvedRegexes().size()
                || last.version() < groups.store().topics().newTopicsVersion()
                || nowMs > last.resolvedMs() + groups.config().regexRefreshIntervalMs();
    }

    /**
     * To be called once the records are applied: begins to resolve, for all members with those topics that the one who
     * asks may see.
     */
    void applied(Predicate<String> maySee) {
        if (toResolve.isEmpty() || !groups.beginResolving(groupId)) {
            return;
        }
        GroupTopics topics = groups.store().topics();
        long startedMs = groups.store().nowMs();
        long version = topics.version();
        groups.aside()
                .run(() -> match(toResolve, topics.names(), maySee), matches -> resolved(matches, version, startedMs));
    }

    private static Map<String, Set<String>> match(Set<String> regexes, Set<String> topics, Predicate<String> maySee) {
        Map<String, Boolean> seen = new HashMap<>();
        Map<String, Set<String>> matches = new HashMap<>();
        for (String regex : regexes) {
            Set<String> visible = new HashSet<>(TopicRegex.matches(regex, topics));
            visible.removeIf(topic -> !seen.computeIfAbsent(topic, maySee::test));
            matches.put(regex, visible);
        }
        return matches;
    }

    /** @param matches null if that has failed: a later heartbeat tries it again */
    private void resolved(@Nullable Map<String, Set<String>> matches, long version, long startedMs) {
        groups.endResolving(groupId);
        ConsumerGroup group = groups.find(groupId);
        if (group == null || matches == null) {
            return;
        }
        List<CoordinatorRecord> updates = new ArrayList<>();
        Map<String, ResolvedRegex> then = new HashMap<>(group.resolvedRegexes());
        boolean bump = false;
        for (Map.Entry<String, Set<String>> match : matches.entrySet()) {
            String regex = match.getKey();
            if (group.subscribersOf(regex) > 0) {
                ResolvedRegex before = group.resolvedRegexes().getOrDefault(regex, ResolvedRegex.NONE);
                bump |= !before.topics().equals(match.getValue());
                ResolvedRegex now = new ResolvedRegex(match.getValue(), version, startedMs);
                then.put(regex, now);
                updates.add(ConsumerGroupRecords.regex(groupId, regex, now));
            }
        }
        Set<String> topics = new HashSet<>();
        group.members()
                .values()
                .forEach(member -> topics.addAll(member.profile().topics()));
        then.values().forEach(regex -> topics.addAll(regex.topics()));
        long hash = GroupHash.of(topics, groups.store().topics());
        if (bump || hash != group.metadataHash()) {
            updates.add(ConsumerGroupRecords.epoch(groupId, group.epoch() + 1, hash));
        }
        groups.storeIfFits(
                groupId,
                updates,
                () -> {},
                stored -> LOG.debug("Resolved {} of group {}: {}", matches.keySet(), groupId, stored));
    }
}

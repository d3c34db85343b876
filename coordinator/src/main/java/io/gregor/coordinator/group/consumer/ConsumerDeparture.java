package io.gregor.coordinator.group.consumer;

import io.gregor.coordinator.group.GroupStore;
import io.gregor.coordinator.runtime.ApiException;
import io.gregor.coordinator.runtime.CoordinatorRecord;
import io.gregor.wire.message.ErrorCode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Members of a consumer group leave, or are taken out of it. If those that stay all speak the classic protocol, the
 * group becomes a classic one.
 */
public final class ConsumerDeparture {
    private static final Logger LOG = LoggerFactory.getLogger(ConsumerDeparture.class);

    private final GroupStore store;
    private final ConsumerTimers timers;
    private final Conversion conversion;

    ConsumerDeparture(GroupStore store, ConsumerTimers timers, Conversion conversion) {
        this.store = store;
        this.timers = timers;
        this.conversion = conversion;
    }

    public void fence(ConsumerGroup group, Set<ConsumerMember> leaving, Consumer<ErrorCode> done) {
        if (leaving.isEmpty()) {
            done.accept(ErrorCode.NONE);
            return;
        }
        Map<String, ConsumerMember> staying = new HashMap<>(group.members());
        leaving.forEach(member -> staying.remove(member.id()));
        if (conversion.mayBecomeClassic(group, staying.values())) {
            try {
                conversion.toClassic(group, staying, true, List.of(), timers.forgettingAll(group), done);
                return;
            } catch (ApiException e) {
                LOG.warn(
                        "Group {} stays a consumer group: {}",
                        group.id(),
                        e.error().message());
            }
        }
        List<CoordinatorRecord> records = new ArrayList<>();
        leaving.forEach(member -> records.addAll(gone(group.id(), member.id())));
        records.addAll(forgottenRegexes(group, staying.values()));
        records.add(ConsumerGroupRecords.epoch(
                group.id(), group.epoch() + 1, GroupHash.of(group.topicsOf(staying.values()), store.topics())));
        store.store(records, () -> leaving.forEach(member -> timers.forget(group.id(), member.id())), done);
    }

    /** What takes a member out of the log. */
    static List<CoordinatorRecord> gone(String groupId, String memberId) {
        return List.of(
                ConsumerGroupRecords.noStanding(groupId, memberId),
                ConsumerGroupRecords.noTarget(groupId, memberId),
                ConsumerGroupRecords.noProfile(groupId, memberId));
    }

    /** The regular expressions that none of those who stay has. */
    private static List<CoordinatorRecord> forgottenRegexes(ConsumerGroup group, Collection<ConsumerMember> staying) {
        return group.regexSubscribers().keySet().stream()
                .filter(regex -> staying.stream()
                        .noneMatch(member -> member.profile().regex().equals(regex)))
                .map(regex -> ConsumerGroupRecords.noRegex(group.id(), regex))
                .toList();
    }
}

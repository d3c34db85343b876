package io.gregor.coordinator.group.consumer;

import io.gregor.coordinator.group.Group;
import io.gregor.coordinator.group.GroupProtocol;
import io.gregor.coordinator.group.GroupStore;
import io.gregor.coordinator.runtime.ApiException;
import io.gregor.coordinator.runtime.CoordinatorRecord;
import io.gregor.coordinator.runtime.Offload;
import io.gregor.coordinator.runtime.RecordType;
import io.gregor.coordinator.runtime.Timers;
import io.gregor.wire.message.ErrorCode;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The consumer groups of a shard (KIP-848). Confined to the shard's lane. They live in their records alone. */
public final class ConsumerGroups implements GroupProtocol {
    private static final Logger LOG = LoggerFactory.getLogger(ConsumerGroups.class);

    private final GroupStore store;
    private final ConsumerGroupConfig config;
    private final Offload aside;
    private final Conversion conversion;
    private final ConsumerTimers timers;
    private final ConsumerDeparture departure;
    private final ConsumerGroupReplay replay;

    /** Groups whose regular expressions are being resolved. */
    private final Set<String> resolving = new HashSet<>();

    public ConsumerGroups(GroupStore store, ConsumerGroupConfig config, Offload aside, Conversion conversion) {
        this.store = store;
        this.config = config;
        this.aside = aside;
        this.conversion = conversion;
        this.timers = new ConsumerTimers(store.timers(), config, this::find, this::fence);
        this.departure = new ConsumerDeparture(store, timers, conversion);
        this.replay = new ConsumerGroupReplay(store);
    }

    public GroupStore store() {
        return store;
    }

    public ConsumerGroupConfig config() {
        return config;
    }

    Offload aside() {
        return aside;
    }

    Conversion conversion() {
        return conversion;
    }

    public ConsumerTimers timers() {
        return timers;
    }

    public ConsumerDeparture departure() {
        return departure;
    }

    /** Null if there is none, or if it is one of another type. */
    public @Nullable ConsumerGroup find(String groupId) {
        return store.group(groupId) instanceof ConsumerGroup consumers ? consumers : null;
    }

    /** @throws ApiException GROUP_ID_NOT_FOUND */
    ConsumerGroup require(String groupId) throws ApiException {
        Group group = store.group(groupId);
        if (group instanceof ConsumerGroup consumers) {
            return consumers;
        }
        throw new ApiException(
                ErrorCode.GROUP_ID_NOT_FOUND,
                "Group " + groupId + (group == null ? " not found." : " is not a consumer group."));
    }

    /** The id of a new member. */
    public String newMemberId() {
        return store.newMemberId().toString();
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

    /** As {@link GroupStore#store}, if what the records bring fits into memory; else GROUP_MAX_SIZE_REACHED. */
    public void storeIfFits(
            String groupId, List<CoordinatorRecord> records, Runnable applied, Consumer<ErrorCode> done) {
        long growth = new ConsumerGroupGrowth(store.group(groupId)).of(records);
        if (!store.memory().reserve(growth)) {
            done.accept(ErrorCode.GROUP_MAX_SIZE_REACHED);
            return;
        }
        try {
            store.store(records, applied, done);
        } finally {
            store.memory().unreserve(growth);
        }
    }

    /** The members of a group that has just taken the place of another have to show that they live. */
    void expectHeartbeats(String groupId) {
        ConsumerGroup group = find(groupId);
        if (group != null) {
            group.members().values().forEach(member -> timers.expectHeartbeat(groupId, member));
        }
    }

    private void fence(ConsumerGroup group, ConsumerMember member, Timers.Key limit) {
        departure.fence(group, Set.of(member), stored -> LOG.debug("Fenced {}: {}", limit, stored));
    }

    @Override
    public String type() {
        return ConsumerGroup.TYPE;
    }

    @Override
    public List<RecordType<?, ?>> records() {
        return replay.records();
    }

    @Override
    public void loaded() {
        for (Group group : store.groups()) {
            if (group instanceof ConsumerGroup consumers) {
                consumers.members().values().forEach(member -> timers.resume(consumers.id(), member));
            }
        }
    }

    /** Members show that they live by heartbeats only. */
    @Override
    public void committed(Group group, String memberId) {}
}

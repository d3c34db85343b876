package io.gregor.coordinator.group.classic;

import io.gregor.coordinator.group.Group;
import io.gregor.coordinator.group.GroupProtocol;
import io.gregor.coordinator.group.GroupStore;
import io.gregor.coordinator.group.SimpleGroups;
import io.gregor.coordinator.runtime.RecordType;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.ErrorCode;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The classic groups of a shard. Confined to the shard's lane. Members that wait, and timers, are in memory only. */
public final class ClassicGroups implements GroupProtocol, SimpleGroups {
    private final GroupStore store;
    private final ClassicGroupConfig config;
    private final Rebalance rebalance;
    private final ClassicGroupReplay replay;

    public ClassicGroups(GroupStore store, ClassicGroupConfig config) {
        this.store = store;
        this.config = config;
        this.rebalance = new Rebalance(store, config);
        this.replay = new ClassicGroupReplay(store);
    }

    GroupStore store() {
        return store;
    }

    public ClassicGroupConfig config() {
        return config;
    }

    public Rebalance rebalance() {
        return rebalance;
    }

    /** Null if there is none, or if it is one of another type. */
    @Nullable
    ClassicGroup find(String groupId) {
        return store.group(groupId) instanceof ClassicGroup classic ? classic : null;
    }

    /** The caller has made sure that there is no group of another type. */
    ClassicGroup findOrNew(String groupId) {
        return (ClassicGroup) groupOrNew(groupId);
    }

    private Group groupOrNew(String groupId) {
        Group known = store.group(groupId);
        if (known != null) {
            return known;
        }
        ClassicGroup created = new ClassicGroup(groupId, store.nowMs());
        store.put(created);
        return created;
    }

    @Override
    public void createIfAbsent(String groupId) {
        groupOrNew(groupId);
    }

    @Override
    public long bytes(String groupId) {
        return ClassicGroup.bytes(groupId);
    }

    /** Makes a group that nobody has joined yet; an error, and no group, if its record cannot be stored. */
    ErrorCode create(String groupId) {
        ErrorCode[] refused = new ErrorCode[] {ErrorCode.NONE};
        store.journal()
                .append(
                        List.of(ClassicGroupRecords.newGroup(groupId, store.nowMs())),
                        null,
                        () -> findOrNew(groupId),
                        appended -> refused[0] = appended.error());
        return store.group(groupId) == null ? refused[0] : ErrorCode.NONE;
    }

    /** The id of a new member. */
    String newMemberId(String prefix) {
        Uuid id = store.newMemberId();
        return prefix + "-" + new UUID(id.mostSignificantBits(), id.leastSignificantBits());
    }

    @Override
    public String type() {
        return ClassicGroup.TYPE;
    }

    @Override
    public List<RecordType<?, ?>> records() {
        return List.of(replay.records());
    }

    @Override
    public void loaded() {
        for (Group group : store.groups()) {
            if (group instanceof ClassicGroup classic) {
                classic.members().forEach(member -> rebalance.expectHeartbeat(classic, member));
            }
        }
    }

    /** A commit is as good as a heartbeat. */
    @Override
    public void committed(Group group, String memberId) {
        ClassicGroup classic = find(group.id());
        ClassicMember member = classic == null ? null : classic.member(memberId);
        if (classic != null && member != null) {
            rebalance.expectHeartbeat(classic, member);
        }
    }
}

package io.gregor.coordinator.group.classic;

import io.gregor.coordinator.group.GroupStore;
import io.gregor.coordinator.runtime.RecordType;
import io.gregor.wire.message.GroupMetadataKey;
import io.gregor.wire.message.GroupMetadataValue;
import io.gregor.wire.message.JoinGroupRequest.JoinGroupRequestProtocol;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Applies the records of classic groups to a shard's groups. Each holds a whole group, and replaces what was known. */
record ClassicGroupReplay(GroupStore store) {
    RecordType<?, ?> records() {
        return RecordType.of(
                GroupMetadataKey.API_KEY,
                GroupMetadataKey::new,
                GroupMetadataValue::new,
                GroupMetadataValue.HIGHEST_VERSION,
                (key, value) -> apply(key.group(), value));
    }

    private void apply(String groupId, @Nullable GroupMetadataValue value) {
        ClassicGroup known = store.group(groupId) instanceof ClassicGroup classic ? classic : null;
        if (value == null) {
            if (known != null) {
                store.remove(groupId);
                known.enter(GroupState.DEAD, store.nowMs());
            }
            return;
        }
        ClassicGroup group = known == null ? new ClassicGroup(groupId, store.nowMs()) : known;
        store.put(group);
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
}

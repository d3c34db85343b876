package io.gregor.coordinator;

import io.gregor.wire.message.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Deletes a group that has no members, with all that it committed: GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP. */
public final class DeleteGroup {
    private final GroupShard shard;

    public DeleteGroup(GroupShard shard) {
        this.shard = shard;
    }

    public void handle(String groupId, Consumer<ErrorCode> reply) {
        Group group = shard.group(groupId);
        if (group == null) {
            reply.accept(ErrorCode.GROUP_ID_NOT_FOUND);
        } else if (group.isEmpty()) {
            delete(group, reply);
        } else {
            reply.accept(ErrorCode.NON_EMPTY_GROUP);
        }
    }

    /** First the offsets, then the group: what remains if not all can be stored is a group still. */
    void delete(Group group, Consumer<ErrorCode> done) {
        List<CoordinatorRecord> records = new ArrayList<>();
        shard.offsets()
                .partitionsOf(group.id())
                .forEach(partition -> records.add(GroupRecords.offsetTombstone(group.id(), partition)));
        records.addAll(group.tombstones());
        shard.storeInParts(records, done);
    }
}

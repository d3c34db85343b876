package io.gregor.coordinator.group.offset;

import io.gregor.coordinator.group.Group;
import io.gregor.coordinator.runtime.CoordinatorRecord;
import io.gregor.wire.message.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Deletes a group that has no members, with all that it committed: GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP. */
public final class DeleteGroup {
    private final GroupOffsets offsets;

    public DeleteGroup(GroupOffsets offsets) {
        this.offsets = offsets;
    }

    public void handle(String groupId, Consumer<ErrorCode> reply) {
        Group group = offsets.store().group(groupId);
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
        List<CoordinatorRecord> records = new ArrayList<>(
                GroupOffsets.tombstones(group.id(), offsets.committed().partitionsOf(group.id())));
        records.addAll(group.tombstones());
        offsets.store().storeInParts(records, done);
    }
}

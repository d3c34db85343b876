package io.gregor.coordinator.group.classic;

import io.gregor.coordinator.runtime.CoordinatorRecord;
import io.gregor.wire.message.GroupMetadataKey;
import io.gregor.wire.message.GroupMetadataValue;

/** The records of classic groups in {@code __consumer_offsets}, in the version that Kafka 4.3 writes. */
final class ClassicGroupRecords {
    private static final short VERSION = 3;

    private ClassicGroupRecords() {}

    static CoordinatorRecord group(String groupId, GroupMetadataValue value) {
        return new CoordinatorRecord(GroupMetadataKey.API_KEY, new GroupMetadataKey().group(groupId), VERSION, value);
    }

    /** A group that nobody has joined up to now. */
    static CoordinatorRecord newGroup(String groupId, long nowMs) {
        return group(
                groupId,
                new GroupMetadataValue()
                        .protocolType("")
                        .protocol(null)
                        .leader(null)
                        .currentStateTimestamp(nowMs));
    }

    static CoordinatorRecord tombstone(String groupId) {
        return CoordinatorRecord.tombstone(GroupMetadataKey.API_KEY, new GroupMetadataKey().group(groupId));
    }
}

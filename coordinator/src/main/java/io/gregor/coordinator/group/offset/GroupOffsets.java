package io.gregor.coordinator.group.offset;

import io.gregor.coordinator.group.GroupStore;
import io.gregor.coordinator.group.SimpleGroups;
import io.gregor.coordinator.runtime.CoordinatorRecord;
import io.gregor.coordinator.runtime.Journal;
import io.gregor.coordinator.runtime.RecordType;
import io.gregor.coordinator.runtime.RecordType.Position;
import io.gregor.coordinator.runtime.TopicPartition;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.LegacyOffsetCommitKey;
import io.gregor.wire.message.OffsetCommitKey;
import io.gregor.wire.message.OffsetCommitValue;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Commits, deletes and loads the offsets of a shard's groups. Confined to the shard's lane. An offset that is committed
 * makes its group if there is none.
 */
public final class GroupOffsets {
    private final CommittedOffsets offsets;
    private final GroupStore store;
    private final OffsetConfig config;
    private final SimpleGroups simpleGroups;

    public GroupOffsets(GroupStore store, OffsetConfig config, SimpleGroups simpleGroups) {
        this.store = store;
        this.config = config;
        this.simpleGroups = simpleGroups;
        this.offsets = new CommittedOffsets(store.memory());
    }

    GroupStore store() {
        return store;
    }

    OffsetConfig config() {
        return config;
    }

    public CommittedOffsets committed() {
        return offsets;
    }

    /** Makes a group that only holds offsets, unless there is one of that id. */
    void createSimpleGroup(String groupId) {
        simpleGroups.createIfAbsent(groupId);
    }

    /** The types of records that committed offsets are stored in. */
    public List<RecordType<?, ?>> records() {
        return List.of(
                new RecordType<>(
                        OffsetCommitKey.API_KEY,
                        OffsetCommitKey::new,
                        OffsetCommitValue::new,
                        OffsetCommitValue.HIGHEST_VERSION,
                        (key, value, position) ->
                                apply(key.group(), new TopicPartition(key.topic(), key.partition()), value, position)),
                new RecordType<>(
                        LegacyOffsetCommitKey.API_KEY,
                        LegacyOffsetCommitKey::new,
                        OffsetCommitValue::new,
                        OffsetCommitValue.HIGHEST_VERSION,
                        (key, value, position) ->
                                apply(key.group(), new TopicPartition(key.topic(), key.partition()), value, position)));
    }

    private void apply(String groupId, TopicPartition partition, @Nullable OffsetCommitValue value, Position position) {
        if (value == null) {
            offsets.forget(groupId, partition);
        } else {
            put(groupId, partition, OffsetRecords.committed(value, position.offset()), position.producerId());
        }
    }

    private void put(String groupId, TopicPartition partition, CommittedOffset committed, long producerId) {
        createSimpleGroup(groupId);
        offsets.put(groupId, partition, committed, producerId);
    }

    /**
     * Stores offsets that a group commits; within a transaction they count when it is committed. Those that do not fit
     * into memory get INVALID_COMMIT_OFFSET_SIZE.
     *
     * @param producer whose transaction, or null
     */
    void commit(
            String groupId, List<OffsetChange> changes, Journal.@Nullable Producer producer, Consumer<ErrorCode> done) {
        long producerId = producer == null ? -1 : producer.id();
        long growth = offsets.growth(groupId, changes, producerId)
                + (store.group(groupId) == null ? simpleGroups.bytes(groupId) : 0);
        if (!store.memory().reserve(growth)) {
            done.accept(ErrorCode.INVALID_COMMIT_OFFSET_SIZE);
            return;
        }
        List<CoordinatorRecord> records = changes.stream()
                .map(change -> OffsetRecords.offset(groupId, change.partition(), change.committed()))
                .toList();
        store.journal().append(records, producer, appended -> {
            store.memory().unreserve(growth);
            if (appended.error() == ErrorCode.NONE) {
                long position = appended.baseOffset();
                for (OffsetChange change : changes) {
                    CommittedOffset stored = change.committed().storedAt(position++);
                    put(groupId, change.partition(), stored, producerId);
                }
            }
            done.accept(appended.error());
        });
    }

    /** Makes what a producer committed in its transaction count if the transaction was committed. */
    public void endTransaction(long producerId, boolean commit) {
        offsets.endTransaction(producerId)
                .forEach((groupId, changes) -> changes.forEach((partition, committed) -> {
                    if (commit && offsets.isNewest(groupId, partition, committed)) {
                        put(groupId, partition, committed, -1);
                    }
                }));
    }

    /** Makes the group forget what it committed for these partitions; they need not be forgotten all at once. */
    void delete(String groupId, List<TopicPartition> partitions, Consumer<ErrorCode> done) {
        store.storeInParts(tombstones(groupId, partitions), done);
    }

    /** What deletes the offsets of these partitions in the log. */
    static List<CoordinatorRecord> tombstones(String groupId, List<TopicPartition> partitions) {
        return partitions.stream()
                .map(partition -> OffsetRecords.tombstone(groupId, partition))
                .toList();
    }
}

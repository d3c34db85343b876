package io.gregor.coordinator;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What time and deleted topics do to committed offsets. Those of classic groups expire after
 * {@code offsets.retention.minutes} without members; those of topics that a stable group of consumers reads no longer,
 * those of consumers outside of group management, and those of consumer groups, that long after they were committed
 * (KIP-211). A group that has nothing left goes.
 */
public final class ExpireOffsets {
    private static final Logger LOG = LoggerFactory.getLogger(ExpireOffsets.class);

    private final GroupShard shard;

    public ExpireOffsets(GroupShard shard) {
        this.shard = shard;
    }

    public void expire() {
        for (Group group : List.copyOf(shard.groups().all())) {
            List<TopicPartition> expired = new ArrayList<>();
            Predicate<String> subscription = group.subscription();
            shard.offsets().of(group.id()).forEach((partition, offset) -> {
                if (!subscription.test(partition.topic()) && isExpired(group, partition, offset)) {
                    expired.add(partition);
                }
            });
            boolean all = expired.size() == shard.offsets().count(group.id());
            if (all && group.isEmpty()) {
                new DeleteGroup(shard).delete(group, stored -> LOG.debug("Group {} expired: {}", group.id(), stored));
            } else {
                delete(group.id(), expired);
            }
        }
    }

    private boolean isExpired(Group group, TopicPartition partition, CommittedOffset offset) {
        if (shard.offsets().isPending(group.id(), partition)) {
            return false;
        }
        long since = offset.committedMs();
        if (group instanceof ClassicGroup classic && classic.protocolType() != null) {
            if (classic.isEmpty()) {
                since = classic.stateSinceMs();
            } else if (!classic.is(GroupState.STABLE) || !ClassicGroup.CONSUMERS.equals(classic.protocolType())) {
                return false;
            }
        }
        return offset.expiresMs() >= 0
                ? shard.nowMs() >= offset.expiresMs()
                : shard.nowMs() - since >= shard.config().offsetsRetentionMs();
    }

    /** Topics are gone: what was committed for them goes too. */
    public void forgetTopics(Set<String> topics) {
        for (Group group : List.copyOf(shard.groups().all())) {
            delete(
                    group.id(),
                    shard.offsets().partitionsOf(group.id()).stream()
                            .filter(partition -> topics.contains(partition.topic()))
                            .toList());
        }
    }

    private void delete(String groupId, List<TopicPartition> partitions) {
        shard.deleteOffsets(
                groupId,
                partitions,
                stored -> LOG.debug("Deleted {} offsets of group {}: {}", partitions.size(), groupId, stored));
    }
}

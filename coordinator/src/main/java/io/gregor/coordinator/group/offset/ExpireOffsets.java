package io.gregor.coordinator.group.offset;

import io.gregor.coordinator.group.Group;
import io.gregor.coordinator.runtime.TopicPartition;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
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

    private final GroupOffsets offsets;

    public ExpireOffsets(GroupOffsets offsets) {
        this.offsets = offsets;
    }

    public void expire() {
        for (Group group : offsets.store().groups()) {
            List<TopicPartition> expired = new ArrayList<>();
            Predicate<String> subscription = group.subscription();
            offsets.committed().of(group.id()).forEach((partition, offset) -> {
                if (!subscription.test(partition.topic()) && isExpired(group, partition, offset)) {
                    expired.add(partition);
                }
            });
            boolean all = expired.size() == offsets.committed().count(group.id());
            if (all && group.isEmpty()) {
                new DeleteGroup(offsets).delete(group, stored -> LOG.debug("Group {} expired: {}", group.id(), stored));
            } else {
                delete(group.id(), expired);
            }
        }
    }

    private boolean isExpired(Group group, TopicPartition partition, CommittedOffset offset) {
        if (offsets.committed().isPending(group.id(), partition)) {
            return false;
        }
        OptionalLong since = group.unusedSinceMs(offset.committedMs());
        if (since.isEmpty()) {
            return false;
        }
        return offset.expiresMs() >= 0
                ? offsets.store().nowMs() >= offset.expiresMs()
                : offsets.store().nowMs() - since.getAsLong()
                        >= offsets.config().offsetsRetentionMs();
    }

    /** Topics are gone: what was committed for them goes too. */
    public void forgetTopics(Set<String> topics) {
        for (Group group : offsets.store().groups()) {
            delete(
                    group.id(),
                    offsets.committed().partitionsOf(group.id()).stream()
                            .filter(partition -> topics.contains(partition.topic()))
                            .toList());
        }
    }

    private void delete(String groupId, List<TopicPartition> partitions) {
        offsets.delete(
                groupId,
                partitions,
                stored -> LOG.debug("Deleted {} offsets of group {}: {}", partitions.size(), groupId, stored));
    }
}

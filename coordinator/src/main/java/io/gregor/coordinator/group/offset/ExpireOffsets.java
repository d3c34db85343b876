package io.gregor.coordinator.group.offset;

import io.gregor.coordinator.group.Group;
import io.gregor.coordinator.group.GroupTopics;
import io.gregor.coordinator.runtime.TopicPartition;
import io.gregor.wire.Uuid;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.BiPredicate;
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

    /**
     * Topics are gone: what was committed for them goes too, but not what was committed for a new topic of that name.
     *
     * @param topics their ids by their names
     */
    public void forgetTopics(Map<String, Uuid> topics) {
        forget((topic, committedFor) -> {
            Uuid gone = topics.get(topic);
            return gone != null && (committedFor.equals(Uuid.ZERO) || committedFor.equals(gone));
        });
    }

    /**
     * Forgets what was committed for topics that do not exist any more: nobody told a shard that was not loaded when
     * they were deleted.
     */
    public void forgetMissingTopics() {
        Map<String, Uuid> ids = new HashMap<>();
        forget((topic, committedFor) -> {
            Uuid id = ids.computeIfAbsent(topic, name -> {
                GroupTopics.Topic found = offsets.store().topics().find(name);
                return found == null ? Uuid.ZERO : found.id();
            });
            return id.equals(Uuid.ZERO) || !committedFor.equals(Uuid.ZERO) && !committedFor.equals(id);
        });
    }

    /** @param isGone given the name of a topic, and the id that an offset was committed for: zero if none is known */
    private void forget(BiPredicate<String, Uuid> isGone) {
        for (Group group : offsets.store().groups()) {
            List<TopicPartition> gone = offsets.committed().partitionsOf(group.id(), isGone);
            if (!gone.isEmpty()) {
                delete(group.id(), gone);
            }
        }
    }

    private void delete(String groupId, List<TopicPartition> partitions) {
        offsets.delete(
                groupId,
                partitions,
                stored -> LOG.debug("Deleted {} offsets of group {}: {}", partitions.size(), groupId, stored));
    }
}

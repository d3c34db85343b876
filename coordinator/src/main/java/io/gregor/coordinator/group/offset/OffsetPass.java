package io.gregor.coordinator.group.offset;

import io.gregor.coordinator.group.Group;
import io.gregor.coordinator.group.GroupTopics;
import io.gregor.coordinator.runtime.TopicPartition;
import io.gregor.wire.Uuid;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One pass of {@link ExpireOffsets} over all groups that a shard has when it begins, {@value #STEP} offsets or groups
 * at a time. Confined to the shard's lane. Each step decides on what it finds then. Memory: the ids of the groups, and
 * the partitions of one of them.
 */
final class OffsetPass {
    static final int STEP = 1000;

    private static final Logger LOG = LoggerFactory.getLogger(OffsetPass.class);

    private final GroupOffsets offsets;
    private final boolean expires;
    private final boolean forgetsMissing;
    private final Map<String, Set<Uuid>> gone;
    private final Iterator<String> groupIds;
    private @Nullable String groupId;
    private Iterator<TopicPartition> partitions = List.<TopicPartition>of().iterator();

    /** @param gone the ids of topics that are deleted, by their names */
    OffsetPass(GroupOffsets offsets, boolean expires, boolean forgetsMissing, Map<String, Set<Uuid>> gone) {
        this.offsets = offsets;
        this.expires = expires;
        this.forgetsMissing = forgetsMissing;
        this.gone = gone;
        groupIds = offsets.store().groups().stream().map(Group::id).toList().iterator();
    }

    /** Whether there is more to do. */
    boolean step() {
        Map<String, Uuid> ids = new HashMap<>();
        int left = STEP;
        while (left > 0 && (groupId != null || groupIds.hasNext())) {
            String now = groupId;
            if (now == null) {
                now = groupIds.next();
                partitions = offsets.committed().partitionsAsOfNow(now).iterator();
                left--;
            }
            Group group = offsets.store().group(now);
            left -= group == null ? 0 : look(group, left, ids);
            boolean more = group != null && partitions.hasNext();
            groupId = more ? now : null;
            if (group != null && !more) {
                end(group);
            }
        }
        return groupId != null || groupIds.hasNext();
    }

    /** How many offsets were looked at. */
    private int look(Group of, int most, Map<String, Uuid> ids) {
        List<TopicPartition> doomed = new ArrayList<>();
        Predicate<String> subscription = expires ? of.subscription() : topic -> true;
        int looked = 0;
        while (looked < most && partitions.hasNext()) {
            TopicPartition partition = partitions.next();
            looked++;
            boolean forget = offsets.committed()
                    .allAreGone(of.id(), partition, committedFor -> isGone(partition.topic(), committedFor, ids));
            if (forget || !subscription.test(partition.topic()) && isExpired(of, partition)) {
                doomed.add(partition);
            }
        }
        if (!doomed.isEmpty()) {
            offsets.delete(
                    of.id(),
                    doomed,
                    stored -> LOG.debug("Deleted {} offsets of group {}: {}", doomed.size(), of.id(), stored));
        }
        return looked;
    }

    private boolean isGone(String topic, Uuid committedFor, Map<String, Uuid> ids) {
        Set<Uuid> deleted = gone.get(topic);
        if (deleted != null && (committedFor.equals(Uuid.ZERO) || deleted.contains(committedFor))) {
            return true;
        }
        if (!forgetsMissing) {
            return false;
        }
        Uuid id = ids.computeIfAbsent(topic, name -> {
            GroupTopics.Topic found = offsets.store().topics().find(name);
            return found == null ? Uuid.ZERO : found.id();
        });
        return id.equals(Uuid.ZERO) || !committedFor.equals(Uuid.ZERO) && !committedFor.equals(id);
    }

    private boolean isExpired(Group of, TopicPartition partition) {
        CommittedOffset offset = offsets.committed().of(of.id()).get(partition);
        if (offset == null || offsets.committed().isPending(of.id(), partition)) {
            return false;
        }
        OptionalLong since = of.unusedSinceMs(offset.committedMs());
        if (since.isEmpty()) {
            return false;
        }
        return offset.expiresMs() >= 0
                ? offsets.store().nowMs() >= offset.expiresMs()
                : offsets.store().nowMs() - since.getAsLong()
                        >= offsets.config().offsetsRetentionMs();
    }

    /** A group that has nothing left goes when its offsets expire. */
    private void end(Group of) {
        if (expires && of.isEmpty() && offsets.committed().count(of.id()) == 0) {
            new DeleteGroup(offsets).delete(of, stored -> LOG.debug("Group {} expired: {}", of.id(), stored));
        }
    }
}

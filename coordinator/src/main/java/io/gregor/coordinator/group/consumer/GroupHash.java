package io.gregor.coordinator.group.consumer;

import com.dynatrace.hash4j.hashing.HashStream64;
import com.dynatrace.hash4j.hashing.Hashing;
import io.gregor.coordinator.group.GroupTopics;
import io.gregor.coordinator.group.GroupTopics.Topic;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * The hash of all topics that a group reads (KIP-1101): when it changes, the group needs a new assignment. It is
 * stored, so it has to be Kafka's own.
 */
public final class GroupHash {
    private static final byte FORMAT = 0;

    private GroupHash() {}

    public static long of(Set<String> topics, GroupTopics all) {
        List<Topic> found =
                topics.stream().sorted().map(all::find).filter(Objects::nonNull).toList();
        if (found.isEmpty()) {
            return 0;
        }
        HashStream64 hash = Hashing.xxh3_64().hashStream();
        found.forEach(topic -> hash.putLong(of(topic)));
        return hash.getAsLong();
    }

    private static long of(Topic topic) {
        HashStream64 hash = Hashing.xxh3_64()
                .hashStream()
                .putByte(FORMAT)
                .putLong(topic.id().mostSignificantBits())
                .putLong(topic.id().leastSignificantBits())
                .putString(topic.name())
                .putInt(topic.partitions());
        for (int partition = 0; partition < topic.partitions(); partition++) {
            hash.putInt(partition);
            for (String rack : topic.racks().get(partition)) {
                hash.putInt(rack.length()).putString(rack);
            }
        }
        return hash.getAsLong();
    }
}

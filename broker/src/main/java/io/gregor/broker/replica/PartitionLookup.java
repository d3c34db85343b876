package io.gregor.broker.replica;

import io.gregor.broker.cluster.ClusterMetadata;
import io.gregor.controller.MetadataImage;
import io.gregor.controller.TopicImage;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.ErrorCode;
import org.jspecify.annotations.Nullable;

/** Finds the partition that a request means, by name or by id, or says which error it gets. Called on any thread. */
public final class PartitionLookup {
    /** What clients are told of a partition whose log folder is offline. */
    public static final int NO_LEADER = -1;

    /** A partition, or why there is none. */
    public record Found(@Nullable Partition partition, ErrorCode error) {}

    private final ClusterMetadata metadata;
    private final Partitions partitions;

    public PartitionLookup(ClusterMetadata metadata, Partitions partitions) {
        this.metadata = metadata;
        this.partitions = partitions;
    }

    public Found find(String topic, int index) {
        TopicImage image = metadata.image().topic(topic);
        return image == null ? missing(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION) : find(image, index);
    }

    public Found find(Uuid topicId, int index) {
        TopicImage image = metadata.image().topic(topicId);
        return image == null ? missing(ErrorCode.UNKNOWN_TOPIC_ID) : find(image, index);
    }

    private Found find(TopicImage topic, int index) {
        Partition partition = partitions.find(topic.id(), index);
        if (partition != null) {
            return new Found(partition, ErrorCode.NONE);
        }
        return missing(
                partitions.isOffline(topic.id(), index)
                        ? ErrorCode.KAFKA_STORAGE_ERROR
                        : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
    }

    private static Found missing(ErrorCode error) {
        return new Found(null, error);
    }

    /** Whether this broker has that partition, but cannot read or write it now. */
    public boolean isOffline(TopicImage topic, int index) {
        return partitions.isOffline(topic.id(), index);
    }

    public MetadataImage image() {
        return metadata.image();
    }

    /** Compares the epoch that a client has in mind with the leader's: -1 is not compared. */
    public static ErrorCode checkEpoch(Partition partition, int currentLeaderEpoch) {
        if (currentLeaderEpoch < 0 || currentLeaderEpoch == partition.leaderEpoch()) {
            return ErrorCode.NONE;
        }
        return currentLeaderEpoch < partition.leaderEpoch()
                ? ErrorCode.FENCED_LEADER_EPOCH
                : ErrorCode.UNKNOWN_LEADER_EPOCH;
    }
}

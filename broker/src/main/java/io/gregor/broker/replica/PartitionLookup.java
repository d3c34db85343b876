package io.gregor.broker.replica;

import io.gregor.broker.cluster.ClusterMetadata;
import io.gregor.controller.MetadataImage;
import io.gregor.controller.TopicImage;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.ErrorCode;
import org.jspecify.annotations.Nullable;

/** Finds the partition that a request means, by name or by id, or says why it cannot be used. Called on any thread. */
public final class PartitionLookup {
    /** What clients are told of a partition whose log directory is offline. */
    public static final int NO_LEADER = -1;

    /** Where a partition is at this moment. Immutable. */
    public sealed interface Found {
        /** What a client is told that wants to read or write it; NONE if it can. */
        ErrorCode error();

        /** Null unless it is online. */
        default @Nullable Partition partition() {
            return null;
        }

        /** Whether the cluster has such a partition, wherever it is and whether or not it can be used now. */
        default boolean exists() {
            return true;
        }

        /** It is here and can be read and written. */
        record Online(Partition partition) implements Found {
            @Override
            public ErrorCode error() {
                return ErrorCode.NONE;
            }
        }

        /** It is here, but its log directory has failed, or it could not be opened: it may come back. */
        record Offline() implements Found {
            @Override
            public ErrorCode error() {
                return ErrorCode.KAFKA_STORAGE_ERROR;
            }
        }

        /**
         * No broker leads it now, or another one, or this one will as soon as it has opened it.
         *
         * @param leader as far as the metadata say, {@link #NO_LEADER} if there is none
         */
        record NotLeader(int leader) implements Found {
            @Override
            public ErrorCode error() {
                return ErrorCode.NOT_LEADER_OR_FOLLOWER;
            }
        }

        /** The cluster has none such, or has deleted it. */
        record Unknown(ErrorCode error) implements Found {
            @Override
            public boolean exists() {
                return false;
            }
        }
    }

    private static final Found OFFLINE = new Found.Offline();

    private final ClusterMetadata metadata;
    private final Partitions partitions;
    private final int nodeId;

    /** @param nodeId of this broker */
    public PartitionLookup(ClusterMetadata metadata, Partitions partitions, int nodeId) {
        this.metadata = metadata;
        this.partitions = partitions;
        this.nodeId = nodeId;
    }

    public Found find(String topic, int index) {
        TopicImage image = metadata.image().topic(topic);
        return image == null ? new Found.Unknown(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION) : find(image, index);
    }

    public Found find(Uuid topicId, int index) {
        TopicImage image = metadata.image().topic(topicId);
        return image == null ? new Found.Unknown(ErrorCode.UNKNOWN_TOPIC_ID) : find(image, index);
    }

    /**
     * Finds a partition of a topic that had that name and that id when a client began to use it:
     * UNKNOWN_TOPIC_OR_PARTITION if no topic has the name now, INCONSISTENT_TOPIC_ID if another one has.
     */
    public Found find(String topic, Uuid topicId, int index) {
        TopicImage image = metadata.image().topic(topic);
        if (image == null) {
            return new Found.Unknown(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
        }
        return image.id().equals(topicId) ? find(image, index) : new Found.Unknown(ErrorCode.INCONSISTENT_TOPIC_ID);
    }

    /** Whether the metadata has that partition, be it online or not. */
    public boolean exists(String topic, int index) {
        TopicImage image = metadata.image().topic(topic);
        return image != null && index >= 0 && index < image.partitions().size();
    }

    /** The name of the topic with that id, or null if there is none. */
    public @Nullable String nameOf(Uuid topicId) {
        TopicImage image = metadata.image().topic(topicId);
        return image == null ? null : image.name();
    }

    private Found find(TopicImage topic, int index) {
        Partition partition = partitions.find(topic.id(), index);
        if (partition != null) {
            return new Found.Online(partition);
        }
        boolean known = index >= 0 && index < topic.partitions().size();
        int leader = known ? topic.partitions().get(index).leader() : NO_LEADER;
        if (leader != NO_LEADER && leader != nodeId) {
            return new Found.NotLeader(leader);
        }
        return switch (partitions.state(topic.id(), index)) {
            // Opened since it was looked for: whoever asks again finds it.
            case OPEN, OPENING -> new Found.NotLeader(leader);
            case OFFLINE -> OFFLINE;
            // A topic that is being deleted is in the image a moment longer than here.
            case NONE -> new Found.Unknown(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
        };
    }

    /** Whether this broker has that partition, but cannot use it until its log directory comes back. */
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

package io.gregor.broker.replica;

import io.gregor.controller.TopicImage;
import io.gregor.log.LogDir;
import io.gregor.wire.Uuid;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes the partitions of deleted topics from the log directories, and keeps what could not be deleted for another
 * try. Called on the controller's thread and, at the end of a partition, on its lane.
 */
final class PartitionDeletion {
    private static final Logger LOG = LoggerFactory.getLogger(PartitionDeletion.class);

    private final List<LogDir> folders;
    private final List<LeftOver> leftOvers = new CopyOnWriteArrayList<>();

    PartitionDeletion(List<LogDir> folders) {
        this.folders = folders;
    }

    boolean isRetryNeeded() {
        return !leftOvers.isEmpty();
    }

    void retry() {
        leftOvers.removeIf(LeftOver::delete);
    }

    void delete(Partition partition) {
        delete(partition.topic(), partition.index(), partition.topicId(), partition);
        partition.lane().execute(() -> end(partition));
    }

    /** Deletes what there is of a partition that could not be opened. */
    void deleteUnopened(TopicImage topic, int index) {
        delete(topic.name(), index, topic.id(), null);
    }

    /** On the lane: a move that has ended meanwhile may have brought the log into another folder. */
    private void end(Partition partition) {
        partition.delete();
        for (LogDir folder : folders) {
            try {
                if (!folder.isOffline()) {
                    folder.delete(partition.log());
                }
            } catch (IOException e) {
                LOG.warn("Deleting {} failed; it is tried again", partition, e);
                leftOvers.add(new LeftOver(folder, partition.topic(), partition.index(), partition.topicId()));
            }
        }
    }

    /** What lies in a folder that is offline is put aside when that comes back. */
    private void delete(String topic, int index, Uuid topicId, @Nullable Partition partition) {
        for (LogDir folder : folders) {
            if (!folder.isOffline()) {
                try {
                    if (partition == null) {
                        folder.deleteUnopened(topic, index, topicId);
                    } else {
                        folder.delete(topic, index);
                    }
                } catch (IOException e) {
                    LOG.warn("Deleting {}-{} failed; it is tried again", topic, index, e);
                    leftOvers.add(new LeftOver(folder, topic, index, topicId));
                }
            }
        }
    }

    /** A partition of a deleted topic that could not be deleted. */
    private record LeftOver(LogDir folder, String topic, int index, Uuid topicId) {
        /** Whether there is nothing left to do. */
        boolean delete() {
            try {
                if (!folder.isOffline()) {
                    folder.deleteUnopened(topic, index, topicId);
                }
                return true;
            } catch (IOException e) {
                LOG.debug("Deleting {}-{} failed again", topic, index, e);
                return false;
            }
        }
    }
}

package io.gregor.broker.cluster;

import io.gregor.broker.config.BrokerConfig;
import io.gregor.broker.config.InvalidConfigException;
import io.gregor.broker.replica.Partitions;
import io.gregor.controller.Decision;
import io.gregor.controller.ImageChange;
import io.gregor.controller.MetadataImage;
import io.gregor.controller.TakeOver;
import io.gregor.log.PartitionLog;
import io.gregor.wire.Message;
import io.gregor.wire.message.ErrorCode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one place where metadata changes: decides on the controller's thread, stores the records, applies them, opens and
 * closes partitions, publishes the new image, and only then lets the client be answered. {@link #image} may be read
 * anywhere.
 */
public final class ClusterMetadata {
    private static final Logger LOG = LoggerFactory.getLogger(ClusterMetadata.class);
    /** Kafka's limit of what one request may change. */
    private static final int RECORDS_MAX = 10_000;

    private final LocalMetadataLog log;
    private final Partitions partitions;
    private final Executor thread;
    private volatile Consumer<Set<String>> topicsGone = names -> {};
    private volatile MetadataImage image;
    private volatile long imageEndOffset;
    private volatile long topicsVersion;
    private volatile long newTopicsVersion;

    /** @param thread runs one task at a time */
    public ClusterMetadata(
            BrokerConfig config, PartitionLog log, Partitions partitions, InstantSource clock, Executor thread) {
        this.log = new LocalMetadataLog(
                log,
                clock,
                new LocalMetadataLog.SnapshotRules(
                        config.number("metadata.log.max.record.bytes.between.snapshots"),
                        config.number("metadata.log.max.snapshot.interval.ms")));
        this.partitions = partitions;
        this.thread = thread;
        this.image = MetadataImage.EMPTY;
    }

    /**
     * Loads what is stored, and opens all partitions; a new cluster is given its first records: those that
     * {@code kafka-storage format} has left, or ours.
     *
     * @param newestVersion the newest {@code metadata.version} that may be loaded
     * @throws InvalidConfigException if the folder is of a newer one; nothing in it has been touched then
     */
    public void load(int nodeId, List<Message> bootstrap, short newestVersion) throws IOException {
        MetadataImage stored = log.load();
        boolean isNew = stored.features().isEmpty();
        List<ByteBuffer> formatted = isNew ? log.formatted() : List.of();
        MetadataImage loaded = ImageChange.applyStored(stored, formatted);
        short version = loaded.metadataVersion();
        if (version > newestVersion) {
            throw new InvalidConfigException("log.dirs: the folder has metadata.version " + version
                    + ", allowed is up to " + newestVersion + "; it has been left as it is");
        }
        log.lead(nodeId);
        log.appendStored(formatted);
        List<Message> first = isNew && formatted.isEmpty() ? bootstrap : TakeOver.decide(loaded, nodeId);
        if (!first.isEmpty()) {
            log.append(first);
            loaded = ImageChange.apply(loaded, first);
        }
        partitions.apply(MetadataImage.EMPTY, loaded);
        image = loaded;
        imageEndOffset = log.endOffset();
        topicsVersion = imageEndOffset;
        newTopicsVersion = imageEndOffset;
    }

    /** Writes a snapshot of the metadata, if it is time for one. */
    public void snapshotIfDue() {
        thread.execute(() -> {
            try {
                log.snapshotIfDue(image);
            } catch (IOException e) {
                LOG.error("Writing a snapshot of the metadata failed; it is tried again later", e);
            }
        });
    }

    /** Tries again what could not be opened or deleted when the metadata changed, if it is time for it. */
    public void retryPartitions() {
        if (partitions.isRetryNeeded()) {
            thread.execute(() -> partitions.retry(image));
        }
    }

    public MetadataImage image() {
        return image;
    }

    /** The epoch in which this node leads the quorum. */
    public int epoch() {
        return log.epoch();
    }

    /** How far the metadata log goes. */
    public long endOffset() {
        return log.endOffset();
    }

    /** How far the metadata log goes that is in the image; who reads it first finds an image that is no older. */
    public long imageEndOffset() {
        return imageEndOffset;
    }

    /** How far the metadata log went when topics changed last: grows with every such change. */
    public long topicsVersion() {
        return topicsVersion;
    }

    /** As above, for topics that are new. */
    public long newTopicsVersion() {
        return newTopicsVersion;
    }

    /**
     * Decides, stores, applies, and answers. A change of more than 10,000 records fails with POLICY_VIOLATION, and
     * nothing of it is stored.
     *
     * @param done told the response on the controller's thread once the records are on the disk
     * @param failed told why that did not work out
     */
    public <R> void change(
            Function<MetadataImage, Decision<R>> operation, Consumer<R> done, Consumer<ErrorCode> failed) {
        thread.execute(() -> {
            R response;
            try {
                Decision<R> decision = operation.apply(image);
                if (decision.records().size() > RECORDS_MAX) {
                    failed.accept(ErrorCode.POLICY_VIOLATION);
                    return;
                }
                if (!decision.records().isEmpty()) {
                    store(decision.records());
                }
                response = decision.response();
            } catch (IOException e) {
                LOG.error("Storing metadata failed", e);
                failed.accept(ErrorCode.KAFKA_STORAGE_ERROR);
                return;
            } catch (RuntimeException e) {
                LOG.error("Changing metadata failed", e);
                failed.accept(ErrorCode.UNKNOWN_SERVER_ERROR);
                return;
            }
            done.accept(response);
        });
    }

    private void store(List<Message> records) throws IOException {
        MetadataImage before = image;
        log.append(records);
        MetadataImage after = ImageChange.apply(before, records);
        try {
            partitions.apply(before, after);
        } catch (IOException | RuntimeException e) {
            // The records are durable: not to publish them would be another truth than that of the next start.
            LOG.error("Applying a change of the metadata to the partitions failed", e);
        }
        image = after;
        imageEndOffset = log.endOffset();
        noteTopics(before, after);
        Set<String> gone = new HashSet<>(before.topicsByName().keySet());
        gone.removeAll(after.topicsByName().keySet());
        if (!gone.isEmpty()) {
            topicsGone.accept(gone);
        }
        snapshotIfDue();
    }

    @SuppressWarnings("ReferenceEquality") // A topic that did not change is the same object.
    private void noteTopics(MetadataImage before, MetadataImage after) {
        boolean someNew =
                !before.topicsById().keySet().containsAll(after.topicsById().keySet());
        boolean someChanged = before.topicsById().size() != after.topicsById().size()
                || after.topicsById().values().stream().anyMatch(topic -> before.topic(topic.id()) != topic);
        if (someNew) {
            newTopicsVersion = log.endOffset();
        }
        if (someNew || someChanged) {
            topicsVersion = log.endOffset();
        }
    }

    /** Has somebody told, on the controller's thread, of topics that were deleted. */
    public void whenTopicsGo(Consumer<Set<String>> listener) {
        topicsGone = listener;
    }
}

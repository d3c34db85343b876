package io.gregor.broker.coordination;

import io.gregor.broker.cluster.ClusterMetadata;
import io.gregor.broker.replica.Partition;
import io.gregor.broker.replica.Partitions;
import io.gregor.controller.TopicImage;
import io.gregor.coordinator.Shard;
import io.gregor.log.StoredBatch;
import io.gregor.wire.MalformedMessageException;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.record.EndMarker;
import io.gregor.wire.record.RecordBatch;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The shards of a coordinator, one for each partition of its topic, each on its partition's lane. Called on any thread.
 * A shard whose partition holds records is loaded aside first; until then its keys get COORDINATOR_LOAD_IN_PROGRESS.
 */
public final class CoordinatorShards<S extends Shard> {
    private static final Logger LOG = LoggerFactory.getLogger(CoordinatorShards.class);

    private static final class Host<S> {
        private final Partition partition;
        private final S shard;
        private volatile ErrorCode state = ErrorCode.COORDINATOR_LOAD_IN_PROGRESS;

        Host(Partition partition, S shard) {
            this.partition = partition;
            this.shard = shard;
        }
    }

    private final String topic;
    private final ClusterMetadata metadata;
    private final Partitions partitions;
    private final Executor diskReaders;
    private final Function<Partition, S> factory;
    private final Map<Partition, Host<S>> hosts = new ConcurrentHashMap<>();

    /**
     * @param topic what the coordinator stores its records in
     * @param factory makes the empty shard of a partition
     */
    public CoordinatorShards(
            String topic,
            ClusterMetadata metadata,
            Partitions partitions,
            Executor diskReaders,
            Function<Partition, S> factory) {
        this.topic = topic;
        this.metadata = metadata;
        this.partitions = partitions;
        this.diskReaders = diskReaders;
        this.factory = factory;
    }

    /** Begins to load every shard that has records, so that no client has to wait for it later. */
    public void load() {
        TopicImage image = metadata.image().topic(topic);
        if (image == null) {
            return;
        }
        for (int i = 0; i < image.partitions().size(); i++) {
            Partition partition = partitions.find(image.id(), i);
            if (partition != null && partition.view().endOffset() > 0) {
                host(partition);
            }
        }
    }

    /**
     * Runs an operation on the shard of that key, on its lane.
     *
     * @param refused told why there is no such shard now: NOT_COORDINATOR, COORDINATOR_LOAD_IN_PROGRESS,
     *     COORDINATOR_NOT_AVAILABLE
     */
    public void onShardOf(String key, Consumer<S> operation, Consumer<ErrorCode> refused) {
        Partition partition = partitionOf(key);
        if (partition == null) {
            refused.accept(ErrorCode.NOT_COORDINATOR);
        } else {
            onShardOf(partition, operation, refused);
        }
    }

    /** As above, for the shard of that partition of the coordinator's topic. */
    public void onShardOf(Partition partition, Consumer<S> operation, Consumer<ErrorCode> refused) {
        Host<S> host = host(partition);
        if (host.state != ErrorCode.NONE) {
            refused.accept(host.state);
            return;
        }
        partition.lane().execute(() -> {
            if (partition.isDeleted()) {
                refused.accept(ErrorCode.NOT_COORDINATOR);
            } else {
                operation.accept(host.shard);
            }
        });
    }

    /** The number of the partition that holds that key, or -1 if the topic does not exist yet. */
    public int indexOf(String key) {
        TopicImage image = metadata.image().topic(topic);
        // Kafka's own rule, which a folder that changes hands depends on: the absolute value, of the least int 0.
        int hash = key.hashCode();
        int positive = hash == Integer.MIN_VALUE ? 0 : hash < 0 ? -hash : hash;
        return image == null ? -1 : positive % image.partitions().size();
    }

    /** The partition that holds that key, or null if there is none yet. */
    public @Nullable Partition partitionOf(String key) {
        TopicImage image = metadata.image().topic(topic);
        return image == null ? null : partitions.find(image.id(), indexOf(key));
    }

    /**
     * Runs an operation on every shard that has been used, each on its lane, and hands over all results at the end.
     */
    public <T> void onAllShards(Function<S, List<T>> operation, Consumer<List<T>> done, Consumer<ErrorCode> refused) {
        List<Host<S>> all = new ArrayList<>(hosts.values());
        all.removeIf(host -> host.partition.isDeleted());
        for (Host<S> host : all) {
            if (host.state != ErrorCode.NONE) {
                refused.accept(host.state);
                return;
            }
        }
        collect(all, 0, operation, new ArrayList<>(), done);
    }

    /** Runs an operation on every shard that is there, each on its lane. */
    public void onEachLoaded(Consumer<S> operation) {
        for (Host<S> host : hosts.values()) {
            if (host.state == ErrorCode.NONE && !host.partition.isDeleted()) {
                host.partition.lane().execute(() -> operation.accept(host.shard));
            }
        }
    }

    private <T> void collect(
            List<Host<S>> all, int index, Function<S, List<T>> operation, List<T> results, Consumer<List<T>> done) {
        if (index == all.size()) {
            done.accept(results);
            return;
        }
        Host<S> host = all.get(index);
        host.partition.lane().execute(() -> {
            results.addAll(operation.apply(host.shard));
            collect(all, index + 1, operation, results, done);
        });
    }

    private Host<S> host(Partition partition) {
        Host<S> known = hosts.get(partition);
        if (known != null) {
            return known;
        }
        Host<S> created = new Host<>(partition, factory.apply(partition));
        Host<S> raced = hosts.putIfAbsent(partition, created);
        if (raced != null) {
            return raced;
        }
        hosts.keySet().removeIf(Partition::isDeleted);
        if (partition.view().endOffset() == 0) {
            created.state = ErrorCode.NONE;
        } else {
            diskReaders.execute(() -> load(created));
        }
        return created;
    }

    /** Nobody else touches the shard before its state says that it is loaded. */
    private void load(Host<S> host) {
        try {
            host.partition.view().forEachBatch(host.partition.view().startOffset(), batch -> apply(batch, host.shard));
        } catch (IOException | MalformedMessageException e) {
            LOG.error("Loading groups from {} failed", host.partition, e);
            host.state = ErrorCode.COORDINATOR_NOT_AVAILABLE;
            return;
        }
        host.partition.lane().execute(() -> {
            host.shard.loaded();
            host.state = ErrorCode.NONE;
        });
    }

    private static void apply(StoredBatch batch, Shard shard) throws IOException {
        RecordBatch header = batch.header();
        if (header.isControl()) {
            if (!header.isEmpty()) {
                shard.endTransaction(
                        header.producerId(), EndMarker.of(batch.whole()).commit());
            }
            return;
        }
        long producerId = header.isTransactional() ? header.producerId() : -1;
        batch.forEachRecord(record -> {
            if (record.key() != null) {
                shard.apply(new Shard.Stored(record.offset(), producerId, record.key(), record.value()));
            }
        });
    }
}

package io.gregor.broker.group;

import io.gregor.broker.config.BrokerConfig;
import io.gregor.broker.metadata.ClusterMetadata;
import io.gregor.broker.partition.Partition;
import io.gregor.broker.partition.Partitions;
import io.gregor.controller.TopicImage;
import io.gregor.controller.TopicNames;
import io.gregor.coordinator.GroupConfig;
import io.gregor.coordinator.GroupShard;
import io.gregor.wire.MalformedMessageException;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.record.RecordCursor;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The shards of the group coordinator, one for each partition of {@code __consumer_offsets}, each on its partition's
 * lane. Called on any thread. A shard whose partition holds records is loaded aside first; until then its groups get
 * COORDINATOR_LOAD_IN_PROGRESS.
 */
public final class GroupCoordinators {
    private static final Logger LOG = LoggerFactory.getLogger(GroupCoordinators.class);

    private static final class Host {
        private final Partition partition;
        private final GroupShard shard;
        private volatile ErrorCode state = ErrorCode.COORDINATOR_LOAD_IN_PROGRESS;

        Host(Partition partition, GroupShard shard) {
            this.partition = partition;
            this.shard = shard;
        }
    }

    private final ClusterMetadata metadata;
    private final Partitions partitions;
    private final GroupConfig config;
    private final InstantSource clock;
    private final Executor diskReaders;
    private final Supplier<String> memberSuffixes;
    private final Map<Partition, Host> hosts = new ConcurrentHashMap<>();

    public GroupCoordinators(
            BrokerConfig broker,
            ClusterMetadata metadata,
            Partitions partitions,
            InstantSource clock,
            Executor diskReaders,
            Supplier<String> memberSuffixes) {
        this.metadata = metadata;
        this.partitions = partitions;
        this.clock = clock;
        this.diskReaders = diskReaders;
        this.memberSuffixes = memberSuffixes;
        config = new GroupConfig(
                broker.integer("group.min.session.timeout.ms"),
                broker.integer("group.max.session.timeout.ms"),
                broker.integer("group.initial.rebalance.delay.ms"),
                broker.integer("group.max.size"),
                broker.integer("offset.metadata.max.bytes"));
    }

    /** Begins to load every shard that has records, so that no client has to wait for it later. */
    public void load() {
        TopicImage topic = metadata.image().topic(TopicNames.OFFSETS);
        if (topic == null) {
            return;
        }
        for (int i = 0; i < topic.partitions().size(); i++) {
            Partition partition = partitions.find(topic.id(), i);
            if (partition != null && partition.view().endOffset() > 0) {
                host(partition);
            }
        }
    }

    /**
     * Runs an operation on the shard of that group, on its lane.
     *
     * @param refused told why there is no such shard now: NOT_COORDINATOR, COORDINATOR_LOAD_IN_PROGRESS,
     *     COORDINATOR_NOT_AVAILABLE
     */
    public void onShardOf(String groupId, Consumer<GroupShard> operation, Consumer<ErrorCode> refused) {
        Partition partition = partitionOf(groupId);
        if (partition == null) {
            refused.accept(ErrorCode.NOT_COORDINATOR);
            return;
        }
        Host host = host(partition);
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

    /** Runs an operation on every shard that has been used, each on its lane, and hands over all results at the end. */
    public <T> void onAllShards(
            Function<GroupShard, List<T>> operation, Consumer<List<T>> done, Consumer<ErrorCode> refused) {
        List<Host> all = new ArrayList<>(hosts.values());
        all.removeIf(host -> host.partition.isDeleted());
        for (Host host : all) {
            if (host.state != ErrorCode.NONE) {
                refused.accept(host.state);
                return;
            }
        }
        collect(all, 0, operation, new ArrayList<>(), done);
    }

    private <T> void collect(
            List<Host> all,
            int index,
            Function<GroupShard, List<T>> operation,
            List<T> results,
            Consumer<List<T>> done) {
        if (index == all.size()) {
            done.accept(results);
            return;
        }
        Host host = all.get(index);
        host.partition.lane().execute(() -> {
            results.addAll(operation.apply(host.shard));
            collect(all, index + 1, operation, results, done);
        });
    }

    private @Nullable Partition partitionOf(String groupId) {
        TopicImage topic = metadata.image().topic(TopicNames.OFFSETS);
        if (topic == null) {
            return null;
        }
        return partitions.find(
                topic.id(),
                (groupId.hashCode() & Integer.MAX_VALUE) % topic.partitions().size());
    }

    private Host host(Partition partition) {
        Host known = hosts.get(partition);
        if (known != null) {
            return known;
        }
        Host created = new Host(
                partition,
                new GroupShard(
                        config,
                        new LogJournal(partition, clock),
                        new LaneTimers(partition.lane()),
                        clock,
                        memberSuffixes));
        Host raced = hosts.putIfAbsent(partition, created);
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
    private void load(Host host) {
        try {
            host.partition.view().forEachBatch(host.partition.view().startOffset(), batch -> {
                if (!batch.isControl()) {
                    RecordCursor.forEach(batch, record -> {
                        if (record.key() != null) {
                            host.shard.apply(record.key(), record.value());
                        }
                    });
                }
            });
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
}

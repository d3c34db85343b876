package io.gregor.broker.coordination;

import io.gregor.broker.cluster.ClusterMetadata;
import io.gregor.broker.cluster.Controller;
import io.gregor.broker.cluster.ProducerIds;
import io.gregor.broker.config.BrokerConfig;
import io.gregor.broker.config.DynamicConfig;
import io.gregor.broker.lane.LaneOffload;
import io.gregor.broker.lane.LaneTimers;
import io.gregor.broker.replica.Partition;
import io.gregor.broker.replica.PartitionLookup;
import io.gregor.broker.replica.Partitions;
import io.gregor.controller.ImageListener;
import io.gregor.controller.MetadataImage;
import io.gregor.controller.SupportedFeature;
import io.gregor.controller.TopicImage;
import io.gregor.controller.TopicNames;
import io.gregor.coordinator.group.classic.ClassicGroupConfig;
import io.gregor.coordinator.group.offset.OffsetConfig;
import io.gregor.coordinator.group.shard.GroupConfig;
import io.gregor.coordinator.group.shard.GroupShard;
import io.gregor.coordinator.runtime.StateMemory;
import io.gregor.coordinator.transaction.ExpireTransactions;
import io.gregor.coordinator.transaction.ProducerIdSource;
import io.gregor.coordinator.transaction.TransactionConfig;
import io.gregor.coordinator.transaction.TransactionShard;
import io.gregor.wire.ByteBudget;
import io.gregor.wire.Uuid;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/** The coordinators of groups and transactions, and what stands between them. */
public final class Coordinators implements ImageListener {
    private static final long MS_PER_MINUTE = 60_000;

    private final BrokerConfig config;
    private final ClusterMetadata metadata;
    private final InstantSource clock;
    private final ByteBudget memory;
    private final ProducerIds producerIds;
    private final CoordinatorShards<GroupShard> groups;
    private final CoordinatorShards<TransactionShard> transactions;
    private final TransactionMarkers markers;
    private final TransactionGate gate;

    /**
     * @param memory of all that the coordinators hold
     * @param loader reads what they have stored
     * @param matcher looks for the topics that regular expressions mean
     */
    public Coordinators(
            BrokerConfig config,
            ClusterMetadata metadata,
            Controller controller,
            Partitions partitions,
            PartitionLookup lookup,
            InstantSource clock,
            RandomGenerator random,
            ByteBudget memory,
            Executor loader,
            Executor matcher) {
        this.config = config;
        this.metadata = metadata;
        this.clock = clock;
        this.memory = memory;
        producerIds = new ProducerIds(controller, config.nodeId());
        GroupConfig groupConfig = groupConfig();
        MetadataTopics topics = new MetadataTopics(metadata, config.nodeId(), config.string("broker.rack"));
        groups = new CoordinatorShards<>(
                TopicNames.OFFSETS,
                metadata,
                partitions,
                loader,
                partition -> new GroupShard(
                        groupConfig,
                        new StateMemory(memory),
                        topics,
                        new LogJournal(partition, clock),
                        new LaneTimers(partition.lane()),
                        new LaneOffload(partition.lane(), matcher),
                        clock,
                        () -> Uuid.random(random)),
                shard -> shard.expireOffsets().forgetMissingTopics());
        markers = new TransactionMarkers(target -> lookup.find(target.topic(), target.partition()), groups, random);
        transactions = new CoordinatorShards<>(
                TopicNames.TRANSACTIONS, metadata, partitions, loader, this::transactionShard, shard -> {});
        gate = new TransactionGate(
                transactions,
                () -> Boolean.parseBoolean(DynamicConfig.of(metadata.image(), config)
                        .string("transaction.partition.verification.enable")));
    }

    private GroupConfig groupConfig() {
        ClassicGroupConfig classic = new ClassicGroupConfig(
                config.integer("group.min.session.timeout.ms"),
                config.integer("group.max.session.timeout.ms"),
                config.integer("group.initial.rebalance.delay.ms"),
                config.integer("group.max.size"));
        OffsetConfig offsets = new OffsetConfig(
                config.integer("offset.metadata.max.bytes"),
                config.number("offsets.retention.minutes") * MS_PER_MINUTE);
        return new GroupConfig(classic, new ConsumerGroupSettings(config, metadata), offsets);
    }

    private TransactionShard transactionShard(Partition partition) {
        TransactionConfig settings = new TransactionConfig(
                config.integer("transaction.max.timeout.ms"),
                config.number("transactional.id.expiration.ms"),
                config.isOn("transaction.two.phase.commit.enable"),
                () -> metadata.image().features().getOrDefault(SupportedFeature.TRANSACTION_VERSION, (short) 0));
        ProducerIdSource ids = (id, failed) -> producerIds.next(
                next -> partition.lane().execute(() -> id.accept(next)),
                error -> partition.lane().execute(() -> failed.accept(error)));
        return new TransactionShard(
                settings,
                new StateMemory(memory),
                new LogJournal(partition, clock),
                new LaneTimers(partition.lane()),
                markers.writerFor(partition),
                ids,
                clock);
    }

    public CoordinatorShards<GroupShard> groups() {
        return groups;
    }

    public CoordinatorShards<TransactionShard> transactions() {
        return transactions;
    }

    public TransactionGate gate() {
        return gate;
    }

    public TransactionMarkers markers() {
        return markers;
    }

    public ProducerIds producerIds() {
        return producerIds;
    }

    /** Begins to load what the coordinators have stored. */
    public void load() {
        groups.load();
        transactions.load();
    }

    /** How many of the coordinators' partitions cannot be asked yet. */
    public int loading() {
        return groups.loading() + transactions.loading();
    }

    /** Aborts transactions that take too long; to be called now and then. */
    public void abortOverdueTransactions() {
        onTransactions(shard -> new ExpireTransactions(shard).abortOverdue());
    }

    /** Forgets transactional ids that nobody uses; to be called now and then. */
    public void forgetUnusedTransactionalIds() {
        onTransactions(shard -> new ExpireTransactions(shard).forgetUnused());
    }

    /** Forgets offsets that have expired, and groups that have nothing left; to be called now and then. */
    public void expireOffsets() {
        groups.onEachLoaded(shard -> shard.expireOffsets().expire());
    }

    /** Deletes the offsets of topics that are deleted. A shard that is not loaded does so when it is. */
    @Override
    public void published(MetadataImage before, MetadataImage after, long endOffset) {
        Map<String, Uuid> gone = new HashMap<>();
        for (TopicImage topic : before.topicsById().values()) {
            if (after.topic(topic.id()) == null) {
                gone.put(topic.name(), topic.id());
            }
        }
        if (!gone.isEmpty()) {
            groups.onEachLoaded(shard -> shard.expireOffsets().forgetTopics(gone));
        }
    }

    private void onTransactions(Consumer<TransactionShard> operation) {
        transactions.onEachLoaded(operation);
    }
}

package io.gregor.broker;

import io.gregor.broker.api.admin.AlterClientQuotasHandler;
import io.gregor.broker.api.admin.AlterConfigsHandler;
import io.gregor.broker.api.admin.AlterReplicaLogDirsHandler;
import io.gregor.broker.api.admin.CreatePartitionsHandler;
import io.gregor.broker.api.admin.CreateTopicsHandler;
import io.gregor.broker.api.admin.DeleteTopicsHandler;
import io.gregor.broker.api.admin.DescribeClientQuotasHandler;
import io.gregor.broker.api.admin.DescribeConfigsHandler;
import io.gregor.broker.api.admin.DescribeLogDirsHandler;
import io.gregor.broker.api.admin.IncrementalAlterConfigsHandler;
import io.gregor.broker.api.admin.ListConfigResourcesHandler;
import io.gregor.broker.api.cluster.AlterPartitionReassignmentsHandler;
import io.gregor.broker.api.cluster.ApiVersionsHandler;
import io.gregor.broker.api.cluster.DescribeClusterHandler;
import io.gregor.broker.api.cluster.DescribeQuorumHandler;
import io.gregor.broker.api.cluster.DescribeTopicPartitionsHandler;
import io.gregor.broker.api.cluster.ElectLeadersHandler;
import io.gregor.broker.api.cluster.ListPartitionReassignmentsHandler;
import io.gregor.broker.api.cluster.MetadataHandler;
import io.gregor.broker.api.cluster.RaftVoters;
import io.gregor.broker.api.cluster.UnregisterBrokerHandler;
import io.gregor.broker.api.cluster.UpdateFeaturesHandler;
import io.gregor.broker.api.group.ConsumerGroupDescribeHandler;
import io.gregor.broker.api.group.ConsumerGroupHeartbeatHandler;
import io.gregor.broker.api.group.DeleteGroupsHandler;
import io.gregor.broker.api.group.DescribeGroupsHandler;
import io.gregor.broker.api.group.FindCoordinatorHandler;
import io.gregor.broker.api.group.HeartbeatHandler;
import io.gregor.broker.api.group.JoinGroupHandler;
import io.gregor.broker.api.group.LeaveGroupHandler;
import io.gregor.broker.api.group.ListGroupsHandler;
import io.gregor.broker.api.group.OffsetCommitHandler;
import io.gregor.broker.api.group.OffsetDeleteHandler;
import io.gregor.broker.api.group.OffsetFetchHandler;
import io.gregor.broker.api.group.SyncGroupHandler;
import io.gregor.broker.api.records.DeleteRecordsHandler;
import io.gregor.broker.api.records.FetchHandler;
import io.gregor.broker.api.records.ListOffsetsHandler;
import io.gregor.broker.api.records.OffsetForLeaderEpochHandler;
import io.gregor.broker.api.records.ProduceHandler;
import io.gregor.broker.api.security.AlterUserScramCredentialsHandler;
import io.gregor.broker.api.security.DescribeUserScramCredentialsHandler;
import io.gregor.broker.api.security.WithoutSecurity;
import io.gregor.broker.api.telemetry.GetTelemetrySubscriptionsHandler;
import io.gregor.broker.api.telemetry.PushTelemetryHandler;
import io.gregor.broker.api.transaction.AddOffsetsToTxnHandler;
import io.gregor.broker.api.transaction.AddPartitionsToTxnHandler;
import io.gregor.broker.api.transaction.DescribeProducersHandler;
import io.gregor.broker.api.transaction.DescribeTransactionsHandler;
import io.gregor.broker.api.transaction.EndTxnHandler;
import io.gregor.broker.api.transaction.InitProducerIdHandler;
import io.gregor.broker.api.transaction.ListTransactionsHandler;
import io.gregor.broker.api.transaction.TxnOffsetCommitHandler;
import io.gregor.broker.api.transaction.WriteTxnMarkersHandler;
import io.gregor.broker.cluster.ClusterInfo;
import io.gregor.broker.cluster.ClusterMetadata;
import io.gregor.broker.cluster.ConfigChanges;
import io.gregor.broker.cluster.TopicCreation;
import io.gregor.broker.config.BrokerConfig;
import io.gregor.broker.coordination.ConsumerProtocol;
import io.gregor.broker.coordination.CoordinatorShards;
import io.gregor.broker.coordination.Coordinators;
import io.gregor.broker.net.ApiRegistry;
import io.gregor.broker.quota.Quotas;
import io.gregor.broker.replica.PartitionLookup;
import io.gregor.broker.replica.Partitions;
import io.gregor.broker.storage.LogFolders;
import io.gregor.broker.telemetry.ClientTelemetry;
import io.gregor.controller.SupportedFeature;
import io.gregor.coordinator.GroupShard;
import io.gregor.coordinator.transaction.TransactionShard;
import io.gregor.wire.Message;
import io.gregor.wire.message.AddRaftVoterRequest;
import io.gregor.wire.message.AddRaftVoterResponse;
import io.gregor.wire.message.ApiKey;
import io.gregor.wire.message.FeatureLevelRecord;
import io.gregor.wire.message.RemoveRaftVoterRequest;
import io.gregor.wire.message.RemoveRaftVoterResponse;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;

/** The list of what this broker answers: one line an API. */
final class Apis {
    /** KIP-890, both halves. */
    private static final short TRANSACTION_VERSION_2 = 2;
    /** KIP-848. */
    private static final short GROUP_VERSION_1 = 1;
    /** 3.3-IV3: the first that KRaft clusters have. */
    private static final short LOWEST_METADATA_VERSION = 7;
    /** 4.3-IV0. */
    private static final short METADATA_VERSION_4_3 = 30;
    /** 4.4-IV0, which changes nothing: Apache Kafka 4.3.1 knows it, and uses it where unstable features are allowed. */
    private static final short METADATA_VERSION_4_4 = 31;

    private final BrokerConfig config;
    private final ClusterInfo cluster;
    private final ClusterMetadata metadata;
    private final Quotas quotas;
    private final ClientTelemetry telemetry;
    private final Partitions partitions;
    private final LogFolders folders;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final Executor diskReaders;
    private final PartitionLookup lookup;
    private final TopicCreation topicCreation;
    private final Coordinators coordinators;

    Apis(
            BrokerConfig config,
            ClusterInfo cluster,
            ClusterMetadata metadata,
            Quotas quotas,
            ClientTelemetry telemetry,
            Partitions partitions,
            LogFolders folders,
            InstantSource clock,
            RandomGenerator random,
            Executor diskReaders) {
        this.config = config;
        this.cluster = cluster;
        this.metadata = metadata;
        this.quotas = quotas;
        this.telemetry = telemetry;
        this.partitions = partitions;
        this.folders = folders;
        this.clock = clock;
        this.random = random;
        this.diskReaders = diskReaders;
        lookup = new PartitionLookup(metadata, partitions, config.nodeId());
        topicCreation = new TopicCreation(config, metadata, partitions, random);
        coordinators = new Coordinators(config, metadata, partitions, lookup, clock, random, diskReaders);
    }

    /** The newest {@code metadata.version} that this broker may serve. */
    static short newestMetadataVersion(BrokerConfig config) {
        return config.isOn("unstable.feature.versions.enable") ? METADATA_VERSION_4_4 : METADATA_VERSION_4_3;
    }

    /** What a new cluster begins with. */
    static List<Message> bootstrapRecords() {
        return List.of(
                new FeatureLevelRecord().name(SupportedFeature.METADATA_VERSION).featureLevel(METADATA_VERSION_4_3),
                new FeatureLevelRecord()
                        .name(SupportedFeature.TRANSACTION_VERSION)
                        .featureLevel(TRANSACTION_VERSION_2),
                new FeatureLevelRecord().name(SupportedFeature.GROUP_VERSION).featureLevel(GROUP_VERSION_1));
    }

    Coordinators coordinators() {
        return coordinators;
    }

    /** @param atController gets those APIs that controllers answer, too */
    void register(ApiRegistry registry, ApiRegistry atController) {
        registerRecords(registry);
        registerGroups(registry);
        registerTransactions(registry);
        registerCluster(registry);
        registerAdmin(registry);
        registerUsers(registry);
        registerTelemetry(registry);
        registerVoters(registry);
        WithoutSecurity.register(registry);
        registry.all().stream()
                // Fetch is how controllers replicate there.
                .filter(api -> api.key().onController() && api.key() != ApiKey.FETCH)
                .forEach(atController::add);
        atController.add(ApiKey.API_VERSIONS, new ApiVersionsHandler(atController, metadata, features()));
    }

    private void registerRecords(ApiRegistry registry) {
        registry.add(ApiKey.PRODUCE, (short) 0, new ProduceHandler(lookup, coordinators.gate(), quotas, clock))
                .add(ApiKey.FETCH, new FetchHandler(config, lookup, quotas, clock, random))
                .add(ApiKey.LIST_OFFSETS, new ListOffsetsHandler(lookup, diskReaders))
                .add(ApiKey.DELETE_RECORDS, new DeleteRecordsHandler(lookup))
                .add(ApiKey.OFFSET_FOR_LEADER_EPOCH, new OffsetForLeaderEpochHandler(lookup));
    }

    private void registerGroups(ApiRegistry registry) {
        CoordinatorShards<GroupShard> groups = coordinators.groups();
        ConsumerProtocol consumerProtocol = new ConsumerProtocol(config, metadata);
        registry.add(ApiKey.OFFSET_COMMIT, new OffsetCommitHandler(groups, lookup))
                .add(ApiKey.OFFSET_FETCH, new OffsetFetchHandler(groups, lookup))
                .add(ApiKey.FIND_COORDINATOR, new FindCoordinatorHandler(cluster, metadata, topicCreation))
                .add(ApiKey.JOIN_GROUP, new JoinGroupHandler(groups))
                .add(ApiKey.HEARTBEAT, new HeartbeatHandler(groups))
                .add(ApiKey.LEAVE_GROUP, new LeaveGroupHandler(groups))
                .add(ApiKey.SYNC_GROUP, new SyncGroupHandler(groups))
                .add(ApiKey.DESCRIBE_GROUPS, new DescribeGroupsHandler(groups))
                .add(ApiKey.LIST_GROUPS, new ListGroupsHandler(groups))
                .add(ApiKey.DELETE_GROUPS, new DeleteGroupsHandler(groups))
                .add(ApiKey.OFFSET_DELETE, new OffsetDeleteHandler(groups, lookup))
                .add(ApiKey.CONSUMER_GROUP_HEARTBEAT, new ConsumerGroupHeartbeatHandler(consumerProtocol, groups))
                .add(ApiKey.CONSUMER_GROUP_DESCRIBE, new ConsumerGroupDescribeHandler(consumerProtocol, groups));
    }

    private void registerTransactions(ApiRegistry registry) {
        CoordinatorShards<TransactionShard> transactions = coordinators.transactions();
        registry.add(ApiKey.INIT_PRODUCER_ID, new InitProducerIdHandler(coordinators))
                .add(ApiKey.ADD_PARTITIONS_TO_TXN, new AddPartitionsToTxnHandler(lookup, transactions))
                .add(ApiKey.ADD_OFFSETS_TO_TXN, new AddOffsetsToTxnHandler(coordinators))
                .add(ApiKey.END_TXN, new EndTxnHandler(transactions))
                .add(ApiKey.WRITE_TXN_MARKERS, new WriteTxnMarkersHandler(lookup, coordinators.markers()))
                .add(ApiKey.TXN_OFFSET_COMMIT, new TxnOffsetCommitHandler(lookup, coordinators))
                .add(ApiKey.DESCRIBE_PRODUCERS, new DescribeProducersHandler(lookup))
                .add(ApiKey.DESCRIBE_TRANSACTIONS, new DescribeTransactionsHandler(transactions))
                .add(ApiKey.LIST_TRANSACTIONS, new ListTransactionsHandler(transactions));
    }

    private void registerCluster(ApiRegistry registry) {
        List<SupportedFeature> features = features();
        registry.add(ApiKey.METADATA, new MetadataHandler(cluster, lookup, topicCreation))
                .add(ApiKey.API_VERSIONS, new ApiVersionsHandler(registry, metadata, features))
                .add(ApiKey.UPDATE_FEATURES, new UpdateFeaturesHandler(metadata, features, config.nodeId()))
                .add(ApiKey.DESCRIBE_CLUSTER, new DescribeClusterHandler(cluster, metadata))
                .add(ApiKey.ELECT_LEADERS, new ElectLeadersHandler(lookup))
                .add(
                        ApiKey.ALTER_PARTITION_REASSIGNMENTS,
                        new AlterPartitionReassignmentsHandler(metadata, config.nodeId()))
                .add(ApiKey.LIST_PARTITION_REASSIGNMENTS, new ListPartitionReassignmentsHandler())
                .add(ApiKey.DESCRIBE_QUORUM, new DescribeQuorumHandler(cluster, metadata, clock))
                .add(ApiKey.UNREGISTER_BROKER, new UnregisterBrokerHandler(metadata, config.nodeId()))
                .add(ApiKey.DESCRIBE_TOPIC_PARTITIONS, new DescribeTopicPartitionsHandler(lookup));
    }

    private void registerAdmin(ApiRegistry registry) {
        ConfigChanges configChanges = new ConfigChanges(config, metadata);
        registry.add(ApiKey.CREATE_TOPICS, new CreateTopicsHandler(config, metadata, quotas, topicCreation))
                .add(ApiKey.DELETE_TOPICS, new DeleteTopicsHandler(config, metadata, quotas))
                .add(ApiKey.DESCRIBE_CONFIGS, new DescribeConfigsHandler(config, metadata))
                .add(ApiKey.ALTER_CONFIGS, new AlterConfigsHandler(configChanges))
                .add(ApiKey.INCREMENTAL_ALTER_CONFIGS, new IncrementalAlterConfigsHandler(configChanges))
                .add(
                        ApiKey.ALTER_REPLICA_LOG_DIRS,
                        new AlterReplicaLogDirsHandler(lookup, partitions, folders, diskReaders))
                .add(ApiKey.DESCRIBE_LOG_DIRS, new DescribeLogDirsHandler(metadata, partitions, folders, diskReaders))
                .add(ApiKey.CREATE_PARTITIONS, new CreatePartitionsHandler(config, metadata, partitions, quotas))
                .add(ApiKey.DESCRIBE_CLIENT_QUOTAS, new DescribeClientQuotasHandler(metadata))
                .add(ApiKey.ALTER_CLIENT_QUOTAS, new AlterClientQuotasHandler(metadata))
                .add(ApiKey.LIST_CONFIG_RESOURCES, new ListConfigResourcesHandler(metadata, config.nodeId()));
    }

    private void registerUsers(ApiRegistry registry) {
        registry.add(ApiKey.DESCRIBE_USER_SCRAM_CREDENTIALS, new DescribeUserScramCredentialsHandler(metadata))
                .add(ApiKey.ALTER_USER_SCRAM_CREDENTIALS, new AlterUserScramCredentialsHandler(metadata));
    }

    private void registerTelemetry(ApiRegistry registry) {
        boolean received = telemetry.isReceived();
        registry.addAdvertisedIf(
                        received, ApiKey.GET_TELEMETRY_SUBSCRIPTIONS, new GetTelemetrySubscriptionsHandler(telemetry))
                .addAdvertisedIf(received, ApiKey.PUSH_TELEMETRY, new PushTelemetryHandler(telemetry));
    }

    private void registerVoters(ApiRegistry registry) {
        RaftVoters voters =
                new RaftVoters(cluster, config.controllerListenerNames().get(0));
        registry.<AddRaftVoterRequest, AddRaftVoterResponse>add(
                        ApiKey.ADD_RAFT_VOTER, (context, request, reply) -> reply.send(voters.add(request)))
                .<RemoveRaftVoterRequest, RemoveRaftVoterResponse>add(
                        ApiKey.REMOVE_RAFT_VOTER, (context, request, reply) -> reply.send(voters.remove(request)));
    }

    private List<SupportedFeature> features() {
        return List.of(
                new SupportedFeature(
                        SupportedFeature.METADATA_VERSION, LOWEST_METADATA_VERSION, newestMetadataVersion(config)),
                new SupportedFeature(SupportedFeature.TRANSACTION_VERSION, (short) 0, TRANSACTION_VERSION_2),
                new SupportedFeature(SupportedFeature.GROUP_VERSION, (short) 0, GROUP_VERSION_1),
                // The quorum is named in the configuration.
                new SupportedFeature(SupportedFeature.KRAFT_VERSION, (short) 0, (short) 0));
    }
}

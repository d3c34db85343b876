package io.gregor.broker;

import io.gregor.broker.api.admin.AlterConfigsHandler;
import io.gregor.broker.api.admin.AlterReplicaLogDirsHandler;
import io.gregor.broker.api.admin.ControllerHandler;
import io.gregor.broker.api.admin.CreatePartitionsHandler;
import io.gregor.broker.api.admin.CreateTopicsHandler;
import io.gregor.broker.api.admin.DeleteTopicsHandler;
import io.gregor.broker.api.admin.DescribeClientQuotasHandler;
import io.gregor.broker.api.admin.DescribeConfigsHandler;
import io.gregor.broker.api.admin.DescribeLogDirsHandler;
import io.gregor.broker.api.admin.IncrementalAlterConfigsHandler;
import io.gregor.broker.api.admin.ListConfigResourcesHandler;
import io.gregor.broker.api.cluster.ApiVersionsHandler;
import io.gregor.broker.api.cluster.DescribeClusterHandler;
import io.gregor.broker.api.cluster.DescribeQuorumHandler;
import io.gregor.broker.api.cluster.DescribeTopicPartitionsHandler;
import io.gregor.broker.api.cluster.ElectLeadersHandler;
import io.gregor.broker.api.cluster.ListPartitionReassignmentsHandler;
import io.gregor.broker.api.cluster.MetadataHandler;
import io.gregor.broker.api.cluster.RaftVoters;
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
import io.gregor.broker.api.security.DescribeAclsHandler;
import io.gregor.broker.api.security.DescribeUserScramCredentialsHandler;
import io.gregor.broker.api.security.SaslAuthenticateHandler;
import io.gregor.broker.api.security.SaslHandshakeHandler;
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
import io.gregor.broker.cluster.Features;
import io.gregor.broker.cluster.LocalController;
import io.gregor.broker.cluster.TopicCreation;
import io.gregor.broker.config.AuthorizerConfig;
import io.gregor.broker.config.BrokerConfig;
import io.gregor.broker.coordination.ConsumerProtocol;
import io.gregor.broker.coordination.CoordinatorShards;
import io.gregor.broker.coordination.Coordinators;
import io.gregor.broker.lane.BackgroundThreads;
import io.gregor.broker.memory.MemoryShares;
import io.gregor.broker.net.ApiRegistry;
import io.gregor.broker.quota.Quotas;
import io.gregor.broker.replica.PartitionLookup;
import io.gregor.broker.replica.Partitions;
import io.gregor.broker.storage.LogDirs;
import io.gregor.broker.telemetry.ClientTelemetry;
import io.gregor.controller.SupportedFeature;
import io.gregor.coordinator.group.shard.GroupShard;
import io.gregor.coordinator.transaction.TransactionShard;
import io.gregor.wire.message.AddRaftVoterRequest;
import io.gregor.wire.message.AddRaftVoterResponse;
import io.gregor.wire.message.ApiKey;
import io.gregor.wire.message.RemoveRaftVoterRequest;
import io.gregor.wire.message.RemoveRaftVoterResponse;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;

/** The list of what this broker answers: one line an API. */
final class Apis {
    private final BrokerConfig config;
    private final ClusterInfo cluster;
    private final ClusterMetadata metadata;
    private final LocalController controller;
    private final Quotas quotas;
    private final ClientTelemetry telemetry;
    private final Partitions partitions;
    private final LogDirs folders;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final MemoryShares memory;
    private final Executor diskReaders;
    private final Executor validators;
    private final PartitionLookup lookup;
    private final TopicCreation topicCreation;
    private final Coordinators coordinators;

    Apis(
            BrokerConfig config,
            ClusterInfo cluster,
            ClusterMetadata metadata,
            LocalController controller,
            Quotas quotas,
            ClientTelemetry telemetry,
            Partitions partitions,
            LogDirs folders,
            InstantSource clock,
            RandomGenerator random,
            MemoryShares memory,
            BackgroundThreads threads) {
        this.config = config;
        this.cluster = cluster;
        this.metadata = metadata;
        this.controller = controller;
        this.quotas = quotas;
        this.telemetry = telemetry;
        this.partitions = partitions;
        this.folders = folders;
        this.clock = clock;
        this.random = random;
        this.memory = memory;
        diskReaders = threads.diskReaders();
        validators = threads.validators();
        lookup = new PartitionLookup(metadata, partitions, config.nodeId());
        topicCreation = new TopicCreation(config, metadata, controller);
        coordinators = new Coordinators(
                config,
                metadata,
                controller,
                partitions,
                lookup,
                clock,
                random,
                memory.coordinators(),
                threads.shardLoader(),
                threads.diskReaders());
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
        registerAcls(registry);
        WithoutSecurity.register(registry);
        registry.all().stream()
                // Fetch is how controllers replicate there.
                .filter(api -> api.key().onController() && api.key() != ApiKey.FETCH)
                .forEach(atController::add);
        atController.add(
                ApiKey.API_VERSIONS, new ApiVersionsHandler(atController, metadata, Features.supported(config)));
    }

    private void registerRecords(ApiRegistry registry) {
        registry.add(
                        ApiKey.PRODUCE,
                        (short) 0,
                        new ProduceHandler(lookup, coordinators.gate(), quotas, clock, validators))
                .add(
                        ApiKey.FETCH,
                        new FetchHandler(config, lookup, quotas, memory.caches().sessions(), clock, random))
                .add(ApiKey.LIST_OFFSETS, new ListOffsetsHandler(lookup, diskReaders))
                .add(ApiKey.DELETE_RECORDS, new DeleteRecordsHandler(lookup))
                .add(ApiKey.OFFSET_FOR_LEADER_EPOCH, new OffsetForLeaderEpochHandler(lookup));
    }

    private void registerGroups(ApiRegistry registry) {
        CoordinatorShards<GroupShard> groups = coordinators.groups();
        ConsumerProtocol consumerProtocol = new ConsumerProtocol(config, metadata);
        registry.add(ApiKey.OFFSET_COMMIT, new OffsetCommitHandler(groups, lookup))
                .add(ApiKey.OFFSET_FETCH, new OffsetFetchHandler(groups, lookup))
                .add(ApiKey.FIND_COORDINATOR, new FindCoordinatorHandler(cluster, metadata, partitions, topicCreation))
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
        List<SupportedFeature> features = Features.supported(config);
        registry.add(ApiKey.METADATA, new MetadataHandler(cluster, lookup, topicCreation))
                .add(ApiKey.API_VERSIONS, new ApiVersionsHandler(registry, metadata, features))
                .add(ApiKey.UPDATE_FEATURES, new ControllerHandler<>(controller))
                .add(ApiKey.DESCRIBE_CLUSTER, new DescribeClusterHandler(cluster, metadata))
                .add(ApiKey.ELECT_LEADERS, new ElectLeadersHandler(lookup))
                .add(ApiKey.ALTER_PARTITION_REASSIGNMENTS, new ControllerHandler<>(controller))
                .add(ApiKey.LIST_PARTITION_REASSIGNMENTS, new ListPartitionReassignmentsHandler())
                .add(ApiKey.DESCRIBE_QUORUM, new DescribeQuorumHandler(cluster, controller, clock))
                .add(ApiKey.UNREGISTER_BROKER, new ControllerHandler<>(controller))
                .add(ApiKey.DESCRIBE_TOPIC_PARTITIONS, new DescribeTopicPartitionsHandler(lookup));
    }

    private void registerAdmin(ApiRegistry registry) {
        registry.add(ApiKey.CREATE_TOPICS, new CreateTopicsHandler(controller))
                .add(
                        ApiKey.DELETE_TOPICS,
                        new DeleteTopicsHandler(controller, metadata, config.isOn("delete.topic.enable")))
                .add(ApiKey.DESCRIBE_CONFIGS, new DescribeConfigsHandler(config, metadata))
                .add(ApiKey.ALTER_CONFIGS, new AlterConfigsHandler(controller))
                .add(ApiKey.INCREMENTAL_ALTER_CONFIGS, new IncrementalAlterConfigsHandler(controller, config.nodeId()))
                .add(
                        ApiKey.ALTER_REPLICA_LOG_DIRS,
                        new AlterReplicaLogDirsHandler(lookup, partitions, folders, diskReaders))
                .add(ApiKey.DESCRIBE_LOG_DIRS, new DescribeLogDirsHandler(metadata, partitions, folders, diskReaders))
                .add(ApiKey.CREATE_PARTITIONS, new CreatePartitionsHandler(controller))
                .add(ApiKey.DESCRIBE_CLIENT_QUOTAS, new DescribeClientQuotasHandler(metadata))
                .add(ApiKey.ALTER_CLIENT_QUOTAS, new ControllerHandler<>(controller))
                .add(ApiKey.LIST_CONFIG_RESOURCES, new ListConfigResourcesHandler(metadata, config.nodeId()));
    }

    private void registerUsers(ApiRegistry registry) {
        registry.add(ApiKey.SASL_HANDSHAKE, new SaslHandshakeHandler())
                .add(ApiKey.SASL_AUTHENTICATE, new SaslAuthenticateHandler())
                .add(ApiKey.DESCRIBE_USER_SCRAM_CREDENTIALS, new DescribeUserScramCredentialsHandler(metadata))
                .add(ApiKey.ALTER_USER_SCRAM_CREDENTIALS, new ControllerHandler<>(controller));
    }

    private void registerAcls(ApiRegistry registry) {
        if (AuthorizerConfig.of(config) == null) {
            WithoutSecurity.registerAcls(registry);
            return;
        }
        registry.add(ApiKey.DESCRIBE_ACLS, new DescribeAclsHandler(metadata))
                .add(ApiKey.CREATE_ACLS, new ControllerHandler<>(controller))
                .add(ApiKey.DELETE_ACLS, new ControllerHandler<>(controller));
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
}

package io.gregor.upstream;

import io.gregor.upstream.Internals.Answer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import kafka.cluster.Partition;
import kafka.coordinator.transaction.TransactionCoordinator;
import kafka.log.LogManager;
import kafka.network.SocketServer;
import kafka.raft.KafkaRaftManager;
import kafka.server.BrokerServer;
import kafka.server.ControllerServer;
import kafka.server.KafkaApis;
import kafka.server.KafkaConfig;
import kafka.server.ReplicaManager;
import kafka.server.SharedServer;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.controller.Controller;
import org.apache.kafka.coordinator.group.GroupCoordinator;
import org.apache.kafka.image.loader.MetadataLoader;
import org.apache.kafka.metadata.BrokerState;
import org.apache.kafka.metadata.KRaftMetadataCache;
import org.apache.kafka.raft.LogOffsetMetadata;
import org.apache.kafka.raft.RaftLog;
import org.apache.kafka.storage.internals.log.UnifiedLog;
import scala.Option;

/**
 * The server objects that tests get from their cluster: what they are usually asked can be had over the wire or is
 * known of the process.
 */
public final class ServerStandIns {
    private final BrokerNode node;
    private final Supplier<KafkaConfig> config;
    private final Topics topics;

    public ServerStandIns(BrokerNode node, Supplier<KafkaConfig> config) {
        this.node = node;
        this.config = config;
        this.topics = new Topics(node);
    }

    /** The configuration that the node runs with, checked by Apache Kafka's rules. */
    public static KafkaConfig config(BrokerNode node) {
        return new KafkaConfig(new HashMap<>(node.properties()), false);
    }

    public BrokerServer broker() {
        SocketServer sockets = sockets("broker");
        KRaftMetadataCache cache = metadataCache();
        KafkaApis apis = Internals.standIn(
                KafkaApis.class,
                "broker.dataPlaneRequestProcessor()",
                Map.of(
                        "metadataCache",
                        arguments -> cache,
                        "authorizerPlugin",
                        arguments -> Option.empty(),
                        "isConsumerGroupProtocolEnabled",
                        arguments -> true));
        LogManager logs = Internals.standIn(
                LogManager.class,
                "broker.logManager()",
                Map.of(
                        "getLog",
                        arguments -> log((TopicPartition) arguments[0]),
                        "getLog$default$2",
                        arguments -> false));
        ReplicaManager replicas = Internals.standIn(
                ReplicaManager.class,
                "broker.replicaManager()",
                Map.of(
                        "onlinePartition", arguments -> partition((TopicPartition) arguments[0]),
                        "localLog", arguments -> log((TopicPartition) arguments[0]),
                        "getLog", arguments -> log((TopicPartition) arguments[0]),
                        "logManager", arguments -> logs,
                        "metadataCache", arguments -> cache));
        SharedServer shared = brokerShared();
        Map<String, Answer> answers = process(sockets);
        answers.put("startup", arguments -> {
            node.start();
            return null;
        });
        answers.put("shutdown", arguments -> {
            node.stop();
            return null;
        });
        answers.put("isShutdown", arguments -> !node.isAlive());
        answers.put("brokerState", arguments -> node.isAlive() ? BrokerState.RUNNING : BrokerState.NOT_RUNNING);
        answers.put("boundPort", arguments -> node.port(((ListenerName) arguments[0]).value()));
        answers.put("dataPlaneRequestProcessor", arguments -> apis);
        answers.put("logManager", arguments -> logs);
        answers.put("replicaManager", arguments -> replicas);
        answers.put("sharedServer", arguments -> shared);
        answers.put("metadataCache", arguments -> cache);
        answers.put("groupCoordinator", arguments -> groupCoordinator());
        answers.put("transactionCoordinator", arguments -> transactionCoordinator());
        return Internals.standIn(BrokerServer.class, "broker", answers);
    }

    public ControllerServer controller() {
        RaftLog log = Internals.standIn(
                RaftLog.class,
                "controller.raftManager().raftLog()",
                Map.of("endOffset", arguments -> new LogOffsetMetadata(0)));
        KafkaRaftManager<?> raft = Internals.standIn(
                KafkaRaftManager.class, "controller.raftManager()", Map.of("raftLog", arguments -> log));
        SharedServer shared = Internals.standIn(
                SharedServer.class, "controller.sharedServer()", Map.of("clusterId", arguments -> node.clusterId()));
        Controller controller = Internals.standIn(
                Controller.class,
                "controller.controller()",
                Map.of(
                        "isActive", arguments -> node.isAlive(),
                        "findAllTopicIds", arguments -> CompletableFuture.completedFuture(topics.ids()),
                        "waitForReadyBrokers", arguments -> CompletableFuture.completedFuture(null)));
        Map<String, Answer> answers = process(sockets("controller"));
        // A test that stops the controller and asks the broker needs two processes.
        answers.put("controller", arguments -> controller);
        answers.put("sharedServer", arguments -> shared);
        answers.put("raftManager", arguments -> raft);
        return Internals.standIn(ControllerServer.class, "controller", answers);
    }

    private Map<String, Answer> process(SocketServer sockets) {
        Map<String, Answer> answers = new HashMap<>();
        answers.put("config", arguments -> config.get());
        answers.put("clusterId", arguments -> node.clusterId());
        answers.put("socketServer", arguments -> sockets);
        answers.put("authorizerPlugin", arguments -> Option.empty());
        answers.put("awaitShutdown", arguments -> {
            node.awaitEnd();
            return null;
        });
        return answers;
    }

    private SocketServer sockets(String owner) {
        return Internals.standIn(
                SocketServer.class,
                owner + ".socketServer()",
                Map.of("boundPort", arguments -> node.port(((ListenerName) arguments[0]).value())));
    }

    /** One process has always applied what it has decided. */
    private SharedServer brokerShared() {
        MetadataLoader loader = Internals.standIn(
                MetadataLoader.class,
                "broker.sharedServer().loader()",
                Map.of("lastAppliedOffset", arguments -> Long.MAX_VALUE));
        return Internals.standIn(
                SharedServer.class,
                "broker.sharedServer()",
                Map.of(
                        "loader",
                        arguments -> loader,
                        "clusterId",
                        arguments -> node.clusterId(),
                        "brokerConfig",
                        arguments -> config.get()));
    }

    private KRaftMetadataCache metadataCache() {
        Map<String, Answer> answers = new HashMap<>();
        answers.put(
                "contains",
                arguments -> arguments[0] instanceof TopicPartition partition
                        ? topics.find(partition).isPresent()
                        : topics.find((String) arguments[0]).isPresent());
        answers.put(
                "numPartitions",
                arguments -> topics.find((String) arguments[0])
                        .map(topic -> topic.partitions().size()));
        answers.put("getLeaderAndIsr", arguments -> topics.leaderAndIsr(partitionOf(arguments)));
        answers.put(
                "getPartitionLeaderEndpoint",
                arguments -> topics.find(partitionOf(arguments)).map(found -> found.leader()));
        answers.put("getAllTopics", arguments -> topics.ids().keySet());
        answers.put("getTopicId", arguments -> topics.ids().getOrDefault((String) arguments[0], Uuid.ZERO_UUID));
        answers.put(
                "getTopicName", arguments -> Optional.ofNullable(topics.names().get((Uuid) arguments[0])));
        answers.put("topicNamesToIds", arguments -> topics.ids());
        answers.put("topicIdsToNames", arguments -> topics.names());
        answers.put("hasAliveBroker", arguments -> node.isAlive() && (int) arguments[0] == node.id());
        answers.put(
                "getAliveBrokerNodes",
                arguments ->
                        new ArrayList<>(node.admin().describeCluster().nodes().get()));
        answers.put(
                "getAliveBrokerNode",
                arguments -> node.admin().describeCluster().nodes().get().stream()
                        .filter(alive -> alive.id() == (int) arguments[0])
                        .findFirst());
        return Internals.standIn(KRaftMetadataCache.class, "broker.metadataCache()", answers);
    }

    private static TopicPartition partitionOf(Object[] arguments) {
        return new TopicPartition((String) arguments[0], (int) arguments[1]);
    }

    private Option<Partition> partition(TopicPartition partition) throws ExecutionException, InterruptedException {
        if (topics.hosted(partition).isEmpty()) {
            return Option.empty();
        }
        Map<String, Answer> answers = new HashMap<>();
        answers.put("getLeaderEpoch", arguments -> epoch(partition).orElse(-1));
        answers.put("leaderReplicaIdOpt", arguments -> Option.apply(node.id()));
        answers.put("leaderIdIfLocal", arguments -> Option.apply(node.id()));
        answers.put("isLeader", arguments -> true);
        answers.put("leaderLogIfLocal", arguments -> log(partition));
        answers.put("log", arguments -> log(partition));
        answers.put("topicPartition", arguments -> partition);
        return Option.apply(Internals.standIn(Partition.class, "broker.partition", answers));
    }

    private Option<UnifiedLog> log(TopicPartition partition) throws ExecutionException, InterruptedException {
        if (topics.hosted(partition).isEmpty()) {
            return Option.empty();
        }
        Map<String, Answer> answers = new HashMap<>();
        answers.put(
                "logStartOffset",
                arguments -> topics.offset(partition, OffsetSpec.earliest()).offset());
        answers.put(
                "logEndOffset",
                arguments -> topics.offset(partition, OffsetSpec.latest()).offset());
        answers.put(
                "highWatermark",
                arguments -> topics.offset(partition, OffsetSpec.latest()).offset());
        answers.put("latestEpoch", arguments -> epoch(partition));
        answers.put("topicId", arguments -> Optional.ofNullable(topics.ids().get(partition.topic())));
        answers.put("topicPartition", arguments -> partition);
        return Option.apply(Internals.standIn(UnifiedLog.class, "broker.log", answers));
    }

    private Optional<Integer> epoch(TopicPartition partition) throws ExecutionException, InterruptedException {
        return topics.offset(partition, OffsetSpec.latest()).leaderEpoch();
    }

    /** Asked only for what its topic looks like, by tests that make it themselves. */
    private GroupCoordinator groupCoordinator() {
        Properties topic = new Properties();
        topic.put("cleanup.policy", "compact");
        topic.put("compression.type", "producer");
        topic.put("segment.bytes", configured("offsets.topic.segment.bytes", "104857600"));
        return Internals.standIn(
                GroupCoordinator.class,
                "broker.groupCoordinator()",
                Map.of("groupMetadataTopicConfigs", arguments -> topic));
    }

    private TransactionCoordinator transactionCoordinator() {
        Properties topic = new Properties();
        topic.put("cleanup.policy", "compact");
        topic.put("compression.type", "uncompressed");
        topic.put("unclean.leader.election.enable", "false");
        topic.put("min.insync.replicas", configured("transaction.state.log.min.isr", "1"));
        topic.put("segment.bytes", configured("transaction.state.log.segment.bytes", "104857600"));
        return Internals.standIn(
                TransactionCoordinator.class,
                "broker.transactionCoordinator()",
                Map.of("transactionStateTopicConfigs", arguments -> topic));
    }

    private String configured(String key, String otherwise) {
        return node.properties().getOrDefault(key, otherwise);
    }
}

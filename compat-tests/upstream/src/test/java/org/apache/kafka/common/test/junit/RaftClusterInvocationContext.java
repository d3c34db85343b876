package org.apache.kafka.common.test.junit;

import io.gregor.upstream.Wait;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import kafka.server.ControllerServer;
import kafka.server.KafkaBroker;
import org.apache.kafka.clients.consumer.GroupProtocol;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.test.ClusterInstance;
import org.apache.kafka.common.test.KafkaClusterTestKit;
import org.apache.kafka.common.test.TestKitNodes;
import org.apache.kafka.common.test.api.ClusterConfig;
import org.apache.kafka.common.test.api.Type;
import org.apache.kafka.metadata.bootstrap.BootstrapMetadata;
import org.apache.kafka.server.common.Feature;
import org.apache.kafka.server.common.MetadataVersion;
import org.apache.kafka.server.fault.FaultHandlerException;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.opentest4j.TestAbortedException;

/**
 * Stands before Apache Kafka's class of that name on the class path: where its cluster looks into servers, this one
 * asks over the wire.
 */
public class RaftClusterInvocationContext implements TestTemplateInvocationContext {
    private final String name;
    private final ClusterConfig config;
    private final boolean combined;

    public RaftClusterInvocationContext(String name, ClusterConfig config, boolean combined) {
        this.name = name;
        this.config = config;
        this.combined = combined;
    }

    @Override
    public String getDisplayName(int index) {
        return "%s [%d] %s".formatted(name, index, String.join(",", config.displayTags()));
    }

    @Override
    public List<Extension> getAdditionalExtensions() {
        Cluster cluster = new Cluster();
        ClusterInstanceParameterResolver parameters = new ClusterInstanceParameterResolver(cluster);
        if (config.clusterTypes().size() > 1 && !combined) {
            // Broker and controller are one process in any case.
            ConditionEvaluationResult disabled = ConditionEvaluationResult.disabled("runs with the other type");
            return List.of((ExecutionCondition) context -> disabled, parameters);
        }
        return List.of(
                (BeforeEachCallback) context -> {
                    cluster.build();
                    if (config.isAutoStart()) {
                        cluster.start();
                    }
                },
                (AfterTestExecutionCallback) context -> cluster.stop(),
                parameters);
    }

    private final class Cluster implements ClusterInstance {
        private KafkaClusterTestKit kit;
        private boolean started;
        private boolean stopped;

        void build() {
            Map<String, Short> features = new TreeMap<>();
            config.features().forEach((feature, level) -> features.put(feature.featureName(), level));
            features.put(MetadataVersion.FEATURE_NAME, config.metadataVersion().featureLevel());
            Feature.PRODUCTION_FEATURES.forEach(feature ->
                    features.putIfAbsent(feature.featureName(), feature.defaultLevel(config.metadataVersion())));
            TestKitNodes nodes = new TestKitNodes.Builder()
                    .setBootstrapMetadata(BootstrapMetadata.fromVersions(config.metadataVersion(), features, "test"))
                    .setCombined(combined)
                    .setNumBrokerNodes(config.numBrokers())
                    .setNumDisksPerBroker(config.numDisksPerBroker())
                    .setPerServerProperties(config.perServerOverrideProperties())
                    .setNumControllerNodes(config.numControllers())
                    .setBrokerListenerName(config.brokerListenerName())
                    .setBrokerSecurityProtocol(config.brokerSecurityProtocol())
                    .setControllerListenerName(config.controllerListenerName())
                    .setControllerSecurityProtocol(config.controllerSecurityProtocol())
                    .build();
            KafkaClusterTestKit.Builder builder = new KafkaClusterTestKit.Builder(nodes);
            config.serverProperties().forEach(builder::setConfigProp);
            kit = builder.setStandalone(config.standalone()).build();
        }

        @Override
        public void start() {
            if (!started) {
                started = true;
                try {
                    kit.startup();
                } catch (RuntimeException | Error e) {
                    kit.close();
                    throw e;
                }
            }
        }

        @Override
        public void stop() {
            if (!stopped) {
                stopped = true;
                kit.close();
            }
        }

        @Override
        public void shutdownBroker(int brokerId) {
            if (config.numBrokers() > 1) {
                throw new TestAbortedException("needs several brokers: one stops, the others go on");
            }
            node(brokerId).shutdown();
        }

        @Override
        public void startBroker(int brokerId) {
            node(brokerId).startup();
        }

        private KafkaBroker node(int brokerId) {
            KafkaBroker broker = kit.brokers().get(brokerId);
            if (broker == null) {
                throw new TestAbortedException("needs several brokers: " + brokerId);
            }
            return broker;
        }

        @Override
        public boolean started() {
            return started;
        }

        @Override
        public boolean stopped() {
            return stopped;
        }

        @Override
        public Type type() {
            return combined ? Type.CO_KRAFT : Type.KRAFT;
        }

        @Override
        public Map<Integer, KafkaBroker> brokers() {
            return new HashMap<>(kit.brokers());
        }

        @Override
        public Map<Integer, ControllerServer> controllers() {
            return kit.controllers();
        }

        @Override
        public ClusterConfig config() {
            return config;
        }

        @Override
        public Set<Integer> controllerIds() {
            return kit.controllers().keySet();
        }

        @Override
        public ListenerName clientListener() {
            return config.brokerListenerName();
        }

        @Override
        public ListenerName controllerListenerName() {
            return config.controllerListenerName();
        }

        @Override
        public String bootstrapServers() {
            return kit.bootstrapServers();
        }

        @Override
        public String bootstrapControllers() {
            return kit.bootstrapControllers();
        }

        @Override
        public String clusterId() {
            return kit.nodes().clusterId();
        }

        @Override
        public Optional<FaultHandlerException> firstFatalException() {
            return Optional.empty();
        }

        @Override
        public Optional<FaultHandlerException> firstNonFatalException() {
            return Optional.empty();
        }

        @Override
        public Set<GroupProtocol> supportedGroupProtocols() {
            boolean configured =
                    !"classic".equals(config.serverProperties().get("group.coordinator.rebalance.protocols"));
            boolean finalized = config.features().getOrDefault(Feature.GROUP_VERSION, (short) 1) > 0;
            return configured && finalized
                    ? Set.of(GroupProtocol.CLASSIC, GroupProtocol.CONSUMER)
                    : Set.of(GroupProtocol.CLASSIC);
        }

        @Override
        public void waitForReadyBrokers() {
            kit.waitForReadyBrokers();
        }

        @Override
        public void createTopic(String topic, int partitions, short replicas) throws InterruptedException {
            createTopic(topic, partitions, replicas, Map.of());
        }

        /** With as many replicas as there are brokers, at most. */
        @Override
        public void createTopic(String topic, int partitions, short replicas, Map<String, String> configs)
                throws InterruptedException {
            short possible = (short) Math.min(replicas, kit.brokers().size());
            ClusterInstance.super.createTopic(topic, partitions, possible, configs);
        }

        @Override
        public void waitTopicCreation(String topic, int partitions) {
            if (partitions <= 0) {
                throw new IllegalArgumentException("Partition count must be > 0, but was " + partitions);
            }
            Wait.until(
                    topic + " is there",
                    Duration.ofSeconds(10),
                    () -> kit.brokers().values().stream()
                            .allMatch(broker -> broker.metadataCache()
                                    .numPartitions(topic)
                                    .filter(count -> count == partitions)
                                    .isPresent()));
        }

        @Override
        public void waitTopicDeletion(String topic) {
            Wait.until(
                    topic + " is gone",
                    Duration.ofSeconds(10),
                    () -> kit.brokers().values().stream()
                            .noneMatch(broker -> broker.metadataCache().contains(topic)));
        }

        /** What one process answers is consistent. */
        @Override
        public void ensureConsistentMetadata() {}

        @Override
        public void ensureConsistentMetadata(
                Collection<KafkaBroker> brokers, Collection<ControllerServer> controllers) {}

        @Override
        public void waitAcls(AclBindingFilter filter, Collection<AccessControlEntry> entries) {
            throw new TestAbortedException("needs security: ACLs");
        }
    }
}

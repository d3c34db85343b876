package org.apache.kafka.common.test;

import io.gregor.upstream.BrokerNode;
import io.gregor.upstream.ServerStandIns;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import kafka.raft.KafkaRaftManager;
import kafka.server.BrokerServer;
import kafka.server.ControllerServer;
import kafka.server.KafkaConfig;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.metadata.FeatureLevelRecord;
import org.apache.kafka.controller.Controller;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.ApiMessageAndVersion;
import org.apache.kafka.server.common.Feature;
import org.opentest4j.TestAbortedException;

/**
 * Stands before Apache Kafka's class of that name on the class path: its cluster is a process. All tests with
 * {@code @ClusterTest}, of Streams and of Connect get theirs here.
 */
public class KafkaClusterTestKit implements AutoCloseable {
    private final TestKitNodes nodes;
    private final BrokerNode node;
    private final Map<Integer, BrokerServer> brokers = new TreeMap<>();
    private final Map<Integer, ControllerServer> controllers = new TreeMap<>();
    private final MockFaultHandler fatal = new MockFaultHandler("fatal");
    private final MockFaultHandler nonFatal = new MockFaultHandler("nonFatal");

    public static class Builder {
        private final TestKitNodes nodes;
        private final Map<String, Object> properties = new HashMap<>();

        public Builder(TestKitNodes nodes) {
            this.nodes = nodes;
        }

        public Builder setConfigProp(String key, Object value) {
            properties.put(key, value);
            return this;
        }

        /** A quorum whose voters may change. */
        public Builder setStandalone(boolean standalone) {
            if (standalone) {
                throw new TestAbortedException("needs a quorum whose voters change");
            }
            return this;
        }

        public Builder setInitialVoterSet(Map<Integer, Uuid> voters) {
            throw new TestAbortedException("needs a quorum whose voters change");
        }

        public Builder setDeleteOnClose(boolean delete) {
            return this;
        }

        public KafkaClusterTestKit build() {
            return new KafkaClusterTestKit(nodes, properties);
        }
    }

    private KafkaClusterTestKit(TestKitNodes nodes, Map<String, Object> properties) {
        this.nodes = nodes;
        SortedMap<Integer, TestKitNode> wanted =
                nodes.brokerNodes().isEmpty() ? nodes.controllerNodes() : nodes.brokerNodes();
        TestKitNode first = wanted.get(wanted.firstKey());
        node = new BrokerNode(nodes.clusterId(), Path.of(nodes.baseDirectory()), formatter());
        node.configure(properties);
        nodes.controllerNodes().values().forEach(controller -> node.configure(controller.propertyOverrides()));
        node.configure(first.propertyOverrides());
        String brokerListener = nodes.brokerListenerName().value();
        String controllerListener = nodes.controllerListenerName().value();
        node.configure(Map.of(
                "listener.security.protocol.map",
                properties.getOrDefault(
                        "listener.security.protocol.map",
                        "%s:%s,%s:%s"
                                .formatted(
                                        brokerListener,
                                        nodes.brokerListenerProtocol().name,
                                        controllerListener,
                                        nodes.controllerListenerProtocol().name)),
                "inter.broker.listener.name",
                properties.getOrDefault("inter.broker.listener.name", brokerListener)));
        String listeners = String.valueOf(properties.getOrDefault("listeners", brokerListener + "://localhost:0"));
        node.settle(first.id(), listeners, controllerListener, first.logDataDirectories(), first.metadataDirectory());
        KafkaConfig config = ServerStandIns.config(node);
        ServerStandIns servers = new ServerStandIns(node, () -> config);
        brokers.put(node.id(), servers.broker());
        controllers.put(node.id(), servers.controller());
    }

    /** A feature that is not named is off, other than on the command line. */
    private Formatter formatter() {
        Formatter formatter = new Formatter();
        Map<String, Short> levels = nodes.bootstrapMetadata().records().stream()
                .map(ApiMessageAndVersion::message)
                .filter(FeatureLevelRecord.class::isInstance)
                .map(FeatureLevelRecord.class::cast)
                .collect(Collectors.toMap(FeatureLevelRecord::name, FeatureLevelRecord::featureLevel));
        formatter.setReleaseVersion(nodes.bootstrapMetadata().metadataVersion());
        for (Feature feature : Feature.PRODUCTION_FEATURES) {
            if (!feature.featureName().equals("kraft.version")) {
                formatter.setFeatureLevel(feature.featureName(), levels.getOrDefault(feature.featureName(), (short) 0));
            }
        }
        return formatter;
    }

    public BrokerNode node() {
        return node;
    }

    /** Done at the first start. */
    public void format() {}

    public void startup() {
        node.start();
    }

    /** One that has started is. */
    public void waitForReadyBrokers() {}

    public Admin admin() {
        return admin(Map.of(), false);
    }

    public Admin admin(Map<String, Object> configs) {
        return admin(configs, false);
    }

    public Admin admin(Map<String, Object> configs, boolean usingControllers) {
        Map<String, Object> all = new HashMap<>(configs);
        if (usingControllers) {
            all.remove("bootstrap.servers");
            all.putIfAbsent("bootstrap.controllers", bootstrapControllers());
        } else {
            all.remove("bootstrap.controllers");
            all.putIfAbsent("bootstrap.servers", bootstrapServers());
        }
        return Admin.create(all);
    }

    public String bootstrapServers() {
        return "localhost:" + node.port(nodes.brokerListenerName().value());
    }

    public String bootstrapControllers() {
        return "localhost:" + node.port(nodes.controllerListenerName().value());
    }

    public Map<Integer, ControllerServer> controllers() {
        return controllers;
    }

    public Controller waitForActiveController() {
        return controllers.values().iterator().next().controller();
    }

    public Map<Integer, BrokerServer> brokers() {
        return brokers;
    }

    public Map<Integer, KafkaRaftManager<ApiMessageAndVersion>> raftManagers() {
        throw new TestAbortedException("needs broker internals: raftManagers()");
    }

    public TestKitNodes nodes() {
        return nodes;
    }

    public MockFaultHandler fatalFaultHandler() {
        return fatal;
    }

    public MockFaultHandler nonFatalFaultHandler() {
        return nonFatal;
    }

    @Override
    public void close() {
        node.close();
    }
}

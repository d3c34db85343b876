package kafka.server;

import com.typesafe.scalalogging.Logger;
import io.gregor.upstream.BrokerNode;
import io.gregor.upstream.ServerStandIns;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import kafka.utils.Logging;
import kafka.utils.TestInfoUtils;
import org.apache.kafka.clients.consumer.GroupProtocol;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.Feature;
import org.apache.kafka.server.common.MetadataVersion;
import org.apache.kafka.server.fault.MockFaultHandler;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.params.provider.Arguments;
import org.slf4j.LoggerFactory;
import scala.Option;
import scala.collection.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Stands before Apache Kafka's class of that name on the class path: the broker that a Scala test creates is a
 * process. Names and signatures are as the Scala compiler makes them.
 */
@Tag("integration")
public abstract class QuorumTestHarness implements Logging {
    private final Logger logger = Logger.apply(LoggerFactory.getLogger(getClass()));
    private final MockFaultHandler faultHandler = new MockFaultHandler("faults");
    private final QuorumTestHarnessFaultHandlerFactory faultHandlerFactory =
            new QuorumTestHarnessFaultHandlerFactory(faultHandler);
    private String logIdent = "";
    private TestInfo testInfo;
    private QuorumImplementation implementation;

    public static Stream<Arguments> getTestGroupProtocolParametersAll() {
        return QuorumTestHarness$.MODULE$.getTestGroupProtocolParametersAll();
    }

    public static Stream<Arguments> getTestGroupProtocolParametersConsumerGroupProtocolOnly() {
        return QuorumTestHarness$.MODULE$.getTestGroupProtocolParametersConsumerGroupProtocolOnly();
    }

    public static Stream<Arguments> getTestGroupProtocolParametersClassicGroupProtocolOnly() {
        return QuorumTestHarness$.MODULE$.getTestGroupProtocolParametersClassicGroupProtocolOnly();
    }

    public static void verifyNoUnexpectedThreads(String context) {
        QuorumTestHarness$.MODULE$.verifyNoUnexpectedThreads(context);
    }

    @BeforeAll
    public static void setUpClass() {
        QuorumTestHarness$.MODULE$.setUpClass();
    }

    @AfterAll
    public static void tearDownClass() {
        QuorumTestHarness$.MODULE$.tearDownClass();
    }

    @BeforeEach
    public void setUp(TestInfo info) {
        testInfo = info;
        implementation = newKRaftQuorum(info, new Properties());
    }

    @AfterEach
    public void tearDown() {
        if (implementation != null) {
            implementation.shutdown();
        }
        faultHandler.maybeRethrowFirstException();
    }

    @Override
    public Logger logger() {
        return logger;
    }

    @Override
    public String logIdent() {
        return logIdent;
    }

    @Override
    public void logIdent_$eq(String ident) {
        logIdent = ident;
    }

    public SecurityProtocol controllerListenerSecurityProtocol() {
        return SecurityProtocol.PLAINTEXT;
    }

    public Seq<SecurityProtocol> extraControllerSecurityProtocols() {
        return CollectionConverters.asScala(List.<SecurityProtocol>of());
    }

    public Seq<Properties> kraftControllerConfigs(TestInfo info) {
        return CollectionConverters.asScala(List.of(new Properties()));
    }

    public MetadataVersion metadataVersion() {
        return MetadataVersion.latestTesting();
    }

    public void addFormatterSettings(Formatter formatter) {}

    public QuorumImplementation implementation() {
        return implementation;
    }

    public void implementation_$eq(QuorumImplementation other) {
        implementation = other;
    }

    public Option<GroupProtocol> maybeGroupProtocolSpecified() {
        return TestInfoUtils.maybeGroupProtocolSpecified(testInfo);
    }

    public GroupProtocol groupProtocolFromTestParameters() {
        return maybeGroupProtocolSpecified().get();
    }

    public ControllerServer controllerServer() {
        return ((ProcessQuorum) implementation).controllerServer();
    }

    public Seq<ControllerServer> controllerServers() {
        return CollectionConverters.asScala(List.of(controllerServer()));
    }

    public QuorumTestHarnessFaultHandlerFactory faultHandlerFactory() {
        return faultHandlerFactory;
    }

    public MockFaultHandler faultHandler() {
        return faultHandler;
    }

    public KafkaBroker createBroker(KafkaConfig config, Time time, boolean startup, Option<String> threadNamePrefix) {
        return implementation.createBroker(config, time, startup, threadNamePrefix);
    }

    public Time createBroker$default$2() {
        return Time.SYSTEM;
    }

    public boolean createBroker$default$3() {
        return true;
    }

    public Option<String> createBroker$default$4() {
        return Option.empty();
    }

    public void shutdownKRaftController() {
        ((ProcessQuorum) implementation).node.stop();
    }

    public KRaftQuorumImplementation newKRaftQuorum(TestInfo info, Properties overriding) {
        Formatter formatter = new Formatter().setReleaseVersion(metadataVersion());
        for (Feature feature : Feature.PRODUCTION_FEATURES) {
            if (!feature.featureName().equals("kraft.version")) {
                formatter.setFeatureLevel(feature.featureName(), feature.defaultLevel(metadataVersion()));
            }
        }
        addFormatterSettings(formatter);
        try {
            Path folder = Files.createTempDirectory("upstream");
            BrokerNode node = new BrokerNode(Uuid.randomUuid().toString(), folder, formatter);
            node.configure(kraftControllerConfigs(info).head());
            node.configure(overriding);
            return new ProcessQuorum(node, folder.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One node: each broker that the test creates, and the controller. */
    private final class ProcessQuorum extends KRaftQuorumImplementation {
        private static final String CONTROLLER = "CONTROLLER";

        private final BrokerNode node;
        private KafkaBroker broker;

        ProcessQuorum(BrokerNode node, File folder) {
            super(
                    new ServerStandIns(node, () -> ServerStandIns.config(node)).controller(),
                    faultHandlerFactory,
                    folder,
                    CompletableFuture.completedFuture(Map.of()),
                    node.clusterId(),
                    QuorumTestHarness.this,
                    faultHandler);
            this.node = node;
        }

        @Override
        public KafkaBroker createBroker(
                KafkaConfig config, Time time, boolean startup, Option<String> threadNamePrefix) {
            if (broker == null) {
                settle(config);
                broker = new ServerStandIns(node, () -> config).broker();
            }
            if (startup) {
                broker.startup();
            }
            return broker;
        }

        private void settle(KafkaConfig config) {
            Map<String, Object> originals = config.originals();
            node.configure(originals);
            String protocols = Arrays.stream(String.valueOf(originals.getOrDefault(
                                    "listener.security.protocol.map",
                                    "PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL"))
                            .split(",", -1))
                    .filter(entry -> !entry.startsWith(CONTROLLER + ":"))
                    .collect(Collectors.joining(",", "", "," + CONTROLLER + ":PLAINTEXT"));
            node.configure(Map.of("listener.security.protocol.map", protocols));
            Object logDirs = originals.getOrDefault("log.dirs", originals.get("log.dir"));
            List<String> folders = List.of(String.valueOf(logDirs).split(",", -1));
            node.settle(
                    config.nodeId(),
                    String.valueOf(originals.getOrDefault("listeners", "PLAINTEXT://localhost:0")),
                    CONTROLLER,
                    folders,
                    folders.get(0));
        }

        @Override
        public void shutdown() {
            node.close();
        }
    }
}

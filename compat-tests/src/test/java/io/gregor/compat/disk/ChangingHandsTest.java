package io.gregor.compat.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gregor.compat.GregorProcess;
import io.gregor.compat.KafkaProcess;
import io.gregor.compat.Tool;
import io.gregor.compat.TopicReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.QuorumInfo;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.quota.ClientQuotaAlteration;
import org.apache.kafka.common.quota.ClientQuotaEntity;
import org.apache.kafka.common.quota.ClientQuotaFilter;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One folder that goes to and fro between Apache Kafka and Gregor. Whoever has it finds all that the other has written:
 * topics with their ids and configurations, records of every compression, committed and aborted transactions and one
 * that is still open, offsets and groups; and goes on from there.
 */
@Tag("once")
class ChangingHandsTest {
    private static final List<String> CODECS = List.of("none", "gzip", "snappy", "lz4", "zstd");

    @TempDir
    Path folder;

    private final Map<String, List<String>> expected = new TreeMap<>();
    private final Map<String, Uuid> ids = new HashMap<>();
    private final Map<String, Long> committed = new HashMap<>();
    private String openTransaction = "";

    @Test
    void aFolderChangesHands() throws Exception {
        GregorProcess gregor = GregorProcess.start(folder);
        use(gregor.address(), "born");
        assertThat(gregor.stop()).isZero();
        for (int round = 0; round < 2; round++) {
            boolean clean = round == 0;
            KafkaProcess kafka = KafkaProcess.startOn(folder, gregor.data());
            check(kafka.address());
            use(kafka.address(), "kafka" + round);
            if (clean) {
                kafka.stop();
            } else {
                kafka.close();
            }
            gregor.startAgain();
            check(gregor.address());
            use(gregor.address(), "gregor" + round);
            if (clean) {
                gregor.stop();
            } else {
                gregor.kill();
            }
            gregor.close();
        }
        try (KafkaProcess kafka = KafkaProcess.startOn(folder, gregor.data())) {
            check(kafka.address());
        }
    }

    /** The tool leaves a cluster's id and its first records; the metadata may have a folder of its own. */
    @Test
    void startsOnWhatKafkasToolHasFormatted() throws Exception {
        Path data = folder.resolve("formatted");
        Path metadata = folder.resolve("metadata");
        String clusterId = format("4.0", data, metadata);
        try (GregorProcess gregor = GregorProcess.start(folder, "log.dirs=" + data, "metadata.log.dir=" + metadata);
                Admin admin = admin(gregor.address())) {
            assertThat(admin.describeCluster().clusterId().get()).isEqualTo(clusterId);
            assertThat(level(admin, "metadata.version")).isEqualTo((short) 25);
            admin.createTopics(List.of(new NewTopic("first", 1, (short) 1)))
                    .all()
                    .get();
            assertThat(metadata.resolve("__cluster_metadata-0")).exists();
            assertThat(data.resolve("first-0")).exists();
            assertThat(data.resolve("__cluster_metadata-0")).doesNotExist();
        }
    }

    /** Before 3.7 controllers did not register (KIP-919). */
    @Test
    void controllersOfAnOldMetadataVersionAreNotDescribed() throws Exception {
        Path data = folder.resolve("formatted");
        format("3.6", data, data);
        try (GregorProcess gregor = GregorProcess.start(folder, "log.dirs=" + data);
                Admin admin = admin(gregor.address());
                Admin ofController = Admin.create(Map.of("bootstrap.controllers", controller(admin)))) {
            assertThatThrownBy(() -> ofController.describeCluster().clusterId().get())
                    .cause()
                    .isInstanceOf(UnsupportedVersionException.class)
                    .hasMessage(
                            "Direct-to-controller communication is not supported with the current MetadataVersion.");
        }
    }

    private static String controller(Admin admin) throws Exception {
        QuorumInfo quorum = admin.describeMetadataQuorum().quorumInfo().get();
        var endpoint = quorum.nodes().get(quorum.leaderId()).endpoints().get(0);
        return endpoint.host() + ":" + endpoint.port();
    }

    /** Returns the id of the cluster. */
    private String format(String release, Path data, Path metadata) throws Exception {
        Path properties = folder.resolve("formatted.properties");
        Files.writeString(properties, """
                process.roles=broker,controller
                node.id=1
                listeners=PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093
                controller.listener.names=CONTROLLER
                controller.quorum.voters=1@localhost:9093
                log.dirs=%s
                metadata.log.dir=%s
                """.formatted(data, metadata));
        return KafkaProcess.format(properties, "--release-version", release);
    }

    private static short level(Admin admin, String feature) throws Exception {
        return admin.describeFeatures()
                .featureMetadata()
                .get()
                .finalizedFeatures()
                .get(feature)
                .maxVersionLevel();
    }

    /** Users, quotas and access control have no effect here, but they outlive the snapshots that Gregor writes. */
    @Test
    void snapshotsHoldAll() throws Exception {
        String authorizer = "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer";
        String open = "super.users=User:ANONYMOUS";
        GregorProcess gregor = GregorProcess.start(folder, "metadata.log.max.record.bytes.between.snapshots=1");
        use(gregor.address(), "born");
        assertThat(gregor.stop()).isZero();
        AclBinding acl = new AclBinding(
                new ResourcePattern(ResourceType.TOPIC, "secret", PatternType.PREFIXED),
                new AccessControlEntry("User:alice", "*", AclOperation.READ, AclPermissionType.ALLOW));
        ClientQuotaEntity quota = new ClientQuotaEntity(Map.of("user", "alice", "client-id", "tool"));
        try (KafkaProcess kafka = KafkaProcess.startOn(folder, gregor.data(), authorizer, open);
                Admin admin = admin(kafka.address())) {
            check(kafka.address());
            use(kafka.address(), "kafka");
            admin.createAcls(List.of(acl)).all().get();
            admin.alterClientQuotas(List.of(new ClientQuotaAlteration(
                            quota, List.of(new ClientQuotaAlteration.Op("producer_byte_rate", 1e9)))))
                    .all()
                    .get();
            admin.alterUserScramCredentials(List.of(new UserScramCredentialUpsertion(
                            "alice", new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, 4096), "secret")))
                    .all()
                    .get();
            kafka.stop();
        }
        gregor.startAgain();
        check(gregor.address());
        use(gregor.address(), "gregor");
        gregor.kill();
        gregor.startAgain();
        check(gregor.address());
        use(gregor.address(), "again");
        gregor.close();
        List<Path> snapshots = snapshots(gregor.data().resolve("__cluster_metadata-0"));
        assertThat(snapshots).as("the newest, and the one before").hasSize(2);
        Path newest = snapshots.get(1);
        String dump = Tool.kafka(
                        "org.apache.kafka.tools.DumpLogSegments", "--cluster-metadata-decoder", "--files", newest)
                .run()
                .assertOk()
                .out();
        assertThat(dump)
                .contains("SnapshotHeader", "\"name\":\"gregor\"", "ACCESS_CONTROL_ENTRY_RECORD", "SnapshotFooter");
        Tool shell =
                Tool.kafka("org.apache.kafka.shell.MetadataShell", "--snapshot", newest, "ls", "/image/topics/byName");
        // The tool prints what it has loaded by then.
        Awaitility.await()
                .untilAsserted(() -> assertThat(shell.run().assertOk().out())
                        .contains("gregor", "born-compacted", "__transaction_state"));

        try (KafkaProcess kafka = KafkaProcess.startOn(folder, gregor.data(), authorizer, open);
                Admin admin = admin(kafka.address())) {
            check(kafka.address());
            assertThat(admin.describeAcls(AclBindingFilter.ANY).values().get()).containsExactly(acl);
            assertThat(admin.describeClientQuotas(ClientQuotaFilter.all())
                            .entities()
                            .get())
                    .isEqualTo(Map.of(quota, Map.of("producer_byte_rate", 1e9)));
            assertThat(admin.describeUserScramCredentials().all().get()).containsOnlyKeys("alice");
        }
    }

    /** The oldest first. */
    private static List<Path> snapshots(Path metadata) throws IOException {
        try (Stream<Path> files = Files.list(metadata)) {
            return files.filter(file -> file.toString().endsWith(".checkpoint")
                            && !file.getFileName().toString().startsWith("00000000000000000000"))
                    .sorted()
                    .toList();
        }
    }

    private static Admin admin(String address) {
        return Admin.create(Map.of("bootstrap.servers", address));
    }

    private static Producer<String, String> producer(String address, Map<String, Object> more) {
        Map<String, Object> settings = new HashMap<>(more);
        settings.put("bootstrap.servers", address);
        return new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
    }

    private void use(String address, String name) throws Exception {
        try (Admin admin = admin(address)) {
            NewTopic plain =
                    new NewTopic(name, 1, (short) 1).configs(Map.of("retention.ms", "-1", "segment.bytes", "1048576"));
            NewTopic compacted = new NewTopic(name + "-compacted", 1, (short) 1)
                    .configs(Map.of("cleanup.policy", "compact", "retention.ms", "-1"));
            ids.put(
                    name,
                    admin.createTopics(List.of(plain, compacted)).topicId(name).get());
            Awaitility.await().ignoreExceptions().until(() -> {
                admin.alterConsumerGroupOffsets(
                                name, Map.of(new TopicPartition(name, 0), new OffsetAndMetadata(3, "of " + name)))
                        .all()
                        .get();
                return true;
            });
            committed.put(name, 3L);
        }
        List<String> topics = new ArrayList<>(expected.keySet());
        expected.put(name, new ArrayList<>());
        expected.put(name + "-compacted", new ArrayList<>());
        topics.add(name);
        topics.add(name + "-compacted");
        for (String codec : CODECS) {
            try (Producer<String, String> producer = producer(address, Map.of("compression.type", codec))) {
                for (String topic : topics) {
                    for (int i = 0; i < 20; i++) {
                        send(producer, topic, codec + i + " by " + name);
                    }
                }
            }
        }
        transact(address, name);
    }

    private void send(Producer<String, String> producer, String topic, String value) {
        producer.send(new ProducerRecord<>(topic, value, value));
        expected.computeIfAbsent(topic, key -> new ArrayList<>()).add(value);
    }

    private void transact(String address, String name) {
        try (Producer<String, String> producer = producer(address, Map.of("transactional.id", "ends"))) {
            producer.initTransactions();
            producer.beginTransaction();
            send(producer, name, "committed by " + name);
            producer.commitTransaction();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(name, "k", "aborted by " + name));
            producer.flush();
            producer.abortTransaction();
        }
        // This one is left open: whoever has the folder next has to know it.
        openTransaction = "open-" + name;
        Map<String, Object> settings = Map.of("transactional.id", openTransaction, "transaction.timeout.ms", 600_000);
        Producer<String, String> producer = producer(address, settings);
        producer.initTransactions();
        producer.beginTransaction();
        producer.send(new ProducerRecord<>(name + "-compacted", "k", "never committed"));
        producer.flush();
        producer.close(Duration.ZERO);
    }

    private void check(String address) throws Exception {
        try (Admin admin = admin(address)) {
            Awaitility.await()
                    .ignoreExceptions()
                    .until(() -> admin.describeTransactions(List.of(openTransaction))
                                    .description(openTransaction)
                                    .get()
                                    .state()
                            == TransactionState.ONGOING);
            for (Map.Entry<String, Uuid> topic : ids.entrySet()) {
                assertThat(admin.describeTopics(List.of(topic.getKey()))
                                .allTopicNames()
                                .get()
                                .get(topic.getKey())
                                .topicId())
                        .isEqualTo(topic.getValue());
                ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic.getKey());
                assertThat(admin.describeConfigs(List.of(resource))
                                .all()
                                .get()
                                .get(resource)
                                .get("segment.bytes")
                                .value())
                        .isEqualTo("1048576");
            }
            checkGroups(admin);
            // Its successor ends the open transaction, and everything can be read to the end.
            admin.fenceProducers(List.of(openTransaction)).all().get();
        }
        for (String topic : expected.keySet()) {
            assertThat(TopicReader.values(address, topic)).as(topic).isEqualTo(expected.get(topic));
        }
    }

    private void checkGroups(Admin admin) throws Exception {
        Map<String, ListConsumerGroupOffsetsSpec> wanted = new HashMap<>();
        committed.keySet().forEach(group -> wanted.put(group, new ListConsumerGroupOffsetsSpec()));
        Map<String, Map<TopicPartition, OffsetAndMetadata>> found =
                admin.listConsumerGroupOffsets(wanted).all().get();
        committed.forEach((group, offset) -> {
            OffsetAndMetadata stored = found.get(group).get(new TopicPartition(group, 0));
            assertThat(stored.offset()).isEqualTo(offset);
            assertThat(stored.metadata()).isEqualTo("of " + group);
        });
        Set<String> listed = new HashSet<>();
        admin.listGroups().all().get().forEach(group -> listed.add(group.groupId()));
        assertThat(listed).containsAll(committed.keySet());
    }
}

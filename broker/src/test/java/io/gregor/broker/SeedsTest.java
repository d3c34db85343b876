package io.gregor.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gregor.broker.config.BrokerConfig;
import io.gregor.broker.config.InvalidConfigException;
import io.gregor.broker.seed.Seeds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.quota.ClientQuotaFilter;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What clients find in a broker that was started with seeds, by Apache Kafka's own client. */
class SeedsTest {
    private static final String SEED = """
            topics:
              - name: orders
                partitions: 2
                configs: {retention.ms: 3600000}
              - name: log
            records:
              - {topic: orders, key: k1, value: {json: {a: 1}}, headers: {h: v}, timestamp: 1000}
              - {topic: orders, partition: 1, value: last}
              - {topic: log, value: a}
              - {topic: log, value: b}
            groups:
              - name: billing
                offsets: {orders: end, log: {0: 1}}
            users:
              - {name: alice, password: wonderland, mechanisms: [SCRAM-SHA-256]}
            acls:
              - {principal: "User:alice", resource: topic, name: orders, operations: [read, describe]}
            quotas:
              - {user: alice, limits: {producer_byte_rate: 1000}}
              - {client-id: null, limits: {consumer_byte_rate: 2000}}
            """;

    @TempDir
    private Path folder;

    /** Nobody but its super user may do anything. */
    private Broker start(String... yamls) throws IOException, InterruptedException {
        Map<String, String> given = new HashMap<>();
        given.put("log.dirs", folder.resolve("data").toString());
        given.put("listeners", "PLAINTEXT://localhost:0");
        given.put("offsets.topic.num.partitions", "2");
        given.put("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer");
        given.put("super.users", "User:ANONYMOUS");
        List<Path> files = new ArrayList<>();
        for (String yaml : yamls) {
            files.add(Files.writeString(folder.resolve("seed" + files.size() + ".yaml"), yaml));
        }
        return Broker.start(BrokerConfig.of(given), () -> {}, Seeds.read(files, InstantSource.system())::applyTo);
    }

    private static String address(Broker broker) {
        return "localhost:"
                + Objects.requireNonNull(broker.listeners().get("PLAINTEXT")).port();
    }

    private static <K, V> V at(Map<K, V> map, K key) {
        return Objects.requireNonNull(map.get(key));
    }

    private static Admin admin(Broker broker) {
        return Admin.create(Map.of("bootstrap.servers", address(broker)));
    }

    private static List<String> read(Broker broker, String topic, int partition) {
        List<String> values = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", address(broker)), new StringDeserializer(), new StringDeserializer())) {
            TopicPartition from = new TopicPartition(topic, partition);
            consumer.assign(List.of(from));
            consumer.seekToBeginning(List.of(from));
            long end = at(consumer.endOffsets(List.of(from)), from);
            while (values.size() < end) {
                consumer.poll(Duration.ofMillis(100)).forEach(found -> values.add(found.value()));
            }
        }
        return values;
    }

    private static Map<TopicPartition, OffsetAndMetadata> committed(Admin admin) throws Exception {
        return admin.listConsumerGroupOffsets("billing")
                .partitionsToOffsetAndMetadata()
                .get();
    }

    @Test
    void allOfItIsThereBeforeClientsComeAndOnce() throws Exception {
        try (Broker broker = start(SEED);
                Admin admin = admin(broker)) {
            assertSeeded(broker, admin);
        }
        try (Broker broker = start(SEED);
                Admin admin = admin(broker)) {
            assertSeeded(broker, admin);
        }
    }

    private static void assertSeeded(Broker broker, Admin admin) throws Exception {
        assertThat(admin.listTopics().names().get()).containsExactlyInAnyOrder("orders", "log");
        ConfigResource orders = new ConfigResource(ConfigResource.Type.TOPIC, "orders");
        assertThat(at(admin.describeConfigs(List.of(orders)).all().get(), orders)
                        .get("retention.ms")
                        .value())
                .isEqualTo("3600000");
        assertThat(read(broker, "log", 0)).containsExactly("a", "b");
        List<String> all = new ArrayList<>(read(broker, "orders", 0));
        all.addAll(read(broker, "orders", 1));
        assertThat(all).containsExactlyInAnyOrder("{\"a\":1}", "last");
        long ends = 0;
        for (int i = 0; i < 2; i++) {
            ends += at(committed(admin), new TopicPartition("orders", i)).offset();
        }
        assertThat(ends).isEqualTo(2);
        assertThat(at(committed(admin), new TopicPartition("log", 0)).offset()).isEqualTo(1);
        assertThat(at(admin.describeUserScramCredentials().all().get(), "alice").credentialInfos())
                .hasSize(1);
        assertThat(admin.describeAcls(AclBindingFilter.ANY).values().get()).hasSize(2);
        assertThat(admin.describeClientQuotas(ClientQuotaFilter.all())
                        .entities()
                        .get())
                .hasSize(2);
    }

    @Test
    void whatIsSaidAtEachStartIsDoneAgain() throws Exception {
        start(SEED).close();
        String changed = SEED.replace("partitions: 2", "partitions: 3").replace("3600000", "7200000");
        String again = "apply: each-start\n" + changed;
        try (Broker broker = start(again);
                Admin admin = admin(broker)) {
            assertThat(read(broker, "log", 0)).containsExactly("a", "b", "a", "b");
            assertThat(at(
                                    admin.describeTopics(List.of("orders"))
                                            .allTopicNames()
                                            .get(),
                                    "orders")
                            .partitions())
                    .hasSize(3);
            ConfigResource orders = new ConfigResource(ConfigResource.Type.TOPIC, "orders");
            assertThat(at(admin.describeConfigs(List.of(orders)).all().get(), orders)
                            .get("retention.ms")
                            .value())
                    .isEqualTo("7200000");
            assertThat(admin.describeAcls(AclBindingFilter.ANY).values().get()).hasSize(2);
        }
    }

    @Test
    void whatIsThereIsLeftAsItIs() throws Exception {
        start("topics: [{name: log}]\nrecords: [{topic: log, value: mine}]").close();
        try (Broker broker = start(SEED)) {
            assertThat(read(broker, "log", 0)).containsExactly("mine");
        }
    }

    @Test
    void aUserHasBothMechanismsWhereNoneIsSaid() throws Exception {
        try (Broker broker = start("users: [{name: bob, password: builder}]");
                Admin admin = admin(broker)) {
            assertThat(at(admin.describeUserScramCredentials().all().get(), "bob")
                            .credentialInfos())
                    .hasSize(2);
        }
    }

    /** Bars are line breaks. */
    @ParameterizedTest
    @CsvSource(delimiter = '%', textBlock = """
            records: [{topic: none, value: x}]  % :3:11: there is no topic none
            groups: [{name: g, offsets: {good: {7: 0}}}] % :3:40: topic good has the partitions 0 to 0
            topics: [{name: good}]              % :1:10: topic good is in another file, too
            quotas: [{user: u, limits: {speed: 1}}] % :3:10: Invalid configuration key speed
            topics: [{name: t, configs: {max.message.bytes: 70}}]|records: [{topic: t, value: long}] % :4:11: a batch
            topics: [{name: t, configs: {cleanup.policy: compact}}]|records: [{topic: t, value: x}] % :4:11: topic t is
            topics: [{name: t, configs: {segment.ms: 10, max.compaction.lag.ms: 1, min.compaction.lag.ms: 5}}] % :3:10:
            """)
    void nothingIsDoneWhereSomethingCannotBe(String wrong, String message) throws Exception {
        String good = "topics: [{name: good}]";
        String second = (message.startsWith(":1:") ? "" : "# one\n# two\n") + wrong.replace('|', '\n');
        String place = folder.resolve("seed1.yaml") + message;
        assertThatThrownBy(() -> start(good, second).close())
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageContaining(message.startsWith(":1:") ? message.substring(message.indexOf("topic")) : place);
        try (Broker broker = start();
                Admin admin = admin(broker)) {
            assertThat(admin.listTopics().names().get()).isEmpty();
        }
    }
}

package io.gregor.compat.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gregor.compat.GregorProcess;
import io.gregor.compat.RawClient;
import io.gregor.compat.Tool;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.ListConfigResourcesOptions;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.SubscriptionPattern;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Consumers of Apache Kafka's Java client with {@code group.protocol=consumer}, alone and among classic ones. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag("once")
class ConsumerGroupsTest {
    private static final int PARTITIONS = 6;
    private static final Map<String, String> CONSUMER = Map.of("group.protocol", "consumer");
    private static final Map<String, String> CLASSIC =
            Map.of("group.protocol", "classic", "session.timeout.ms", "10000", "heartbeat.interval.ms", "300");

    private final GregorProcess broker;

    ConsumerGroupsTest(@TempDir Path folder) throws Exception {
        broker = GregorProcess.start(
                folder,
                "group.consumer.min.heartbeat.interval.ms=100",
                "group.consumer.heartbeat.interval.ms=300",
                "group.consumer.min.session.timeout.ms=1000",
                "group.consumer.session.timeout.ms=5000");
    }

    @AfterAll
    void stop() throws Exception {
        broker.close();
    }

    private static ConditionFactory soon() {
        return Awaitility.await().pollInterval(Duration.ofMillis(50));
    }

    private Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", broker.address()));
    }

    private void create(String topic) throws Exception {
        try (Admin admin = admin()) {
            admin.createTopics(List.of(new NewTopic(topic, PARTITIONS, (short) 1)))
                    .all()
                    .get();
        }
    }

    private ConsumerGroupDescription describe(String group) throws Exception {
        try (Admin admin = admin()) {
            return admin.describeConsumerGroups(List.of(group)).all().get().get(group);
        }
    }

    /** What the members of one group have read, and which of them has which partition. */
    private final class Readers {
        private final String group;
        private final Map<String, Integer> times = new ConcurrentHashMap<>();
        private final Map<TopicPartition, Reader> owners = new ConcurrentHashMap<>();
        private final Set<String> violations = ConcurrentHashMap.newKeySet();

        Readers(String group) {
            this.group = group;
        }

        Reader start(String topic, Map<String, String> settings) {
            return start(settings, (consumer, listener) -> consumer.subscribe(List.of(topic), listener));
        }

        Reader start(Map<String, String> settings, Subscribing subscribing) {
            Reader reader = new Reader(this, settings, subscribing);
            reader.start();
            return reader;
        }

        void awaitShared(Reader... all) {
            soon().until(() -> List.of(all).stream().allMatch(reader -> !reader.owned.isEmpty())
                    && List.of(all).stream()
                                    .mapToInt(reader -> reader.owned.size())
                                    .sum()
                            == PARTITIONS);
            assertThat(violations).isEmpty();
        }
    }

    private interface Subscribing {
        void subscribe(KafkaConsumer<String, String> consumer, ConsumerRebalanceListener listener);
    }

    private final class Reader extends Thread implements ConsumerRebalanceListener {
        private final Readers all;
        private final Map<String, Object> settings = new HashMap<>();
        private final Subscribing subscribing;
        private final Set<TopicPartition> owned = ConcurrentHashMap.newKeySet();
        private volatile boolean stopped;

        Reader(Readers all, Map<String, String> more, Subscribing subscribing) {
            this.all = all;
            this.subscribing = subscribing;
            settings.put("bootstrap.servers", broker.address());
            settings.put("group.id", all.group);
            settings.put("auto.offset.reset", "earliest");
            settings.put("enable.auto.commit", "false");
            settings.putAll(more);
        }

        @Override
        public void run() {
            StringDeserializer text = new StringDeserializer();
            try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(settings, text, text)) {
                subscribing.subscribe(consumer, this);
                while (!stopped) {
                    for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(100))) {
                        all.times.merge(record.value(), 1, Integer::sum);
                    }
                    consumer.commitAsync();
                }
            }
        }

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            for (TopicPartition partition : partitions) {
                Reader other = all.owners.put(partition, this);
                if (other != null && other != this && other.isAlive()) {
                    all.violations.add(partition + " is given away before it is given back");
                }
            }
            owned.addAll(partitions);
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            partitions.forEach(partition -> all.owners.remove(partition, this));
            owned.removeAll(partitions);
        }

        @Override
        public void onPartitionsLost(Collection<TopicPartition> partitions) {
            onPartitionsRevoked(partitions);
        }

        void leave() throws InterruptedException {
            stopped = true;
            join();
        }
    }

    /** Writes as long as it is open. */
    private final class Writer extends Thread implements AutoCloseable {
        private final String topic;
        private final Set<String> written = ConcurrentHashMap.newKeySet();
        private volatile boolean stopped;

        Writer(String topic) {
            this.topic = topic;
            start();
        }

        @Override
        public void run() {
            StringSerializer text = new StringSerializer();
            Map<String, Object> settings =
                    Map.of("bootstrap.servers", broker.address(), "linger.ms", 20, "delivery.timeout.ms", 120_000);
            try (Producer<String, String> producer = new KafkaProducer<>(settings, text, text)) {
                for (int i = 0; !stopped; i++) {
                    String value = topic + "-" + i;
                    producer.send(new ProducerRecord<>(topic, value, value), (stored, error) -> {
                        if (error == null) {
                            written.add(value);
                        }
                    });
                    if (i % 100 == 0) {
                        producer.flush();
                    }
                }
            }
        }

        @Override
        public void close() throws InterruptedException {
            stopped = true;
            join();
        }
    }

    @Test
    void membersComeAndGoAndTheBrokerIsKilled() throws Exception {
        create("shared");
        Readers readers = new Readers("shared-group");
        Writer writer = new Writer("shared");
        Reader first = readers.start("shared", CONSUMER);
        readers.awaitShared(first);
        Reader second = readers.start("shared", CONSUMER);
        Reader third = readers.start("shared", Map.of("group.protocol", "consumer", "group.remote.assignor", "range"));
        readers.awaitShared(first, second, third);
        assertThat(describe("shared-group").type()).isEqualTo(GroupType.CONSUMER);
        broker.kill();
        broker.startAgain();
        soon().until(() -> describe("shared-group").groupState() == GroupState.STABLE);
        first.leave();
        readers.awaitShared(second, third);
        writer.close();
        soon().until(() -> readers.times.keySet().containsAll(writer.written));
        second.leave();
        third.leave();
        assertThat(readers.violations).isEmpty();
        assertThat(describe("shared-group").groupState()).isEqualTo(GroupState.EMPTY);
    }

    @Test
    void aTopicThatGrowsIsSharedAnew() throws Exception {
        create("growing");
        Readers readers = new Readers("growing-group");
        Reader one = readers.start("growing", CONSUMER);
        readers.awaitShared(one);
        try (Admin admin = admin()) {
            admin.createPartitions(Map.of("growing", NewPartitions.increaseTo(9)))
                    .all()
                    .get();
        }
        soon().until(() -> one.owned.size() == 9);
        one.leave();
    }

    @Test
    void topicsAreFoundByRegularExpression() throws Exception {
        create("found-1");
        create("other");
        Readers readers = new Readers("found-group");
        Reader one = readers.start(
                CONSUMER, (consumer, listener) -> consumer.subscribe(new SubscriptionPattern("found-\\d"), listener));
        readers.awaitShared(one);
        create("found-2");
        soon().until(() -> one.owned.size() == 2 * PARTITIONS);
        Set<String> topics = new HashSet<>();
        one.owned.forEach(partition -> topics.add(partition.topic()));
        assertThat(topics).containsExactlyInAnyOrder("found-1", "found-2");
        one.leave();
    }

    @Test
    void aStaticMemberFindsItsPartitionsAgain() throws Exception {
        create("static");
        Readers readers = new Readers("static-group");
        Map<String, String> named = new HashMap<>(CONSUMER);
        named.put("group.instance.id", "named");
        Reader member = readers.start("static", named);
        Reader other = readers.start("static", CONSUMER);
        readers.awaitShared(member, other);
        Set<TopicPartition> before = Set.copyOf(member.owned);
        member.leave();
        Reader again = readers.start("static", named);
        soon().until(() -> again.owned.equals(before));
        assertThat(other.owned).hasSize(PARTITIONS - before.size());
        again.leave();
        other.leave();
    }

    @Test
    void aGroupChangesItsProtocolWhileItIsInUse() throws Exception {
        create("migrated");
        Readers readers = new Readers("migrated-group");
        Writer writer = new Writer("migrated");
        Reader old1 = readers.start("migrated", CLASSIC);
        Reader old2 = readers.start("migrated", CLASSIC);
        readers.awaitShared(old1, old2);
        assertThat(describe("migrated-group").type()).isEqualTo(GroupType.CLASSIC);
        Reader new1 = readers.start("migrated", CONSUMER);
        readers.awaitShared(old1, old2, new1);
        assertThat(describe("migrated-group").type()).isEqualTo(GroupType.CONSUMER);
        old1.leave();
        Reader new2 = readers.start("migrated", CONSUMER);
        readers.awaitShared(old2, new1, new2);
        old2.leave();
        readers.awaitShared(new1, new2);
        Reader back1 = readers.start("migrated", CLASSIC);
        readers.awaitShared(new1, new2, back1);
        new1.leave();
        new2.leave();
        soon().until(() -> describe("migrated-group").type() == GroupType.CLASSIC && back1.owned.size() == PARTITIONS);
        writer.close();
        soon().until(() -> readers.times.keySet().containsAll(writer.written));
        back1.leave();
        assertThat(readers.violations).isEmpty();
    }

    @Test
    void oneGroupHasIntervalsOfItsOwn() throws Exception {
        ConfigResource group = new ConfigResource(ConfigResource.Type.GROUP, "slow-group");
        try (Admin admin = admin()) {
            alter(admin, group, "consumer.heartbeat.interval.ms", "700").get();
            assertThatThrownBy(() -> alter(admin, group, "consumer.session.timeout.ms", "600")
                            .get())
                    .hasMessageContaining("consumer.session.timeout.ms must be greater than");
            assertThatThrownBy(() -> alter(admin, group, "nonsense", "1").get()).hasMessageContaining("Unknown group");
            Config config = admin.describeConfigs(List.of(group)).all().get().get(group);
            assertThat(config.get("consumer.heartbeat.interval.ms").value()).isEqualTo("700");
            assertThat(config.get("consumer.session.timeout.ms").value()).isEqualTo("5000");
            assertThat(admin.listConfigResources(Set.of(ConfigResource.Type.GROUP), new ListConfigResourcesOptions())
                            .all()
                            .get())
                    .containsExactly(group);
        }
        try (RawClient raw = new RawClient(broker.port())) {
            ConsumerGroupHeartbeatRequestData join = new ConsumerGroupHeartbeatRequestData()
                    .setGroupId("slow-group")
                    .setMemberId("one")
                    .setRebalanceTimeoutMs(1000)
                    .setSubscribedTopicNames(List.of("slow"))
                    .setTopicPartitions(List.of());
            ConsumerGroupHeartbeatResponseData response =
                    (ConsumerGroupHeartbeatResponseData) raw.call(ApiKeys.CONSUMER_GROUP_HEARTBEAT, (short) 1, join);
            assertThat(response.heartbeatIntervalMs()).isEqualTo(700);
        }
    }

    private static KafkaFuture<Void> alter(Admin admin, ConfigResource resource, String name, String value) {
        AlterConfigOp change = new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET);
        return admin.incrementalAlterConfigs(Map.of(resource, List.of(change))).all();
    }

    @Test
    void toolsShowWhatIsThere() throws Exception {
        create("shown");
        Readers readers = new Readers("shown-group");
        Reader one = readers.start("shown", CONSUMER);
        readers.awaitShared(one);
        String tool = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand";
        List<String> seen = new ArrayList<>();
        for (List<String> what : List.of(
                List.of("--list", "--type"),
                List.of("--describe", "--group", "shown-group", "--state"),
                List.of("--describe", "--group", "shown-group", "--members", "--verbose"),
                List.of("--describe", "--group", "shown-group"))) {
            List<Object> arguments = new ArrayList<>(List.of("--bootstrap-server", broker.address()));
            arguments.addAll(what);
            seen.add(Tool.kafka(tool, arguments.toArray()).run().assertOk().out());
        }
        assertThat(seen.get(0)).containsPattern("shown-group +Consumer");
        assertThat(seen.get(1)).containsPattern("uniform +Stable +1");
        assertThat(seen.get(2)).contains("CURRENT-EPOCH", "shown:0,1,2,3,4,5");
        assertThat(seen.get(3)).contains("CURRENT-OFFSET", "shown");
        AtomicInteger lines = new AtomicInteger();
        seen.get(3).lines().filter(line -> line.startsWith("shown-group")).forEach(line -> lines.incrementAndGet());
        assertThat(lines).hasValue(PARTITIONS);
        one.leave();
    }
}

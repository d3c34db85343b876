package io.gregor.compat.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gregor.compat.GregorProcess;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Apache Kafka's Java clients, unmodified. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KafkaClientsTest {
    private final GregorProcess broker;

    KafkaClientsTest(@TempDir Path folder) throws Exception {
        broker = GregorProcess.start(folder, "num.partitions=3");
    }

    @BeforeAll
    void answers() throws Exception {
        try (Admin admin = admin()) {
            assertThat(admin.describeCluster().nodes().get()).hasSize(1);
        }
    }

    @AfterAll
    void stopsCleanly() throws Exception {
        assertThat(broker.stop()).isZero();
        broker.close();
    }

    @ParameterizedTest
    @CsvSource({
        "none,all,true", "gzip,all,true", "snappy,all,true", "lz4,all,true", "zstd,all,true",
        "none,1,false", "gzip,1,false", "snappy,1,false", "lz4,1,false", "zstd,1,false",
        "none,0,false", "zstd,0,false"
    })
    void whatIsProducedIsConsumed(String compression, String acks, boolean idempotent) throws Exception {
        String topic = "produce-" + compression + "-" + acks;
        create(topic, 1);
        Map<String, Object> settings = Map.of(
                ProducerConfig.COMPRESSION_TYPE_CONFIG, compression,
                ProducerConfig.ACKS_CONFIG, acks,
                ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, idempotent,
                ProducerConfig.LINGER_MS_CONFIG, 5);
        try (Producer<String, String> producer = producer(settings)) {
            for (int i = 0; i < 5000; i++) {
                ProducerRecord<String, String> record = new ProducerRecord<>(topic, "key" + i, "value-" + i);
                record.headers().add("header", ("h" + i).getBytes(StandardCharsets.UTF_8));
                producer.send(record);
            }
        }
        List<ConsumerRecord<String, String>> records = consume(topic, 5000, Map.of());
        for (int i = 0; i < 5000; i++) {
            assertThat(records.get(i).offset()).isEqualTo(i);
            assertThat(records.get(i).key()).isEqualTo("key" + i);
            assertThat(records.get(i).value()).isEqualTo("value-" + i);
            assertThat(new String(records.get(i).headers().lastHeader("header").value(), StandardCharsets.UTF_8))
                    .isEqualTo("h" + i);
        }
    }

    @Test
    void aTopicIsCreatedByProducingToIt() throws Exception {
        try (Producer<String, String> producer = producer(Map.of());
                Admin admin = admin()) {
            producer.send(new ProducerRecord<>("created-by-use", "x")).get();
            TopicDescription topic = admin.describeTopics(List.of("created-by-use"))
                    .allTopicNames()
                    .get()
                    .get("created-by-use");
            assertThat(topic.partitions()).hasSize(3);
        }
    }

    @Test
    void aBatchThatIsTooLargeIsRefused() throws Exception {
        create("too-large", 1);
        try (Producer<String, String> producer = producer(Map.of(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, 10_000_000))) {
            assertThatThrownBy(() -> producer.send(new ProducerRecord<>("too-large", "x".repeat(2_000_000)))
                            .get())
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(RecordTooLargeException.class);
            assertThat(producer.send(new ProducerRecord<>("too-large", "fits"))
                            .get()
                            .offset())
                    .isZero();
        }
    }

    @Test
    void seekingAndTimesFindTheExactRecord() throws Exception {
        create("seek", 1);
        TopicPartition partition = new TopicPartition("seek", 0);
        try (Producer<String, String> producer = producer(Map.of(ProducerConfig.LINGER_MS_CONFIG, 50))) {
            for (int i = 0; i < 1000; i++) {
                producer.send(new ProducerRecord<>("seek", 0, 1_000_000L + i * 10L, "k", "v" + i));
            }
        }
        try (Consumer<String, String> consumer = consumer(Map.of())) {
            consumer.assign(List.of(partition));
            consumer.seek(partition, 777);
            assertThat(consumer.poll(Duration.ofSeconds(5)).iterator().next().offset())
                    .isEqualTo(777);
            OffsetAndTimestamp exact = consumer.offsetsForTimes(Map.of(partition, 1_000_000L + 4995))
                    .get(partition);
            assertThat(exact.offset()).isEqualTo(500);
            assertThat(exact.timestamp()).isEqualTo(1_005_000);
            assertThat(consumer.offsetsForTimes(Map.of(partition, 2_000_000L)).get(partition))
                    .isNull();
            assertThat(consumer.beginningOffsets(List.of(partition))).containsEntry(partition, 0L);
            assertThat(consumer.endOffsets(List.of(partition))).containsEntry(partition, 1000L);
            consumer.seekToBeginning(List.of(partition));
            consumer.pause(List.of(partition));
            assertThat(consumer.poll(Duration.ofMillis(200)).isEmpty()).isTrue();
            consumer.resume(List.of(partition));
            assertThat(consumer.poll(Duration.ofSeconds(5)).iterator().next().offset())
                    .isZero();
        }
        try (Admin admin = admin()) {
            assertThat(admin.listOffsets(Map.of(partition, OffsetSpec.maxTimestamp()))
                            .partitionResult(partition)
                            .get()
                            .offset())
                    .isEqualTo(999);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aGroupGoesOnFromItsCommittedOffsets(boolean synchronously) throws Exception {
        String topic = "commit-" + synchronously;
        create(topic, 2);
        try (Producer<String, String> producer = producer(Map.of())) {
            for (int i = 0; i < 200; i++) {
                producer.send(new ProducerRecord<>(topic, i % 2, null, "v" + i));
            }
        }
        Map<String, Object> group = Map.of(ConsumerConfig.GROUP_ID_CONFIG, "group-" + synchronously);
        TopicPartition first = new TopicPartition(topic, 0);
        try (Consumer<String, String> consumer = consumer(group)) {
            consumer.subscribe(List.of(topic));
            pollUntil(consumer, records -> records.size() == 200);
            Map<TopicPartition, OffsetAndMetadata> offsets = Map.of(first, new OffsetAndMetadata(40, "why"));
            if (synchronously) {
                consumer.commitSync(offsets);
            } else {
                AtomicInteger done = new AtomicInteger();
                consumer.commitAsync(offsets, (committed, error) -> done.set(error == null ? 1 : -1));
                pollUntil(consumer, records -> done.get() != 0);
                assertThat(done).hasValue(1);
            }
        }
        try (Consumer<String, String> consumer = consumer(group)) {
            OffsetAndMetadata committed = consumer.committed(Set.of(first)).get(first);
            assertThat(committed.offset()).isEqualTo(40);
            assertThat(committed.metadata()).isEqualTo("why");
            consumer.subscribe(List.of(topic));
            List<ConsumerRecord<String, String>> rest = pollUntil(consumer, records -> records.size() >= 160);
            assertThat(rest.stream()
                            .filter(record -> record.partition() == 0)
                            .mapToLong(ConsumerRecord::offset)
                            .min())
                    .hasValue(40);
        }
    }

    @Test
    void membersOfAGroupShareItsPartitions() throws Exception {
        create("shared", 6);
        Map<String, Object> group = Map.of(ConsumerConfig.GROUP_ID_CONFIG, "sharing");
        try (Consumer<String, String> one = consumer(group);
                Consumer<String, String> two = consumer(group);
                Admin admin = admin()) {
            one.subscribe(List.of("shared"));
            two.subscribe(List.of("shared"));
            long deadline = System.nanoTime() + Duration.ofMinutes(1).toNanos();
            while ((one.assignment().size() != 3 || two.assignment().size() != 3) && System.nanoTime() < deadline) {
                one.poll(Duration.ofMillis(50));
                two.poll(Duration.ofMillis(50));
            }
            assertThat(one.assignment()).hasSize(3).doesNotContainAnyElementsOf(two.assignment());
            assertThat(two.assignment()).hasSize(3);
            assertThat(admin.describeConsumerGroups(List.of("sharing"))
                            .all()
                            .get()
                            .get("sharing")
                            .members())
                    .hasSize(2);
        }
    }

    @Test
    void topicsAreCreatedGrownAndDeleted() throws Exception {
        try (Admin admin = admin()) {
            admin.createTopics(List.of(new NewTopic("life", 2, (short) 1).configs(Map.of("retention.ms", "1234"))))
                    .all()
                    .get();
            assertThatThrownBy(() -> admin.createTopics(List.of(new NewTopic("life", 2, (short) 1)))
                            .all()
                            .get())
                    .hasCauseInstanceOf(TopicExistsException.class);
            admin.createPartitions(Map.of("life", NewPartitions.increaseTo(5)))
                    .all()
                    .get();
            TopicDescription topic =
                    admin.describeTopics(List.of("life")).allTopicNames().get().get("life");
            assertThat(topic.partitions()).hasSize(5);
            ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, "life");
            ConfigEntry entry = admin.describeConfigs(List.of(resource))
                    .all()
                    .get()
                    .get(resource)
                    .get("retention.ms");
            assertThat(entry.value()).isEqualTo("1234");
            assertThat(entry.source()).isEqualTo(ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG);
            admin.deleteTopics(List.of("life")).all().get();
            assertThat(admin.listTopics().names().get()).doesNotContain("life");
            assertThatThrownBy(() -> admin.deleteTopics(List.of("life")).all().get())
                    .hasCauseInstanceOf(UnknownTopicOrPartitionException.class);
        }
    }

    @Test
    void offsetsAreGivenOutInOrder() throws Exception {
        create("order", 1);
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        try (Producer<String, String> producer = producer(Map.of(ProducerConfig.BATCH_SIZE_CONFIG, 200))) {
            for (int i = 0; i < 5000; i++) {
                sent.add(producer.send(new ProducerRecord<>("order", "v" + i)));
            }
        }
        for (int i = 0; i < 5000; i++) {
            assertThat(sent.get(i).get().offset()).isEqualTo(i);
        }
    }

    private void create(String topic, int partitions) throws Exception {
        try (Admin admin = admin()) {
            admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1)))
                    .all()
                    .get();
        }
    }

    private Admin admin() {
        return Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, broker.address()));
    }

    private Producer<String, String> producer(Map<String, Object> more) {
        Map<String, Object> settings = new HashMap<>(more);
        settings.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, broker.address());
        return new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
    }

    private Consumer<String, String> consumer(Map<String, Object> more) {
        Map<String, Object> settings = new HashMap<>(more);
        settings.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, broker.address());
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        return new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
    }

    private List<ConsumerRecord<String, String>> consume(String topic, int count, Map<String, Object> more) {
        try (Consumer<String, String> consumer = consumer(more)) {
            consumer.assign(List.of(new TopicPartition(topic, 0)));
            return pollUntil(consumer, records -> records.size() >= count);
        }
    }

    private static List<ConsumerRecord<String, String>> pollUntil(
            Consumer<String, String> consumer, Predicate<Collection<?>> enough) {
        List<ConsumerRecord<String, String>> records = new ArrayList<>();
        long deadline = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        while (!enough.test(records) && System.nanoTime() < deadline) {
            consumer.poll(Duration.ofMillis(100)).forEach(records::add);
        }
        assertThat(enough.test(records)).as(records.size() + " records came").isTrue();
        return records;
    }
}

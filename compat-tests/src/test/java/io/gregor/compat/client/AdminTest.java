package io.gregor.compat.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gregor.compat.GregorProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.LogDirDescription;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.GroupNotEmptyException;
import org.apache.kafka.common.errors.GroupSubscribedToTopicException;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What administrators do to a running broker, through Apache Kafka's admin client. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag("once")
class AdminTest {

    private final GregorProcess broker;
    private final Admin admin;

    AdminTest(@TempDir Path folder) throws Exception {
        broker = GregorProcess.start(
                folder,
                "log.retention.check.interval.ms=200",
                "log.cleaner.backoff.ms=200",
                "log.segment.delete.delay.ms=100");
        admin = Admin.create(Map.of("bootstrap.servers", broker.address()));
    }

    @AfterAll
    void stopsCleanly() throws Exception {
        admin.close();
        assertThat(broker.stop()).isZero();
        broker.close();
    }

    private void create(String topic, int partitions, Map<String, String> configs) throws Exception {
        admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1).configs(configs)))
                .all()
                .get();
    }

    private Producer<String, String> producer() {
        Map<String, Object> settings = Map.of("bootstrap.servers", broker.address(), "max.request.size", 10_000_000);
        return new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
    }

    private Consumer<String, String> consumer(Map<String, Object> more) {
        Map<String, Object> settings = new HashMap<>(more);
        settings.put("bootstrap.servers", broker.address());
        settings.put("auto.offset.reset", "earliest");
        return new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
    }

    private void produce(String topic, int count, String value) throws Exception {
        try (Producer<String, String> producer = producer()) {
            for (int i = 0; i < count; i++) {
                producer.send(new ProducerRecord<>(topic, "k" + i % 10, value + i))
                        .get();
            }
        }
    }

    private long offset(String topic, OffsetSpec spec) throws Exception {
        TopicPartition partition = new TopicPartition(topic, 0);
        return admin.listOffsets(Map.of(partition, spec))
                .partitionResult(partition)
                .get()
                .offset();
    }

    private void set(ConfigResource resource, String name, String value, AlterConfigOp.OpType operation)
            throws Exception {
        AlterConfigOp op = new AlterConfigOp(new ConfigEntry(name, value), operation);
        admin.incrementalAlterConfigs(Map.of(resource, List.of(op))).all().get();
    }

    private String value(ConfigResource resource, String name) throws Exception {
        return admin.describeConfigs(List.of(resource))
                .all()
                .get()
                .get(resource)
                .get(name)
                .value();
    }

    /** As the tests of Kafka Streams want it, which purge their repartition topics. */
    @Test
    void segmentsMayBeSmallerThanSegmentBytesAllows() throws Exception {
        create("small", 1, Map.of("internal.segment.bytes", "2000", "retention.ms", "-1"));
        produce("small", 20, "v".repeat(500));
        Path partition = broker.data().resolve("small-0");
        assertThat(segments(partition)).isEqualTo(7);
        RecordsToDelete all = RecordsToDelete.beforeOffset(20);
        admin.deleteRecords(Map.of(new TopicPartition("small", 0), all)).all().get();
        Awaitility.await().until(() -> segments(partition) == 1);
    }

    private static long segments(Path partition) throws IOException {
        try (Stream<Path> files = Files.list(partition)) {
            return files.filter(file -> file.toString().endsWith(".log")).count();
        }
    }

    @Test
    void configurationsTakeEffectAtOnce() throws Exception {
        create("configured", 1, Map.of());
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, "configured");
        ConfigResource cluster = new ConfigResource(ConfigResource.Type.BROKER, "");
        produce("configured", 1, "x".repeat(5000));
        set(topic, "max.message.bytes", "2000", AlterConfigOp.OpType.SET);
        assertThatThrownBy(() -> produce("configured", 1, "x".repeat(5000)))
                .hasCauseInstanceOf(RecordTooLargeException.class);
        set(topic, "max.message.bytes", "", AlterConfigOp.OpType.DELETE);
        produce("configured", 1, "x".repeat(5000));
        set(cluster, "message.max.bytes", "3000", AlterConfigOp.OpType.SET);
        assertThat(value(topic, "max.message.bytes")).isEqualTo("3000");
        assertThatThrownBy(() -> produce("configured", 1, "x".repeat(5000)))
                .hasCauseInstanceOf(RecordTooLargeException.class);
        set(cluster, "message.max.bytes", "", AlterConfigOp.OpType.DELETE);
        set(topic, "cleanup.policy", "compact", AlterConfigOp.OpType.APPEND);
        assertThat(value(topic, "cleanup.policy")).isEqualTo("delete,compact");
    }

    @Test
    void recordsAreDeletedUpToAnOffset() throws Exception {
        create("shortened", 1, Map.of());
        TopicPartition partition = new TopicPartition("shortened", 0);
        produce("shortened", 20, "v");
        assertThat(admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(7)))
                        .lowWatermarks()
                        .get(partition)
                        .get()
                        .lowWatermark())
                .isEqualTo(7);
        assertThat(offset("shortened", OffsetSpec.earliest())).isEqualTo(7);
        assertThatThrownBy(() -> admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(21)))
                        .all()
                        .get())
                .hasCauseInstanceOf(OffsetOutOfRangeException.class);
        admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(-1)))
                .all()
                .get();
        assertThat(offset("shortened", OffsetSpec.earliest())).isEqualTo(20);
        create("kept", 1, Map.of("cleanup.policy", "compact"));
        assertThatThrownBy(() -> admin.deleteRecords(
                                Map.of(new TopicPartition("kept", 0), RecordsToDelete.beforeOffset(0)))
                        .all()
                        .get())
                .hasCauseInstanceOf(PolicyViolationException.class);
    }

    @Test
    void whatIsTooOldOrTooMuchGoes() throws Exception {
        create("old", 1, Map.of("retention.ms", "1000", "segment.bytes", "1048576"));
        create("much", 1, Map.of("retention.bytes", "2000000", "segment.bytes", "1048576"));
        produce("old", 10, "v");
        produce("much", 50, "x".repeat(100_000));
        Awaitility.await()
                .untilAsserted(
                        () -> assertThat(offset("old", OffsetSpec.earliest())).isEqualTo(10));
        Awaitility.await()
                .untilAsserted(
                        () -> assertThat(offset("much", OffsetSpec.earliest())).isBetween(15L, 35L));
        assertThat(offset("much", OffsetSpec.latest())).isEqualTo(50);
    }

    @Test
    void ofEachKeyTheLatestRecordStays() throws Exception {
        create(
                "compacted",
                1,
                Map.of("cleanup.policy", "compact", "segment.ms", "100", "min.cleanable.dirty.ratio", "0.01"));
        produce("compacted", 200, "a");
        Awaitility.await().untilAsserted(() -> {
            produce("compacted", 10, "b");
            assertThat(values("compacted")).hasSizeLessThan(100);
        });
        List<String> values = values("compacted");
        for (int i = 0; i < 10; i++) {
            assertThat(values).contains("b" + i);
        }
    }

    private List<String> values(String topic) throws Exception {
        try (Consumer<String, String> consumer = consumer(Map.of())) {
            TopicPartition partition = new TopicPartition(topic, 0);
            consumer.assign(List.of(partition));
            List<String> values = new ArrayList<>();
            long end = offset(topic, OffsetSpec.latest());
            while (consumer.position(partition) < end) {
                consumer.poll(Duration.ofMillis(100)).forEach(record -> values.add(record.value()));
            }
            return values;
        }
    }

    @Test
    void logFoldersAreDescribed() throws Exception {
        create("described", 2, Map.of());
        produce("described", 10, "v");
        Map<String, LogDirDescription> folders =
                admin.describeLogDirs(List.of(1)).allDescriptions().get().get(1);
        assertThat(folders).hasSize(1);
        LogDirDescription folder = folders.values().iterator().next();
        assertThat(folder.totalBytes().getAsLong()).isPositive();
        assertThat(folder.replicaInfos().get(new TopicPartition("described", 0)).size()
                        + folder.replicaInfos()
                                .get(new TopicPartition("described", 1))
                                .size())
                .isGreaterThan(600);
    }

    @Test
    void groupsAndTheirOffsetsAreDeleted() throws Exception {
        create("grouped", 1, Map.of());
        TopicPartition partition = new TopicPartition("grouped", 0);
        produce("grouped", 5, "v");
        try (Consumer<String, String> consumer = consumer(Map.of("group.id", "doomed"))) {
            consumer.subscribe(List.of("grouped"));
            Awaitility.await()
                    .until(() -> !consumer.poll(Duration.ofMillis(100)).isEmpty());
            consumer.commitSync();
            assertThatThrownBy(() ->
                            admin.deleteConsumerGroups(List.of("doomed")).all().get())
                    .hasCauseInstanceOf(GroupNotEmptyException.class);
            assertThatThrownBy(() -> admin.deleteConsumerGroupOffsets("doomed", Set.of(partition))
                            .all()
                            .get())
                    .hasCauseInstanceOf(GroupSubscribedToTopicException.class);
        }
        Awaitility.await().ignoreExceptions().until(() -> {
            admin.deleteConsumerGroupOffsets("doomed", Set.of(partition)).all().get();
            return true;
        });
        assertThat(committed("doomed")).isEmpty();
        admin.deleteConsumerGroups(List.of("doomed")).all().get();
        assertThatThrownBy(() ->
                        admin.deleteConsumerGroups(List.of("doomed")).all().get())
                .hasCauseInstanceOf(GroupIdNotFoundException.class);
        admin.alterConsumerGroupOffsets("of-a-topic", Map.of(partition, new OffsetAndMetadata(3)))
                .all()
                .get();
        admin.deleteTopics(List.of("grouped")).all().get();
        Awaitility.await()
                .untilAsserted(() -> assertThat(committed("of-a-topic")).isEmpty());
    }

    private Map<TopicPartition, OffsetAndMetadata> committed(String group) throws Exception {
        return admin.listConsumerGroupOffsets(group)
                .partitionsToOffsetAndMetadata()
                .get();
    }

    @Test
    void aStaticMemberThatComesBackDisturbsNobody() throws Exception {
        create("static", 4, Map.of());
        List<Collection<TopicPartition>> taken = new ArrayList<>();
        Map<String, Object> settings = Map.of("group.id", "static", "session.timeout.ms", 30_000);
        Map<String, Object> firstSettings = new HashMap<>(settings);
        firstSettings.put("group.instance.id", "first");
        Map<String, Object> secondSettings = new HashMap<>(settings);
        secondSettings.put("group.instance.id", "second");
        ConsumerRebalanceListener listener = new ConsumerRebalanceListener() {
            @Override
            public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
                taken.add(partitions);
            }

            @Override
            public void onPartitionsAssigned(Collection<TopicPartition> partitions) {}
        };
        try (Consumer<String, String> first = consumer(firstSettings)) {
            first.subscribe(List.of("static"), listener);
            Consumer<String, String> second = consumer(secondSettings);
            second.subscribe(List.of("static"));
            settle(first, second);
            Set<TopicPartition> before = second.assignment();
            second.close();
            taken.clear();
            try (Consumer<String, String> returned = consumer(secondSettings)) {
                returned.subscribe(List.of("static"));
                settle(first, returned);
                assertThat(returned.assignment()).isEqualTo(before);
            }
            first.poll(Duration.ofMillis(500));
            assertThat(taken).isEmpty();
        }
    }

    private static void settle(Consumer<String, String> first, Consumer<String, String> second) {
        Awaitility.await().until(() -> {
            first.poll(Duration.ofMillis(50));
            second.poll(Duration.ofMillis(50));
            return first.assignment().size() == 2 && second.assignment().size() == 2;
        });
    }
}

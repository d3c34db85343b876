package io.gregor.compat.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gregor.compat.GregorProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.AbortTransactionSpec;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Transactions as Apache Kafka's Java clients make them. */
@Tag("once")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TransactionsTest {

    private final GregorProcess broker;

    TransactionsTest(@TempDir Path folder) throws Exception {
        broker = GregorProcess.start(
                folder,
                "transaction.abort.timed.out.transaction.cleanup.interval.ms=100",
                "offsets.topic.num.partitions=5");
    }

    @AfterAll
    void stopsCleanly() throws Exception {
        assertThat(broker.stop()).isZero();
        broker.close();
    }

    private Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", broker.address()));
    }

    private void create(String topic, int partitions) throws Exception {
        try (Admin admin = admin()) {
            admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1)))
                    .all()
                    .get();
        }
    }

    private Producer<String, String> producer(String transactionalId, Map<String, Object> more) {
        Map<String, Object> settings = new HashMap<>(more);
        settings.put("bootstrap.servers", broker.address());
        settings.put("transactional.id", transactionalId);
        return new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
    }

    private Consumer<String, String> consumer(String isolation, Map<String, Object> more) {
        Map<String, Object> settings = new HashMap<>(more);
        settings.put("bootstrap.servers", broker.address());
        settings.put("isolation.level", isolation);
        settings.put("auto.offset.reset", "earliest");
        settings.put("enable.auto.commit", false);
        return new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
    }

    /** All values of a topic, up to the end that such a reader sees now. */
    private List<String> values(String topic, String isolation) throws Exception {
        try (Consumer<String, String> consumer = consumer(isolation, Map.of())) {
            TopicPartition partition = new TopicPartition(topic, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            List<String> values = new ArrayList<>();
            while (consumer.position(partition) < end) {
                consumer.poll(Duration.ofMillis(100)).forEach(record -> values.add(record.value()));
            }
            return values;
        }
    }

    @Test
    void onlyWhatIsCommittedIsSeen() throws Exception {
        create("seen", 1);
        List<String> committed = new ArrayList<>();
        List<String> all = new ArrayList<>();
        try (Producer<String, String> producer = producer("seen", Map.of())) {
            producer.initTransactions();
            for (int i = 0; i < 12; i++) {
                producer.beginTransaction();
                List<Future<RecordMetadata>> sent = new ArrayList<>();
                for (int r = 0; r <= i; r++) {
                    String value = "t" + i + "-" + r;
                    sent.add(producer.send(new ProducerRecord<>("seen", value)));
                    all.add(value);
                    if (i % 3 != 1) {
                        committed.add(value);
                    }
                }
                if (i % 3 == 1) {
                    for (Future<RecordMetadata> one : sent) {
                        one.get();
                    }
                    producer.abortTransaction();
                } else {
                    producer.commitTransaction();
                }
            }
            producer.beginTransaction();
            producer.send(new ProducerRecord<>("seen", "open"));
            producer.flush();
            all.add("open");
            assertThat(values("seen", "read_committed")).isEqualTo(committed);
            assertThat(values("seen", "read_uncommitted")).isEqualTo(all);
            producer.commitTransaction();
            committed.add("open");
        }
        Awaitility.await()
                .untilAsserted(
                        () -> assertThat(values("seen", "read_committed")).isEqualTo(committed));
    }

    @Test
    void aReaderThatWaitsIsWokenByTheCommit() throws Exception {
        create("woken", 1);
        try (Producer<String, String> producer = producer("woken", Map.of());
                Consumer<String, String> consumer = consumer("read_committed", Map.of("fetch.max.wait.ms", 20_000))) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>("woken", "x")).get();
            consumer.assign(List.of(new TopicPartition("woken", 0)));
            assertThat(consumer.poll(Duration.ofMillis(500))).isEmpty();
            producer.commitTransaction();
            assertThat(consumer.poll(Duration.ofSeconds(10))).hasSize(1);
        }
    }

    @Test
    void offsetsBecomeValidWithTheTransaction() throws Exception {
        create("offsets-in", 1);
        create("offsets-out", 1);
        TopicPartition in = new TopicPartition("offsets-in", 0);
        try (Producer<String, String> producer = producer("offsets", Map.of());
                Consumer<String, String> consumer = consumer("read_committed", Map.of("group.id", "offsets"));
                Admin admin = admin()) {
            producer.initTransactions();
            consumer.subscribe(List.of("offsets-in"));
            Awaitility.await().until(() -> {
                consumer.poll(Duration.ofMillis(100));
                return !consumer.assignment().isEmpty();
            });
            // The client would give the answer to the fetch of its first position to whoever asks the same meanwhile.
            consumer.position(in);
            producer.beginTransaction();
            producer.send(new ProducerRecord<>("offsets-out", "x"));
            producer.sendOffsetsToTransaction(Map.of(in, new OffsetAndMetadata(5, "m")), consumer.groupMetadata());
            producer.abortTransaction();
            assertThat(committed(admin, in)).isNull();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>("offsets-out", "y"));
            producer.sendOffsetsToTransaction(Map.of(in, new OffsetAndMetadata(7, "n")), consumer.groupMetadata());
            // Until that is decided, whoever asks for stable offsets has to wait.
            assertThatThrownBy(() -> consumer.committed(Set.of(in), Duration.ofSeconds(1)))
                    .isInstanceOf(TimeoutException.class);
            producer.commitTransaction();
            Awaitility.await()
                    .ignoreExceptions()
                    .untilAsserted(() -> assertThat(committed(admin, in)).isEqualTo(new OffsetAndMetadata(7, "n")));
            ConsumerGroupMetadata again = consumer.groupMetadata();
            producer.beginTransaction();
            producer.sendOffsetsToTransaction(Map.of(in, new OffsetAndMetadata(8)), again);
            producer.commitTransaction();
        }
    }

    private static OffsetAndMetadata committed(Admin admin, TopicPartition partition) throws Exception {
        return admin.listConsumerGroupOffsets(
                        Map.of("offsets", new ListConsumerGroupOffsetsSpec().topicPartitions(List.of(partition))),
                        new ListConsumerGroupOffsetsOptions()
                                .requireStable(true)
                                .timeoutMs((int) GregorProcess.PATIENCE.toMillis()))
                .partitionsToOffsetAndMetadata("offsets")
                .get()
                .get(partition);
    }

    @Test
    void anotherProducerWithTheIdFencesTheFirst() throws Exception {
        create("fenced", 1);
        try (Producer<String, String> first = producer("fenced", Map.of());
                Producer<String, String> second = producer("fenced", Map.of())) {
            first.initTransactions();
            first.beginTransaction();
            first.send(new ProducerRecord<>("fenced", "lost")).get();
            second.initTransactions();
            assertThatThrownBy(first::commitTransaction).isInstanceOf(ProducerFencedException.class);
            second.beginTransaction();
            second.send(new ProducerRecord<>("fenced", "kept"));
            second.commitTransaction();
        }
        Awaitility.await()
                .untilAsserted(
                        () -> assertThat(values("fenced", "read_committed")).containsExactly("kept"));
    }

    @Test
    void aTransactionThatTakesTooLongIsAborted() throws Exception {
        create("slow", 1);
        try (Producer<String, String> producer = producer("slow", Map.of("transaction.timeout.ms", 500))) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>("slow", "lost")).get();
            Awaitility.await()
                    .untilAsserted(
                            () -> assertThat(describe("slow").state()).isEqualTo(TransactionState.COMPLETE_ABORT));
            assertThatThrownBy(producer::commitTransaction).isInstanceOf(KafkaException.class);
        }
        assertThat(values("slow", "read_committed")).isEmpty();
    }

    private TransactionDescription describe(String transactionalId) throws Exception {
        try (Admin admin = admin()) {
            return admin.describeTransactions(List.of(transactionalId))
                    .description(transactionalId)
                    .get();
        }
    }

    @Test
    void administratorsSeeAndEndTransactions() throws Exception {
        create("seen-by-admin", 1);
        TopicPartition partition = new TopicPartition("seen-by-admin", 0);
        try (Producer<String, String> producer = producer("admin", Map.of());
                Admin admin = admin()) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>("seen-by-admin", "x")).get();
            TransactionDescription description = describe("admin");
            assertThat(description.state()).isEqualTo(TransactionState.ONGOING);
            assertThat(description.topicPartitions()).isEqualTo(Set.of(partition));
            assertThat(admin.listTransactions().all().get())
                    .anyMatch(listing ->
                            listing.transactionalId().equals("admin") && listing.state() == TransactionState.ONGOING);
            ProducerState state = admin.describeProducers(List.of(partition))
                    .partitionResult(partition)
                    .get()
                    .activeProducers()
                    .get(0);
            assertThat(state.producerId()).isEqualTo(description.producerId());
            assertThat(state.currentTransactionStartOffset()).hasValue(0);
            admin.abortTransaction(new AbortTransactionSpec(
                            partition,
                            state.producerId(),
                            (short) state.producerEpoch(),
                            state.coordinatorEpoch().orElse(0)))
                    .all()
                    .get();
            assertThat(admin.describeProducers(List.of(partition))
                            .partitionResult(partition)
                            .get()
                            .activeProducers()
                            .get(0)
                            .currentTransactionStartOffset())
                    .isEmpty();
            admin.fenceProducers(List.of("admin")).all().get();
            assertThatThrownBy(producer::commitTransaction).isInstanceOf(KafkaException.class);
        }
    }
}

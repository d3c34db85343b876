package io.gregor.compat.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.compat.GregorProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.IntegerDeserializer;
import org.apache.kafka.common.serialization.IntegerSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Twenty workers consume, transform and produce in transactions, while workers crash, transactions are aborted and the
 * broker is killed: every input comes out once, and no committed offset ever goes back.
 */
@Tag("once")
class ExactlyOnceTest {
    private static final int WORKERS = 20;
    private static final int PARTITIONS = 20;
    private static final int INPUTS = Integer.getInteger("exactly.once.inputs", 9_000);
    private static final int INPUTS_A_SECOND = 1000;
    private static final int INPUTS_BETWEEN_KILLS = 800;
    private static final String GROUP = "workers";

    private final AtomicBoolean done = new AtomicBoolean();
    private final AtomicInteger fed = new AtomicInteger();
    private final AtomicInteger crashes = new AtomicInteger();
    private final ConcurrentLinkedQueue<String> steppedBack = new ConcurrentLinkedQueue<>();
    private final List<Thread> threads = new ArrayList<>();

    @Test
    void everyInputComesOutOnce(@TempDir Path folder) throws Exception {
        try (GregorProcess broker = GregorProcess.start(
                folder,
                "group.consumer.min.session.timeout.ms=1000",
                "group.consumer.session.timeout.ms=6000",
                "group.consumer.min.heartbeat.interval.ms=100",
                "group.consumer.heartbeat.interval.ms=500")) {
            try (Admin admin = Admin.create(settings(broker))) {
                admin.createTopics(
                                List.of(new NewTopic("in", PARTITIONS, (short) 1), new NewTopic("out", 4, (short) 1)))
                        .all()
                        .get();
            }
            begin(() -> feed(broker));
            begin(() -> watchOffsets(broker));
            for (int i = 0; i < WORKERS; i++) {
                int worker = i;
                begin(() -> work(broker, worker));
            }
            int kills = 0;
            while (fed.get() < INPUTS) {
                int next = Math.min(INPUTS, fed.get() + INPUTS_BETWEEN_KILLS);
                Awaitility.await().atMost(Duration.ofMinutes(2)).until(() -> fed.get() >= next);
                broker.kill();
                broker.startAgain();
                kills++;
            }
            Awaitility.await()
                    .atMost(Duration.ofMinutes(3))
                    .pollInterval(Duration.ofSeconds(1))
                    .until(() -> read(broker).size() >= INPUTS);
            done.set(true);
            for (Thread thread : threads) {
                thread.join();
            }
            List<Integer> out = read(broker);
            assertThat(out).hasSize(INPUTS);
            assertThat(out.stream().distinct().count()).isEqualTo(INPUTS);
            assertThat(steppedBack).as("offsets that went back").isEmpty();
            assertThat(kills).isGreaterThan(5);
            assertThat(crashes.get()).as("workers that crashed").isGreaterThan(5);
        }
    }

    private void begin(Runnable task) {
        Thread thread = new Thread(task);
        threads.add(thread);
        thread.start();
    }

    private static Map<String, Object> settings(GregorProcess broker) {
        return new HashMap<>(Map.of(
                "bootstrap.servers", broker.address(), "reconnect.backoff.max.ms", 200, "request.timeout.ms", 5000));
    }

    private static Producer<Integer, Integer> producer(GregorProcess broker, Map<String, Object> more) {
        Map<String, Object> settings = settings(broker);
        settings.putAll(more);
        return new KafkaProducer<>(settings, new IntegerSerializer(), new IntegerSerializer());
    }

    private static Consumer<Integer, Integer> consumer(GregorProcess broker, Map<String, Object> more) {
        Map<String, Object> settings = settings(broker);
        settings.put("isolation.level", "read_committed");
        settings.put("enable.auto.commit", false);
        settings.put("auto.offset.reset", "earliest");
        settings.putAll(more);
        return new KafkaConsumer<>(settings, new IntegerDeserializer(), new IntegerDeserializer());
    }

    private void feed(GregorProcess broker) {
        try (Producer<Integer, Integer> producer = producer(broker, Map.of("delivery.timeout.ms", 120_000))) {
            for (int i = 0; i < INPUTS; i++) {
                producer.send(new ProducerRecord<>("in", i, i));
                if (i % (INPUTS_A_SECOND / 10) == 0) {
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
                    fed.set(i);
                }
            }
            producer.flush();
            fed.set(INPUTS);
        }
    }

    /** Where a group is: it only ever goes on. */
    private void watchOffsets(GregorProcess broker) {
        Map<TopicPartition, Long> last = new HashMap<>();
        try (Admin admin = Admin.create(settings(broker))) {
            while (!done.get()) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
                admin.listConsumerGroupOffsets(GROUP)
                        .partitionsToOffsetAndMetadata()
                        .whenComplete((offsets, error) -> {
                            if (error == null) {
                                offsets.forEach((partition, offset) -> note(last, partition, offset.offset()));
                            }
                        });
            }
        }
    }

    private void note(Map<TopicPartition, Long> last, TopicPartition partition, long offset) {
        Long before = last.put(partition, offset);
        if (before != null && offset < before) {
            steppedBack.add(partition + " from " + before + " to " + offset);
        }
    }

    /** The members of the group speak either protocol: it changes from one to the other and back. */
    private static Map<String, Object> membership(Random random) {
        return random.nextBoolean()
                ? Map.of("group.id", GROUP, "max.poll.records", 50, "group.protocol", "consumer")
                : Map.of("group.id", GROUP, "max.poll.records", 50, "session.timeout.ms", 6000);
    }

    private void work(GregorProcess broker, int worker) {
        Random random = new Random(worker);
        while (!done.get()) {
            Producer<Integer, Integer> producer = producer(
                    broker,
                    Map.of(
                            "transactional.id",
                            "worker-" + worker,
                            "max.block.ms",
                            20_000,
                            "delivery.timeout.ms",
                            20_000));
            Consumer<Integer, Integer> consumer = consumer(broker, membership(random));
            try {
                producer.initTransactions();
                consumer.subscribe(List.of("in"));
                while (!done.get() && random.nextInt(150) > 0) {
                    transact(consumer, producer, random);
                }
            } catch (KafkaException e) {
                // Fenced, or the broker was away for too long: a new one takes over.
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
            } finally {
                crashes.incrementAndGet();
                // As one that crashes: nobody is told.
                producer.close(Duration.ZERO);
                consumer.close(CloseOptions.timeout(Duration.ZERO)
                        .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.REMAIN_IN_GROUP));
            }
        }
    }

    private static void transact(
            Consumer<Integer, Integer> consumer, Producer<Integer, Integer> producer, Random random) {
        ConsumerRecords<Integer, Integer> records = consumer.poll(Duration.ofMillis(100));
        if (records.isEmpty()) {
            return;
        }
        Map<TopicPartition, OffsetAndMetadata> next = new HashMap<>();
        Map<TopicPartition, Long> first = new HashMap<>();
        producer.beginTransaction();
        for (ConsumerRecord<Integer, Integer> record : records) {
            TopicPartition partition = new TopicPartition(record.topic(), record.partition());
            first.putIfAbsent(partition, record.offset());
            next.put(partition, new OffsetAndMetadata(record.offset() + 1));
            producer.send(new ProducerRecord<>("out", record.key(), record.value()));
        }
        producer.sendOffsetsToTransaction(next, consumer.groupMetadata());
        if (random.nextInt(10) == 0) {
            producer.abortTransaction();
            first.forEach(consumer::seek);
        } else {
            producer.commitTransaction();
        }
    }

    private static List<Integer> read(GregorProcess broker) {
        List<Integer> values = new ArrayList<>();
        try (Consumer<Integer, Integer> consumer = consumer(broker, Map.of())) {
            List<TopicPartition> all = consumer.partitionsFor("out").stream()
                    .map(info -> new TopicPartition("out", info.partition()))
                    .toList();
            consumer.assign(all);
            Map<TopicPartition, Long> ends = consumer.endOffsets(all);
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                consumer.poll(Duration.ofSeconds(1)).forEach(record -> values.add(record.value()));
            }
        }
        return values;
    }
}

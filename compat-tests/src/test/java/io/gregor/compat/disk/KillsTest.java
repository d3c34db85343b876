package io.gregor.compat.disk;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.compat.GregorProcess;
import io.gregor.compat.TopicReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kill -9 time after time under a mixed load: plain, idempotent and transactional writers, flushed and not, while logs
 * roll and are compacted. What was acknowledged is there, once, in order; a transaction is there whole or not at all.
 */
class KillsTest {
    private static final int ROUNDS = Integer.getInteger("kills.rounds", 10);
    private static final int KEYS = 50;
    private static final String SMALL = "65536";

    @TempDir
    Path folder;

    private final AtomicBoolean stop = new AtomicBoolean();
    private final List<Thread> threads = new ArrayList<>();
    private final Map<String, ConcurrentLinkedQueue<Integer>> acknowledged = new ConcurrentHashMap<>();
    private final Map<Integer, Integer> latestOfKey = new ConcurrentHashMap<>();
    private final Set<Integer> committed = ConcurrentHashMap.newKeySet();
    private final Set<Integer> aborted = ConcurrentHashMap.newKeySet();

    @Test
    void nothingIsLostOrDoubled() throws Exception {
        GregorProcess broker = GregorProcess.start(
                folder,
                "log.cleaner.backoff.ms=200",
                "log.segment.delete.delay.ms=500",
                "offsets.topic.num.partitions=4",
                "transaction.state.log.num.partitions=4");
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.address()))) {
            admin.createTopics(List.of(
                            topic("plain", Map.of()),
                            topic("idempotent", Map.of()),
                            topic("flushed", Map.of("flush.messages", "1")),
                            topic(
                                    "compacted",
                                    Map.of("cleanup.policy", "compact", "min.cleanable.dirty.ratio", "0.01")),
                            topic("one", Map.of("flush.messages", "1")),
                            topic("other", Map.of())))
                    .all()
                    .get();
        }
        begin(() -> write(broker, "plain", Map.of("enable.idempotence", false, "retries", 0)));
        begin(() -> write(broker, "idempotent", Map.of()));
        begin(() -> write(broker, "flushed", Map.of()));
        begin(() -> writeKeyed(broker));
        begin(() -> transact(broker));
        Random random = new Random(5);
        for (int round = 0; round < ROUNDS; round++) {
            awaitProgress(1 + random.nextInt(4));
            broker.kill();
            broker.startAgain();
            assertThat(broker.output()).as("round %d", round).doesNotContain(" ERROR ");
        }
        awaitProgress(1);
        awaitCompaction(broker);
        stop.set(true);
        for (Thread thread : threads) {
            thread.join();
        }
        check(broker);
        assertThat(broker.stop()).isZero();
        broker.close();
    }

    private static NewTopic topic(String name, Map<String, String> more) {
        Map<String, String> configs = new HashMap<>(more);
        configs.put("segment.bytes", "1048576");
        configs.put("segment.index.bytes", SMALL);
        return new NewTopic(name, 1, (short) 1).configs(configs);
    }

    private void begin(Runnable writer) {
        Thread thread = new Thread(writer);
        threads.add(thread);
        thread.start();
    }

    /** Every writer has had so many more successes, each of some records. */
    private void awaitProgress(int successes) {
        Map<String, Integer> before = progress();
        // To count them takes a while when there are many.
        Awaitility.await().pollInterval(Duration.ofMillis(100)).until(() -> {
            Map<String, Integer> now = progress();
            return now.size() == threads.size()
                    && now.entrySet().stream()
                            .allMatch(entry -> entry.getValue() >= before.getOrDefault(entry.getKey(), 0) + successes);
        });
    }

    /** Until compaction has removed something, which takes more than a segment of records, however few the rounds. */
    private void awaitCompaction(GregorProcess broker) {
        Awaitility.await().pollInterval(Duration.ofMillis(100)).until(() -> {
            int written = acknowledged.get("compacted").size();
            return TopicReader.read(broker.address(), "compacted").size() < written;
        });
    }

    private Map<String, Integer> progress() {
        Map<String, Integer> progress = new HashMap<>();
        acknowledged.forEach((topic, values) -> progress.put(topic, values.size() / 60));
        progress.put("transactions", committed.size() / 3);
        return progress;
    }

    private static Map<String, Object> settings(GregorProcess broker, Map<String, Object> more) {
        Map<String, Object> settings = new HashMap<>(Map.of(
                "bootstrap.servers", broker.address(),
                "acks", "all",
                "linger.ms", 1,
                "delivery.timeout.ms", 120_000,
                "request.timeout.ms", 10_000,
                "reconnect.backoff.max.ms", 100));
        settings.putAll(more);
        return settings;
    }

    private static Producer<String, String> producer(GregorProcess broker, Map<String, Object> more) {
        return new KafkaProducer<>(settings(broker, more), new StringSerializer(), new StringSerializer());
    }

    private void write(GregorProcess broker, String topic, Map<String, Object> more) {
        ConcurrentLinkedQueue<Integer> own = acknowledged.computeIfAbsent(topic, t -> new ConcurrentLinkedQueue<>());
        try (Producer<String, String> producer = producer(broker, more)) {
            for (int i = 0; !stop.get(); i++) {
                int value = i;
                producer.send(new ProducerRecord<>(topic, 0, null, padded(value)), (metadata, error) -> {
                    if (error == null) {
                        own.add(value);
                    }
                });
                if (i % 20 == 0) {
                    pause(producer);
                }
            }
        }
    }

    /** There is more to find in many small batches than in a few large ones. */
    private static void pause(Producer<String, String> producer) {
        producer.flush();
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }

    private static String padded(int value) {
        return value + " " + "x".repeat(value % 200);
    }

    private static int valueOf(String padded) {
        return Integer.parseInt(padded.substring(0, padded.indexOf(' ')));
    }

    private void writeKeyed(GregorProcess broker) {
        ConcurrentLinkedQueue<Integer> own =
                acknowledged.computeIfAbsent("compacted", t -> new ConcurrentLinkedQueue<>());
        try (Producer<String, String> producer = producer(broker, Map.of())) {
            for (int i = 0; !stop.get(); i++) {
                int value = i;
                int key = i * 7 % KEYS;
                producer.send(
                        new ProducerRecord<>("compacted", 0, String.valueOf(key), padded(value)), (metadata, error) -> {
                            if (error == null) {
                                own.add(value);
                                latestOfKey.merge(key, value, Math::max);
                            }
                        });
                if (i % 20 == 0) {
                    pause(producer);
                }
            }
        }
    }

    /** Each transaction writes its number into two topics; every fifth is aborted. One of unknown end is in no set. */
    private void transact(GregorProcess broker) {
        int number = 0;
        while (!stop.get()) {
            Map<String, Object> settings = Map.of("transactional.id", "kills", "max.block.ms", 60_000);
            try (Producer<String, String> producer = producer(broker, settings)) {
                producer.initTransactions();
                while (!stop.get()) {
                    transact(producer, ++number);
                }
            } catch (KafkaException e) {
                // The broker died in the middle; the next producer goes on.
                number++;
            }
        }
    }

    private void transact(Producer<String, String> producer, int number) {
        producer.beginTransaction();
        for (int i = 0; i < 5; i++) {
            producer.send(new ProducerRecord<>("one", 0, null, padded(number)));
            producer.send(new ProducerRecord<>("other", 0, null, padded(number)));
        }
        if (number % 5 == 0) {
            producer.flush();
            aborted.add(number);
            producer.abortTransaction();
        } else {
            producer.commitTransaction();
            committed.add(number);
        }
    }

    private static List<Integer> read(GregorProcess broker, String topic) {
        return TopicReader.values(broker.address(), topic).stream()
                .map(KillsTest::valueOf)
                .toList();
    }

    private void check(GregorProcess broker) {
        for (String topic : List.of("plain", "idempotent", "flushed")) {
            List<Integer> read = read(broker, topic);
            assertThat(read).as(topic).isSorted();
            Set<Integer> distinct = new HashSet<>(read);
            assertThat(distinct).as(topic).hasSize(read.size());
            assertThat(distinct.containsAll(acknowledged.get(topic))).as(topic).isTrue();
        }
        Map<Integer, Integer> latest = new HashMap<>();
        List<Integer> left = new ArrayList<>();
        TopicReader.read(broker.address(), "compacted").forEach(record -> {
            left.add(valueOf(record.value()));
            latest.put(Integer.parseInt(record.key()), valueOf(record.value()));
        });
        assertThat(left)
                .as("compacted")
                .isSorted()
                .hasSizeLessThan(acknowledged.get("compacted").size());
        latestOfKey.forEach(
                (key, value) -> assertThat(latest.get(key)).as("key %d", key).isGreaterThanOrEqualTo(value));
        List<Integer> one = read(broker, "one");
        assertThat(one).isSorted().isEqualTo(read(broker, "other"));
        Map<Integer, Long> times = one.stream().collect(Collectors.groupingBy(n -> n, Collectors.counting()));
        assertThat(times.values()).as("each transaction is whole").containsOnly(5L);
        assertThat(times.keySet().containsAll(committed))
                .as("all that was committed")
                .isTrue();
        assertThat(times.keySet()).as("nothing that was aborted").doesNotContainAnyElementsOf(aborted);
    }
}

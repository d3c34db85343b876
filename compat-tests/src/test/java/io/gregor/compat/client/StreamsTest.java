package io.gregor.compat.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.compat.GregorProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.LongDeserializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kafka Streams 4.3.1 with exactly_once_v2: two instances with standby tasks count through a repartition topic and join
 * with a table, while one of them is replaced and the broker is killed.
 */
@Tag("once")
class StreamsTest {
    private static final int PARTITIONS = 4;
    private static final int INPUTS = 30_000;
    private static final int WORDS = 40;

    @TempDir
    Path folder;

    private static Topology topology() {
        StreamsBuilder builder = new StreamsBuilder();
        KStream<String, String> lines = builder.stream("lines", Consumed.with(Serdes.String(), Serdes.String()));
        KTable<String, String> owners = builder.table(
                "owners",
                Consumed.with(Serdes.String(), Serdes.String()),
                Materialized.as(Stores.inMemoryKeyValueStore("owners")));
        lines.selectKey((key, word) -> word)
                .groupByKey(Grouped.with(Serdes.String(), Serdes.String()))
                .count(Materialized.<String, Long>as(Stores.inMemoryKeyValueStore("counts"))
                        .withKeySerde(Serdes.String())
                        .withValueSerde(Serdes.Long()))
                .toStream()
                .to("counts", Produced.with(Serdes.String(), Serdes.Long()));
        lines.join(owners, (word, owner) -> owner)
                .groupByKey(Grouped.with(Serdes.String(), Serdes.String()))
                .count(Materialized.<String, Long, KeyValueStore<Bytes, byte[]>>with(Serdes.String(), Serdes.Long())
                        .withStoreType(Materialized.StoreType.IN_MEMORY))
                .toStream()
                .to("joined", Produced.with(Serdes.String(), Serdes.Long()));
        return builder.build();
    }

    private KafkaStreams instance(GregorProcess broker, String name) {
        Properties settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, "app");
        settings.put(StreamsConfig.CLIENT_ID_CONFIG, name);
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, broker.address());
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        settings.put(StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG, 1);
        settings.put(StreamsConfig.STATE_DIR_CONFIG, folder.resolve(name).toString());
        settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 100);
        settings.put(StreamsConfig.consumerPrefix("session.timeout.ms"), 6000);
        settings.put("reconnect.backoff.max.ms", 200);
        KafkaStreams streams = new KafkaStreams(topology(), settings);
        streams.start();
        return streams;
    }

    @Test
    void countsAndJoinsEachRecordOnce() throws Exception {
        Map<String, Long> counts = new TreeMap<>();
        Map<String, Long> joined = new TreeMap<>();
        try (GregorProcess broker = GregorProcess.start(folder)) {
            createTopics(broker);
            KafkaStreams first = instance(broker, "first");
            KafkaStreams second = instance(broker, "second");
            try (Producer<String, String> producer = producer(broker)) {
                for (int key = 0; key < WORDS; key += 2) {
                    producer.send(new ProducerRecord<>("owners", "key" + key, "owner" + key));
                }
                producer.flush();
                // The table has to be there before what is joined with it.
                Awaitility.await()
                        .until(() -> first.state() == KafkaStreams.State.RUNNING
                                && second.state() == KafkaStreams.State.RUNNING);
                awaitOwners(broker);
                feed(producer, counts, joined, INPUTS / 3);
                second.close(Duration.ofSeconds(20));
                feed(producer, counts, joined, INPUTS / 3);
                broker.kill();
                broker.startAgain();
                KafkaStreams third = instance(broker, "third");
                feed(producer, counts, joined, INPUTS / 3);
                awaitResult(broker, "counts", counts);
                awaitResult(broker, "joined", joined);
                third.close(Duration.ofSeconds(20));
            }
            first.close(Duration.ofSeconds(20));
        }
    }

    /** Until all of the table has been read, and that is committed. */
    private static void awaitOwners(GregorProcess broker) {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.address()))) {
            Awaitility.await().until(() -> {
                long[] read = new long[1];
                admin.listConsumerGroupOffsets("app")
                        .partitionsToOffsetAndMetadata()
                        .get()
                        .forEach((partition, offset) ->
                                read[0] += partition.topic().equals("owners") ? offset.offset() : 0);
                return read[0] == WORDS / 2;
            });
        }
    }

    private static void createTopics(GregorProcess broker) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.address()))) {
            admin.createTopics(List.of(
                            new NewTopic("lines", PARTITIONS, (short) 1),
                            new NewTopic("owners", PARTITIONS, (short) 1).configs(Map.of("cleanup.policy", "compact")),
                            new NewTopic("counts", 1, (short) 1),
                            new NewTopic("joined", 1, (short) 1)))
                    .all()
                    .get();
        }
    }

    private static Producer<String, String> producer(GregorProcess broker) {
        return new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.address(), "linger.ms", 5, "reconnect.backoff.max.ms", 200),
                new StringSerializer(),
                new StringSerializer());
    }

    private static void feed(
            Producer<String, String> producer, Map<String, Long> counts, Map<String, Long> joined, int times) {
        Random random = new Random(times);
        for (int i = 0; i < times; i++) {
            String word = "word" + random.nextInt(WORDS);
            int key = random.nextInt(WORDS);
            producer.send(new ProducerRecord<>("lines", "key" + key, word));
            counts.merge(word, 1L, Long::sum);
            if (key % 2 == 0) {
                joined.merge("key" + key, 1L, Long::sum);
            }
        }
        producer.flush();
    }

    /** The latest count of each word is right, none was ever beyond it. */
    private static void awaitResult(GregorProcess broker, String topic, Map<String, Long> expected) {
        Map<String, Long> latest = new TreeMap<>();
        Map<String, Object> settings =
                new HashMap<>(Map.of("bootstrap.servers", broker.address(), "isolation.level", "read_committed"));
        try (Consumer<String, Long> consumer =
                new KafkaConsumer<>(settings, new StringDeserializer(), new LongDeserializer())) {
            TopicPartition partition = new TopicPartition(topic, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            Awaitility.await().atMost(Duration.ofMinutes(2)).untilAsserted(() -> {
                consumer.poll(Duration.ofMillis(200)).forEach(record -> {
                    Long before = latest.put(record.key(), record.value());
                    assertThat(record.value()).isGreaterThan(before == null ? 0L : before);
                });
                assertThat(latest).isEqualTo(expected);
            });
        }
    }
}

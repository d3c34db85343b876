import java.lang.reflect.Method;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.AdminClient;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Runs the scenarios of kafka-clients and prints what became of each. It uses only what all versions from 0.11 on have,
 * but for polling, which none has in common.
 */
public final class Scenarios {
    private static final String BOOTSTRAP = System.getenv("BOOTSTRAP");
    private static final ExecutorService THREADS = Executors.newCachedThreadPool(work -> {
        Thread thread = new Thread(work);
        thread.setDaemon(true);
        return thread;
    });

    private final String prefix;
    private final int major;

    private Scenarios(String version) {
        prefix = "java-" + version + "-";
        major = Integer.parseInt(version.substring(0, version.indexOf('.')));
    }

    private interface Scenario {
        void play() throws Exception;
    }

    public static void main(String[] arguments) {
        Scenarios scenarios = new Scenarios(arguments[0]);
        Map<String, Scenario> all = new LinkedHashMap<>();
        all.put("compression", scenarios::compression);
        all.put("keys and headers", scenarios::headers);
        all.put("idempotent", scenarios::idempotent);
        all.put("transactional", scenarios::transactional);
        all.put("a group with a join and a leave", () -> scenarios.group(new HashMap<>(), "group"));
        if (scenarios.major >= 4) {
            Map<String, Object> settings = new HashMap<>(Collections.singletonMap("group.protocol", "consumer"));
            all.put("a group of the consumer protocol", () -> scenarios.group(settings, "consumer-group"));
        }
        all.put("offsets by time", scenarios::times);
        all.put("admin", scenarios::admin);
        all.put("large messages", scenarios::large);
        all.put("restart of the broker", scenarios::restart);
        boolean failed = false;
        for (Map.Entry<String, Scenario> one : all.entrySet()) {
            String outcome = outcome(one.getValue());
            failed |= !outcome.equals("ok");
            System.out.println(String.join("\t", "kafka-clients", arguments[0], one.getKey(), outcome));
        }
        System.exit(failed ? 1 : 0);
    }

    private static String outcome(Scenario scenario) {
        Future<?> playing = THREADS.submit((Callable<Void>) () -> {
            scenario.play();
            return null;
        });
        try {
            playing.get(1, TimeUnit.MINUTES);
            return "ok";
        } catch (Exception e) {
            Throwable reason = e.getCause() == null ? e : e.getCause();
            return "FAILED: " + reason.toString().split("\n")[0];
        }
    }

    private static void check(boolean condition, String what) {
        if (!condition) {
            throw new IllegalStateException(what);
        }
    }

    private static AdminClient admin(Map<String, Object> settings) {
        settings.put("bootstrap.servers", BOOTSTRAP);
        return AdminClient.create(settings);
    }

    private String createTopic(String name, int partitions) throws Exception {
        try (AdminClient admin = admin(new HashMap<>())) {
            admin.createTopics(Collections.singleton(new NewTopic(prefix + name, partitions, (short) 1))).all().get();
        }
        return prefix + name;
    }

    /** The settings are keys and values in turn. */
    private static KafkaProducer<byte[], byte[]> producer(Object... settings) {
        Map<String, Object> all = new HashMap<>();
        all.put("bootstrap.servers", BOOTSTRAP);
        all.put("acks", "all");
        all.put("retries", 100);
        for (int i = 0; i < settings.length; i += 2) {
            all.put((String) settings[i], settings[i + 1]);
        }
        return new KafkaProducer<>(all, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private static KafkaConsumer<byte[], byte[]> consumer(Map<String, Object> settings) {
        Map<String, Object> all = new HashMap<>(settings);
        all.put("bootstrap.servers", BOOTSTRAP);
        all.put("auto.offset.reset", "earliest");
        all.put("isolation.level", "read_committed");
        return new KafkaConsumer<>(all, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /** {@code poll(long)} went with 4.0, {@code poll(Duration)} came with 2.0. */
    @SuppressWarnings("unchecked")
    private ConsumerRecords<byte[], byte[]> poll(KafkaConsumer<byte[], byte[]> consumer) throws Exception {
        Class<?> type = major >= 2 ? Duration.class : long.class;
        Method poll = KafkaConsumer.class.getMethod("poll", type);
        Object time = major >= 2 ? Duration.ofMillis(100) : (Object) 100L;
        return (ConsumerRecords<byte[], byte[]>) poll.invoke(consumer, time);
    }

    private List<ConsumerRecord<byte[], byte[]>> read(String topic, int count) throws Exception {
        List<ConsumerRecord<byte[], byte[]>> read = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(Collections.singletonMap("group.id", "read-" + topic))) {
            consumer.assign(Collections.singleton(new TopicPartition(topic, 0)));
            consumer.seekToBeginning(consumer.assignment());
            while (read.size() < count) {
                poll(consumer).forEach(read::add);
            }
        }
        return read;
    }

    private static void send(KafkaProducer<byte[], byte[]> producer, String topic, int from, int to) throws Exception {
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        for (int i = from; i < to; i++) {
            byte[] number = Integer.toString(i).getBytes();
            sent.add(producer.send(new ProducerRecord<>(topic, number, number)));
        }
        for (Future<RecordMetadata> one : sent) {
            one.get();
        }
    }

    private void compression() throws Exception {
        List<String> codecs = new ArrayList<>(Arrays.asList("none", "gzip", "snappy", "lz4"));
        if (major >= 2) {
            codecs.add("zstd");
        }
        for (String codec : codecs) {
            String topic = createTopic("codec-" + codec, 1);
            byte[] value = String.join("", Collections.nCopies(1000, codec)).getBytes();
            try (KafkaProducer<byte[], byte[]> producer = producer("compression.type", codec)) {
                producer.send(new ProducerRecord<>(topic, value)).get();
            }
            check(Arrays.equals(read(topic, 1).get(0).value(), value), codec + ": the value differs");
        }
    }

    private void headers() throws Exception {
        String topic = createTopic("headers", 1);
        byte[] key = "k".getBytes();
        try (KafkaProducer<byte[], byte[]> producer = producer()) {
            RecordHeaders headers = new RecordHeaders();
            headers.add("h", new byte[] {0, (byte) 255});
            producer.send(new ProducerRecord<>(topic, null, null, key, "v".getBytes(), headers)).get();
            producer.send(new ProducerRecord<>(topic, key, null)).get();
        }
        List<ConsumerRecord<byte[], byte[]>> read = read(topic, 2);
        check(Arrays.equals(read.get(0).key(), key), "the key differs");
        check(read.get(0).headers().lastHeader("h").value()[1] == (byte) 255, "the header differs");
        check(read.get(1).value() == null, "a tombstone has a value");
    }

    private void idempotent() throws Exception {
        String topic = createTopic("idempotent", 1);
        try (KafkaProducer<byte[], byte[]> producer = producer("enable.idempotence", true, "max.in.flight.requests.per.connection", 1)) {
            send(producer, topic, 0, 1000);
        }
        List<ConsumerRecord<byte[], byte[]>> read = read(topic, 1000);
        for (int i = 0; i < 1000; i++) {
            check(new String(read.get(i).value()).equals(Integer.toString(i)), "not once and in order");
        }
    }

    private void transactional() throws Exception {
        String topic = createTopic("transactional", 1);
        try (KafkaProducer<byte[], byte[]> producer = producer("transactional.id", topic)) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(topic, "aborted".getBytes())).get();
            producer.abortTransaction();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(topic, "committed".getBytes())).get();
            producer.commitTransaction();
        }
        check(new String(read(topic, 1).get(0).value()).equals("committed"), "the aborted one was read");
    }

    /** A member of a group, which reads from the beginning until it leaves. */
    private final class Member {
        private final Future<Void> reading;
        private volatile boolean leaving;

        Member(Map<String, Object> settings, String topic, Set<String> seen) {
            Map<String, Object> all = new HashMap<>(settings);
            all.put("group.id", topic);
            if (!settings.containsKey("group.protocol")) {
                all.put("heartbeat.interval.ms", 300);
                all.put("session.timeout.ms", 6_000);
            }
            reading = THREADS.submit(() -> {
                try (KafkaConsumer<byte[], byte[]> consumer = consumer(all)) {
                    consumer.subscribe(Collections.singleton(topic));
                    while (!leaving) {
                        poll(consumer).forEach(record -> seen.add(new String(record.value())));
                    }
                }
                return null;
            });
        }

        void leave() throws Exception {
            leaving = true;
            reading.get();
        }
    }

    private void group(Map<String, Object> settings, String name) throws Exception {
        int partitions = 4;
        String topic = createTopic(name, partitions);
        Set<String> seen = ConcurrentHashMap.newKeySet();
        try (KafkaProducer<byte[], byte[]> producer = producer()) {
            Member first = new Member(settings, topic, seen);
            send(producer, topic, 0, 50);
            Member second = new Member(settings, topic, seen);
            send(producer, topic, 50, 100);
            first.leave();
            send(producer, topic, 100, 150);
            while (seen.size() < 150) {
                Thread.sleep(50);
            }
            second.leave();
        }
        long committed = 0;
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(Collections.singletonMap("group.id", topic))) {
            for (int i = 0; i < partitions; i++) {
                TopicPartition partition = new TopicPartition(topic, i);
                consumer.assign(Collections.singleton(partition));
                committed += consumer.position(partition);
            }
        }
        check(committed == 150, committed + " of 150 are committed");
    }

    private void times() throws Exception {
        String topic = createTopic("times", 1);
        try (KafkaProducer<byte[], byte[]> producer = producer()) {
            for (int i = 1; i <= 3; i++) {
                producer.send(new ProducerRecord<>(topic, null, 1_700_000_000_000L + i * 10, null, "v".getBytes())).get();
            }
        }
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(Collections.singletonMap("group.id", topic))) {
            TopicPartition partition = new TopicPartition(topic, 0);
            long offset = consumer.offsetsForTimes(Collections.singletonMap(partition, 1_700_000_000_015L)).get(partition).offset();
            check(offset == 1, "offset " + offset);
        }
    }

    private void admin() throws Exception {
        String topic = createTopic("admin", 2);
        try (AdminClient admin = admin(new HashMap<>())) {
            check(admin.describeCluster().nodes().get().size() == 1, "there is not one broker");
            if (major >= 1) { // what 0.11 asks for configurations with is too old for Apache Kafka 4
                ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
                Config config = admin.describeConfigs(Collections.singleton(resource)).all().get().get(resource);
                check(config.get("segment.bytes").value().equals("1073741824"), "another segment.bytes");
            }
            check(admin.listTopics().names().get().contains(topic), "the topic is not listed");
            admin.deleteTopics(Collections.singleton(topic)).all().get();
            check(!admin.listTopics().names().get().contains(topic), "the topic is still there");
        }
    }

    private void large() throws Exception {
        String topic = createTopic("large", 1);
        try (KafkaProducer<byte[], byte[]> producer = producer()) {
            producer.send(new ProducerRecord<>(topic, new byte[900_000])).get();
        }
        check(read(topic, 1).get(0).value().length == 900_000, "the record is shorter");
    }

    private void restart() throws Exception {
        String topic = createTopic("restart", 1);
        try (KafkaProducer<byte[], byte[]> producer = producer()) {
            producer.send(new ProducerRecord<>(topic, "before".getBytes())).get();
            check(new ProcessBuilder(System.getenv("RESTART")).inheritIO().start().waitFor() == 0, "no restart");
            producer.send(new ProducerRecord<>(topic, "after".getBytes())).get();
        }
        List<ConsumerRecord<byte[], byte[]>> read = read(topic, 2);
        check(new String(read.get(0).value()).equals("before") && new String(read.get(1).value()).equals("after"), "others");
    }
}

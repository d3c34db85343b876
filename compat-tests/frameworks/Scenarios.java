import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** What the programs of all frameworks share: their outcomes, and a look at the broker past the framework. */
final class Scenarios {
    static final String BOOTSTRAP = System.getenv("BOOTSTRAP");
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final String framework;
    private final String version = System.getProperty("framework.version");
    private boolean failed;

    Scenarios(String framework) {
        this.framework = framework;
    }

    interface Scenario {
        void play() throws Exception;
    }

    /** Prints "framework version scenario outcome". */
    Scenarios play(String name, Scenario scenario) {
        String outcome = "ok";
        try {
            scenario.play();
        } catch (Throwable e) { // whatever a framework throws is the outcome
            outcome = "FAILED: " + e.toString().split("\n")[0];
            failed = true;
            e.printStackTrace();
        }
        System.out.println(String.join("\t", framework, version, name, outcome));
        return this;
    }

    void end() {
        System.exit(failed ? 1 : 0);
    }

    static void check(boolean condition, String what) {
        if (!condition) {
            throw new IllegalStateException(what);
        }
    }

    static void await(BooleanSupplier condition, String what) throws InterruptedException {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            check(System.nanoTime() < end, "not within a minute: " + what);
            Thread.sleep(50);
        }
    }

    static String topic(String name, int partitions) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", BOOTSTRAP))) {
            admin.createTopics(List.of(new NewTopic(name, partitions, (short) 1))).all().get();
        }
        return name;
    }

    static void produce(String topic, List<String> values) throws Exception {
        Map<String, Object> settings = Map.of("bootstrap.servers", BOOTSTRAP);
        try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            values.forEach(value -> producer.send(new ProducerRecord<>(topic, value, value)));
        }
    }

    /** Committed records of all partitions, until there are so many and no more come for a while. */
    static List<ConsumerRecord<String, String>> read(String topic, int count) {
        Map<String, Object> settings = Map.of(
                "bootstrap.servers", BOOTSTRAP, "group.id", "read-" + UUID.randomUUID(), "auto.offset.reset", "earliest",
                "isolation.level", "read_committed");
        List<ConsumerRecord<String, String>> read = new ArrayList<>();
        try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of(topic));
            long end = System.nanoTime() + LIMIT.toNanos();
            while (read.size() < count) {
                check(System.nanoTime() < end, read.size() + " of " + count + " in " + topic);
                consumer.poll(Duration.ofMillis(200)).forEach(read::add);
            }
            consumer.poll(Duration.ofMillis(500)).forEach(read::add);
        }
        return read;
    }

    /** The offset that a group has committed for partition 0. */
    static long committed(String group, String topic) {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", BOOTSTRAP))) {
            var offsets = admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
            var offset = offsets.get(new TopicPartition(topic, 0));
            return offset == null ? 0 : offset.offset();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    static List<String> values(String topic, int count) {
        return read(topic, count).stream().map(ConsumerRecord::value).toList();
    }
}

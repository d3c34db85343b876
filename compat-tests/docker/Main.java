import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.testcontainers.containers.Container;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.utility.DockerImageName;

/** Testcontainers' KafkaContainer with the image gregor, as its users write it. Prints what holds, a line each. */
public final class Main {
    private static final DockerImageName IMAGE =
            DockerImageName.parse("gregor").asCompatibleSubstituteFor("apache/kafka");

    public static void main(String[] args) throws Exception {
        try (KafkaContainer kafka = new KafkaContainer(IMAGE)) {
            long begin = System.nanoTime();
            kafka.start();
            long ms = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
            createWriteAndRead(kafka.getBootstrapServers());
            System.out.println("ok: KafkaContainer, unchanged, starts, is used from the host: " + ms + " ms");
            commandInside(kafka);
            kafka.stop();
            kafka.start();
            createWriteAndRead(kafka.getBootstrapServers());
            System.out.println("ok: KafkaContainer stops and starts again");
        }
        try (Network network = Network.newNetwork();
                KafkaContainer kafka =
                        new KafkaContainer(IMAGE).withNetwork(network).withListener("kafka:19092");
                OtherContainer client = new OtherContainer(network)) {
            kafka.start();
            client.start();
            Container.ExecResult written = client.execInContainer(
                    "bash", "-c", "echo from-another-container | gregor produce shared -b kafka:19092");
            expect(written.getExitCode() == 0, written.getStdout() + written.getStderr());
            expect(read(kafka.getBootstrapServers(), "shared").equals("from-another-container"), "read on the host");
            System.out.println("ok: a client in another container writes through withListener, the host reads");
        }
        System.exit(0);
    }

    private static void createWriteAndRead(String servers) throws Exception {
        try (Admin admin = Admin.create(Map.<String, Object>of("bootstrap.servers", servers));
                KafkaProducer<String, String> producer = new KafkaProducer<>(
                        Map.<String, Object>of("bootstrap.servers", servers),
                        new StringSerializer(),
                        new StringSerializer())) {
            admin.createTopics(List.of(new NewTopic("t", 1, (short) 1))).all().get();
            expect(admin.listTopics().names().get().equals(Set.of("t")), "topics");
            producer.send(new ProducerRecord<>("t", "testcontainers", "rulezzz")).get();
        }
        expect(read(servers, "t").equals("rulezzz"), "the record");
    }

    private static String read(String servers, String topic) {
        Map<String, Object> settings =
                Map.of("bootstrap.servers", servers, "group.id", "g", "auto.offset.reset", "earliest");
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of(topic));
            for (int i = 0; i < 60; i++) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofSeconds(1))) {
                    return record.value();
                }
            }
        }
        return "";
    }

    private static void commandInside(KafkaContainer kafka) throws Exception {
        Container.ExecResult listed = kafka.execInContainer(
                "/opt/kafka/bin/kafka-topics.sh", "--bootstrap-server", "localhost:9093", "--list");
        expect(listed.getStdout().lines().anyMatch("t"::equals), listed.getStdout() + listed.getStderr());
        System.out.println("ok: execInContainer with kafka-topics.sh");
    }

    private static void expect(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    /** Gregor's commands in a container of their own. */
    private static final class OtherContainer extends GenericContainer<OtherContainer> {
        OtherContainer(Network network) {
            super(DockerImageName.parse("gregor"));
            withNetwork(network);
            withCommand("sleep", "600");
        }
    }
}

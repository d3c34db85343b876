package io.gregor.compat.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.compat.GregorProcess;
import io.gregor.compat.KafkaProcess;
import io.gregor.compat.Ports;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The broker's own metrics have the names and values that Apache Kafka's have behind the JMX exporter. */
@Tag("once")
class MetricsTest {
    private static final Pattern PAGE = Pattern.compile("HTTP://(localhost:\\d+/metrics)");
    private static final int RECORDS = 10;
    private static final String TOPIC = "measured";

    /** As the rules that most dashboards are made for: lower case, {@code PerSec} becomes {@code _total}. */
    private static final String RULES = """
            lowercaseOutputName: true
            rules:
              - pattern: 'kafka\\.server<type=([^,]+), listener=([^,]+), networkProcessor=([^,>]+)><>([\\w-]+)'
                name: kafka_server_$1_$4
                labels: {listener: "$2", networkProcessor: "$3"}
                type: GAUGE
              - pattern: 'kafka\\.(\\w+)<type=([^,]+), name=(\\w+)PerSec, (\\w+)=([^,]+), (\\w+)=([^,>]+)><>Count'
                name: kafka_$1_$2_$3_total
                labels: {"$4": "$5", "$6": "$7"}
                type: COUNTER
              - pattern: 'kafka\\.(\\w+)<type=([^,]+), name=(\\w+)PerSec, (\\w+)=([^,>]+)><>Count'
                name: kafka_$1_$2_$3_total
                labels: {"$4": "$5"}
                type: COUNTER
              - pattern: 'kafka\\.(\\w+)<type=([^,]+), name=(\\w+)PerSec><>Count'
                name: kafka_$1_$2_$3_total
                type: COUNTER
              - pattern: 'kafka\\.(\\w+)<type=([^,]+), name=([^,]+), (\\w+)=([^,>]+)><>(\\d+)thPercentile'
                name: kafka_$1_$2_$3
                labels: {"$4": "$5", quantile: "0.$6"}
                type: GAUGE
              - pattern: 'kafka\\.(\\w+)<type=([^,]+), name=([^,]+), (\\w+)=([^,>]+)><>Count'
                name: kafka_$1_$2_$3_count
                labels: {"$4": "$5"}
                type: GAUGE
              - pattern: 'kafka\\.(\\w+)<type=([^,]+), name=([^,]+), (\\w+)=([^,]+), (\\w+)=([^,>]+)><>Value'
                name: kafka_$1_$2_$3
                labels: {"$4": "$5", "$6": "$7"}
                type: GAUGE
              - pattern: 'kafka\\.(\\w+)<type=([^,]+), name=([^,]+), (\\w+)=([^,>]+)><>Value'
                name: kafka_$1_$2_$3
                labels: {"$4": "$5"}
                type: GAUGE
              - pattern: 'kafka\\.(\\w+)<type=([^,]+), name=([^,>]+)><>Value'
                name: kafka_$1_$2_$3
                type: GAUGE
            """;

    /** Series that must have the same values, beside those of the topic. */
    private static final List<String> EQUAL = List.of(
            "kafka_server_kafkaserver_brokerstate",
            "kafka_server_replicamanager_",
            "kafka_controller_kafkacontroller_",
            "kafka_log_logmanager_offlinelogdirectorycount",
            "kafka_network_requestmetrics_requests_total{request=\"Produce\"",
            "kafka_network_requestmetrics_totaltimems_count{request=\"Produce\"");

    /** How often a consumer asks depends on time. */
    private static final String FETCHES = "kafka_server_brokertopicmetrics_totalfetchrequests";

    @TempDir
    Path folder;

    /** The values of a page by their names and labels. */
    private static Map<String, Double> page(String address) throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create("http://" + address)).build();
        String body = HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.ofString())
                .body();
        Map<String, Double> values = new TreeMap<>();
        body.lines().filter(line -> line.startsWith("kafka_")).forEach(line -> {
            int end = line.lastIndexOf(' ');
            values.put(normal(line.substring(0, end)), Double.parseDouble(line.substring(end + 1)));
        });
        return values;
    }

    /** Labels in the order of their names, without a comma at the end. */
    private static String normal(String series) {
        int open = series.indexOf('{');
        if (open < 0) {
            return series;
        }
        List<String> labels = Stream.of(
                        series.substring(open + 1, series.length() - 1).split(",", -1))
                .filter(label -> !label.isEmpty())
                .sorted()
                .toList();
        return series.substring(0, open) + "{" + String.join(",", labels) + "}";
    }

    private static void use(String address) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", address))) {
            admin.createTopics(List.of(new NewTopic(TOPIC, 2, (short) 1))).all().get();
        }
        Map<String, Object> writing = Map.of(
                "bootstrap.servers",
                address,
                "linger.ms",
                0,
                "max.in.flight.requests.per.connection",
                1,
                "enable.metrics.push",
                false);
        try (Producer<String, String> producer =
                new KafkaProducer<>(writing, new StringSerializer(), new StringSerializer())) {
            for (int i = 0; i < RECORDS; i++) {
                producer.send(new ProducerRecord<>(TOPIC, 0, 1L, "k", "v" + i)).get();
            }
        }
        Map<String, Object> reading = Map.of("bootstrap.servers", address, "enable.metrics.push", false);
        try (Consumer<String, String> consumer =
                new KafkaConsumer<>(reading, new StringDeserializer(), new StringDeserializer())) {
            TopicPartition partition = new TopicPartition(TOPIC, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            int[] read = new int[1];
            Awaitility.await().until(() -> {
                read[0] += consumer.poll(Duration.ofMillis(100)).count();
                return read[0] == RECORDS;
            });
        }
    }

    private Map<String, Double> ofKafka() throws Exception {
        Path rules = Files.writeString(folder.resolve("rules.yml"), RULES);
        String jar = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .filter(path -> path.contains("jmx_prometheus_javaagent"))
                .findFirst()
                .orElseThrow();
        int port = Ports.free();
        try (KafkaProcess kafka = KafkaProcess.startWithAgent(folder, jar + "=" + port + ":" + rules)) {
            use(kafka.address());
            return page("localhost:" + port + "/metrics");
        }
    }

    private Map<String, Double> ofGregor() throws Exception {
        try (GregorProcess gregor = GregorProcess.start(folder, "gregor.metrics.listener=HTTP://localhost:0")) {
            use(gregor.address());
            Matcher where = PAGE.matcher(gregor.output());
            assertThat(where.find()).as(gregor.output()).isTrue();
            return page(where.group(1));
        }
    }

    @Test
    void namesAndValuesAreThoseOfApacheKafka() throws Exception {
        Map<String, Double> theirs = ofKafka();
        Map<String, Double> ours = ofGregor();
        assertThat(ours).hasSizeGreaterThan(60);
        assertThat(theirs.keySet())
                .containsAll(
                        ours.keySet().stream().filter(MetricsTest::isKafkas).toList());
        theirs.keySet().retainAll(ours.keySet());
        assertThat(only(ours)).hasSizeGreaterThan(20).isEqualTo(only(theirs));
        assertThat(ours.keySet()).contains(FETCHES + "_total{topic=\"" + TOPIC + "\"}");
        assertThat(ours.keySet().stream().filter(name -> name.contains("brokertopicmetrics_") && !name.contains("{")))
                .hasSize(8);
    }

    /** Prometheus' summaries have a sum, and write 0.5 for 0.50; connections are not counted by thread. */
    private static boolean isKafkas(String series) {
        return !series.contains("_sum{")
                && !series.contains("quantile=\"0.5\"")
                && !series.contains("connection_count");
    }

    private static Map<String, Double> only(Map<String, Double> all) {
        Map<String, Double> some = new TreeMap<>(all);
        some.keySet()
                .removeIf(name -> EQUAL.stream().noneMatch(name::startsWith) && !name.contains("topic=\"" + TOPIC));
        some.keySet().removeIf(name -> name.startsWith(FETCHES));
        return some;
    }
}

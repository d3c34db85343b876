package io.gregor.compat.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.compat.GregorProcess;
import io.gregor.compat.Tool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Apache Kafka's own command line tools, from its jars. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag("once")
class KafkaToolsTest {
    private static final String TOOLS = "org.apache.kafka.tools.";

    private final GregorProcess broker;

    KafkaToolsTest(@TempDir Path folder) throws Exception {
        broker = GregorProcess.start(folder);
    }

    @AfterAll
    void stop() throws Exception {
        broker.close();
    }

    private String run(String tool, Object... arguments) throws Exception {
        Object[] all = Stream.concat(Stream.of("--bootstrap-server", broker.address()), Stream.of(arguments))
                .toArray();
        return Tool.kafka(TOOLS + tool, all).run().assertOk().out();
    }

    private void produce(String topic, String input) throws Exception {
        Tool.kafka(TOOLS + "ConsoleProducer", "--bootstrap-server", broker.address(), "--topic", topic)
                .run(input)
                .assertOk();
    }

    @Test
    void theConsoleToolsPassLinesOn() throws Exception {
        List<String> lines = IntStream.range(0, 500).mapToObj(i -> "line " + i).toList();
        produce("console", String.join("\n", lines) + "\n");
        String out = run(
                "consumer.ConsoleConsumer",
                "--topic",
                "console",
                "--from-beginning",
                "--max-messages",
                500,
                "--group",
                "console-group");
        assertThat(out.lines().filter(line -> line.startsWith("line "))).isEqualTo(lines);
        assertThat(run("consumer.group.ConsumerGroupCommand", "--describe", "--group", "console-group"))
                .containsPattern("console-group\\s+console\\s+0\\s+500\\s+500\\s+0");
        assertThat(run("consumer.group.ConsumerGroupCommand", "--list")).contains("console-group");
        assertThat(run("GetOffsetShell", "--topic", "console")).contains("console:0:500");
    }

    @Test
    void topicsAreMadeShownAndDeleted() throws Exception {
        run("TopicCommand", "--create", "--topic", "made", "--partitions", 3, "--config", "retention.ms=9999");
        assertThat(run("TopicCommand", "--describe", "--topic", "made"))
                .contains("PartitionCount: 3", "retention.ms=9999", "Partition: 2\tLeader: 1\tReplicas: 1\tIsr: 1");
        run("TopicCommand", "--alter", "--topic", "made", "--partitions", 4);
        assertThat(run("TopicCommand", "--list")).contains("made");
        run("TopicCommand", "--delete", "--topic", "made");
        assertThat(run("TopicCommand", "--list")).doesNotContain("made");
    }

    @Test
    void configurationsAreDescribed() throws Exception {
        run("TopicCommand", "--create", "--topic", "configured", "--config", "segment.ms=100000");
        Tool.Result topic = Tool.kafka(
                        "kafka.admin.ConfigCommand",
                        "--bootstrap-server",
                        broker.address(),
                        "--describe",
                        "--all",
                        "--topic",
                        "configured")
                .run()
                .assertOk();
        assertThat(topic.out())
                .contains(
                        "segment.ms=100000 sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:segment.ms=100000}",
                        "retention.ms=604800000 sensitive=false",
                        "cleanup.policy=delete sensitive=false synonyms={DEFAULT_CONFIG:log.cleanup.policy=delete}");
        Tool.Result brokers = Tool.kafka(
                        "kafka.admin.ConfigCommand",
                        "--bootstrap-server",
                        broker.address(),
                        "--describe",
                        "--all",
                        "--broker",
                        "1")
                .run()
                .assertOk();
        assertThat(brokers.out()).contains("num.partitions=1 ", "log.dirs=" + broker.data());
    }

    @Test
    void everyAdvertisedVersionIsUsable() throws Exception {
        assertThat(run("BrokerApiVersionsCommand"))
                .contains("Produce(0): 0 to 13 [usable: 13]", "Fetch(1): 4 to 18 [usable: 18]", "Metadata(3): 0 to 13")
                .doesNotContain("UNSUPPORTED [usable");
    }

    @Test
    void thePerformanceToolsRun() throws Exception {
        String produced = Tool.kafka(
                        TOOLS + "ProducerPerformance",
                        "--topic",
                        "performance",
                        "--num-records",
                        20000,
                        "--record-size",
                        200,
                        "--throughput",
                        -1,
                        "--producer-props",
                        "bootstrap.servers=" + broker.address())
                .run()
                .assertOk()
                .out();
        assertThat(produced).contains("20000 records sent");
        assertThat(run("ConsumerPerformance", "--topic", "performance", "--messages", 20000, "--timeout", 30000))
                .contains(", 20000, ");
        String[] roundTrips = {
            "--topic", "performance", "--num-records", "100", "--producer-acks", "all", "--record-size", "20"
        };
        assertThat(run("EndToEndLatency", (Object[]) roundTrips)).contains("Avg latency:", "Percentiles:");
    }

    @Test
    void theVerifiableToolsAgree() throws Exception {
        String sent = run("VerifiableProducer", "--topic", "verifiable", "--max-messages", 1000);
        assertThat(sent).contains("\"acked\":1000");
        String received = run(
                "VerifiableConsumer",
                "--topic",
                "verifiable",
                "--group-id",
                "verifiable",
                "--group-protocol",
                "classic",
                "--reset-policy",
                "earliest",
                "--max-messages",
                1000);
        assertThat(received).contains("\"maxOffset\":999").contains("offsets_committed");
    }

    @Test
    void kFeatures(@TempDir Path folder) throws Exception {
        try (GregorProcess own = GregorProcess.start(folder)) {
            String[] at = {"--bootstrap-server", own.address()};
            String before = features(at, "describe").assertOk().out();
            assertThat(before)
                    .containsPattern("transaction.version\\s+SupportedMinVersion: 0\\s+SupportedMaxVersion: 2"
                            + "\\s+FinalizedVersionLevel: 2")
                    .containsPattern("group.version\\s+SupportedMinVersion: 0\\s+SupportedMaxVersion: 1"
                            + "\\s+FinalizedVersionLevel: 1")
                    .contains("FinalizedVersionLevel: 4.3-IV0");
            features(at, "downgrade", "--feature", "transaction.version=1").assertOk();
            // Clients do not take over what has no greater epoch.
            assertThat(epoch(features(at, "describe").out())).isGreaterThan(epoch(before));
            assertThat(features(at, "describe").out()).contains("FinalizedVersionLevel: 1");
            assertThat(features(at, "upgrade", "--feature", "share.version=1").status())
                    .isNotZero();
            assertThat(features(at, "downgrade", "--metadata", "3.9").status()).isNotZero();
            assertThat(own.stop()).isZero();
            own.startAgain();
            features(at, "upgrade", "--feature", "transaction.version=2").assertOk();
            assertThat(features(at, "describe").out()).contains("FinalizedVersionLevel: 2");
        }
    }

    private static int epoch(String described) {
        Matcher epoch = Pattern.compile("transaction.version.*Epoch: (\\d+)").matcher(described);
        assertThat(epoch.find()).as(described).isTrue();
        return Integer.parseInt(epoch.group(1));
    }

    private static Tool.Result features(String[] at, String... what) throws Exception {
        return Tool.kafka(
                        TOOLS + "FeatureCommand",
                        Stream.of(at, what).flatMap(Stream::of).toArray())
                .run();
    }

    /** What coordinators write is what Kafka's own formatters and decoders read. */
    @Test
    void formattersReadTheInternalTopics(@TempDir Path folder) throws Exception {
        try (GregorProcess own = GregorProcess.start(folder)) {
            Map<String, Object> settings = Map.of("bootstrap.servers", own.address(), "transactional.id", "formatted");
            try (Producer<String, String> producer =
                            new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
                    Consumer<String, String> consumer = new KafkaConsumer<>(
                            Map.of("bootstrap.servers", own.address(), "group.id", "readers"),
                            new StringDeserializer(),
                            new StringDeserializer())) {
                producer.initTransactions();
                producer.beginTransaction();
                producer.send(new ProducerRecord<>("t", "k", "v"));
                producer.sendOffsetsToTransaction(
                        Map.of(new TopicPartition("t", 0), new OffsetAndMetadata(7, "noted")),
                        consumer.groupMetadata());
                producer.commitTransaction();
                consumer.subscribe(List.of("t"));
                Awaitility.await().until(() -> {
                    consumer.poll(Duration.ofMillis(100));
                    return !consumer.assignment().isEmpty();
                });
                consumer.commitSync(Map.of(new TopicPartition("t", 0), new OffsetAndMetadata(1)));
            }
            formatted(
                    own,
                    "__consumer_offsets",
                    "OffsetsMessageFormatter",
                    "\"offset\":7",
                    "\"metadata\":\"noted\"",
                    "\"group\":\"readers\"");
            formatted(
                    own,
                    "__consumer_offsets",
                    "GroupMetadataMessageFormatter",
                    "\"group\":\"readers\"",
                    "\"protocolType\":\"consumer\"");
            formatted(
                    own,
                    "__transaction_state",
                    "TransactionLogMessageFormatter",
                    "\"transactionalId\":\"formatted\"",
                    "\"transactionStatus\"");
            assertThat(own.stop()).isZero();
            assertThat(decoded(own, "__consumer_offsets", "--offsets-decoder")).contains("\"group\":\"readers\"");
            assertThat(decoded(own, "__transaction_state", "--transaction-log-decoder"))
                    .contains("\"transactionalId\":\"formatted\"");
        }
    }

    /** The tool ends when nothing came for a while, on a busy machine before it has a partition: it is asked again. */
    private static void formatted(GregorProcess own, String topic, String formatter, String... expected) {
        Awaitility.await().atMost(Duration.ofMinutes(2)).untilAsserted(() -> {
            String out = Tool.kafka(
                            TOOLS + "consumer.ConsoleConsumer",
                            "--bootstrap-server",
                            own.address(),
                            "--topic",
                            topic,
                            "--from-beginning",
                            "--timeout-ms",
                            5000,
                            "--formatter",
                            TOOLS + "consumer." + formatter)
                    .run()
                    .out();
            assertThat(out).contains(expected);
        });
    }

    private static String decoded(GregorProcess own, String topic, String decoder) throws Exception {
        String logs;
        try (Stream<Path> files = Files.walk(own.data())) {
            logs = files.map(Path::toString)
                    .filter(name -> name.contains("/" + topic + "-") && name.endsWith(".log"))
                    .collect(Collectors.joining(","));
        }
        return Tool.kafka(TOOLS + "DumpLogSegments", "--files", logs, decoder)
                .run()
                .assertOk()
                .out();
    }

    @Test
    void aKafkaDumpLogReadsTheFiles(@TempDir Path folder) throws Exception {
        try (GregorProcess own = GregorProcess.start(folder, "log.segment.bytes=1048576")) {
            Tool.kafka(
                            TOOLS + "ProducerPerformance",
                            "--topic",
                            "dumped",
                            "--num-records",
                            30000,
                            "--record-size",
                            200,
                            "--throughput",
                            -1,
                            "--producer-props",
                            "bootstrap.servers=" + own.address())
                    .run()
                    .assertOk();
            try (Stream<Path> files = Files.list(own.data().resolve("dumped-0"))) {
                assertThat(files).hasSizeGreaterThan(12);
            }
        }
    }
}

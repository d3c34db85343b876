package io.gregor.compat.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.compat.Canonical;
import io.gregor.compat.GregorProcess;
import io.gregor.compat.KafkaProcess;
import io.gregor.compat.RawClient;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.GetTelemetrySubscriptionsRequestData;
import org.apache.kafka.common.message.GetTelemetrySubscriptionsResponseData;
import org.apache.kafka.common.message.PushTelemetryRequestData;
import org.apache.kafka.common.message.PushTelemetryResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.common.utils.ByteBufferOutputStream;
import org.apache.kafka.shaded.io.opentelemetry.proto.common.v1.AnyValue;
import org.apache.kafka.shaded.io.opentelemetry.proto.common.v1.KeyValue;
import org.apache.kafka.shaded.io.opentelemetry.proto.metrics.v1.Gauge;
import org.apache.kafka.shaded.io.opentelemetry.proto.metrics.v1.Metric;
import org.apache.kafka.shaded.io.opentelemetry.proto.metrics.v1.MetricsData;
import org.apache.kafka.shaded.io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import org.apache.kafka.shaded.io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import org.apache.kafka.shaded.io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients' metrics (KIP-714): who may push what as with Apache Kafka, and what is pushed is shown. */
@Tag("once")
class TelemetryTest {
    private static final int SEEDS = 8;
    private static final int STEPS = 60;
    private static final String LISTENER = "gregor.metrics.listener=HTTP://localhost:0";
    /** The histories are of use only if all that a client may be answered comes up. */
    private static final List<Errors> MET = List.of(
            Errors.NONE,
            Errors.INVALID_REQUEST,
            Errors.THROTTLING_QUOTA_EXCEEDED,
            Errors.UNKNOWN_SUBSCRIPTION_ID,
            Errors.UNSUPPORTED_COMPRESSION_TYPE,
            Errors.TELEMETRY_TOO_LARGE,
            Errors.INVALID_RECORD);

    private static final Pattern PAGE = Pattern.compile("HTTP://(localhost:\\d+/metrics)");

    @TempDir
    Path folder;

    @Test
    void clientsAreAskedAndRefusedAsByApacheKafka() throws Exception {
        try (KafkaProcess kafka = KafkaProcess.start(folder, "metric.reporters=" + ReceivingPlugin.class.getName());
                GregorProcess gregor = GregorProcess.start(folder, LISTENER)) {
            List<String> all = new ArrayList<>();
            for (int seed = 0; seed < SEEDS; seed++) {
                List<String> theirs = new History(kafka.address(), kafka.port(), seed).run();
                List<String> ours = new History(gregor.address(), gregor.port(), seed).run();
                assertThat(ours).as("seed " + seed).isEqualTo(theirs);
                all.addAll(ours);
            }
            for (Errors error : MET) {
                assertThat(all).as(error.name()).anyMatch(answer -> answer.contains("errorCode=" + error.code() + ","));
            }
        }
    }

    @Test
    void whatJavaClientsPushIsShown() throws Exception {
        try (GregorProcess gregor = GregorProcess.start(folder, LISTENER);
                Admin admin = Admin.create(Map.of("bootstrap.servers", gregor.address()))) {
            subscribe(admin, "all", Map.of("metrics", "*", "interval.ms", "100"));
            admin.createTopics(List.of(new NewTopic("counted", 1, (short) 1)))
                    .all()
                    .get();
            Map<String, Object> settings = Map.of("bootstrap.servers", gregor.address(), "client.id", "counter");
            String sent = "org_apache_kafka_producer_record_send_total";
            try (Producer<String, String> producer =
                    new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
                for (int i = 1; i <= 3; i++) {
                    for (int record = 0; record < 10; record++) {
                        producer.send(new ProducerRecord<>("counted", "v")).get();
                    }
                    awaitValue(gregor, sent, "client_id=\"counter\"", 10.0 * i);
                }
            }
            Map<String, Object> reading =
                    Map.of("bootstrap.servers", gregor.address(), "group.id", "g", "auto.offset.reset", "earliest");
            try (Consumer<String, String> consumer =
                    new KafkaConsumer<>(reading, new StringDeserializer(), new StringDeserializer())) {
                consumer.subscribe(List.of("counted"));
                Awaitility.await().until(() -> {
                    consumer.poll(Duration.ofMillis(100));
                    return value(
                                    page(gregor),
                                    "org_apache_kafka_consumer_fetch_manager_records_consumed_total",
                                    "topic=\"counted\"")
                            == 30.0;
                });
            }
            // The producer is gone, and is shown for a while.
            assertThat(value(page(gregor), sent, "client_id=\"counter\"")).isEqualTo(30.0);
        }
    }

    @Test
    void withoutAListenerTelemetryIsAnsweredButNotAdvertised() throws Exception {
        try (GregorProcess gregor = GregorProcess.start(folder);
                RawClient client = new RawClient(gregor.port())) {
            ApiVersionsResponseData apis = (ApiVersionsResponseData)
                    client.call(ApiKeys.API_VERSIONS, (short) 0, new ApiVersionsRequestData());
            assertThat(apis.apiKeys().find(ApiKeys.PUSH_TELEMETRY.id)).isNull();
            assertThat(apis.apiKeys().find(ApiKeys.GET_TELEMETRY_SUBSCRIPTIONS.id))
                    .isNull();
            GetTelemetrySubscriptionsResponseData answer = (GetTelemetrySubscriptionsResponseData) client.call(
                    ApiKeys.GET_TELEMETRY_SUBSCRIPTIONS, (short) 0, new GetTelemetrySubscriptionsRequestData());
            assertThat(answer.errorCode()).isZero();
            assertThat(answer.requestedMetrics()).isEmpty();
        }
    }

    /** As much as a push may say, of the shortest points and of the longest labels, by many clients at a time. */
    @Test
    void noPushTakesTheBrokerDown() throws Exception {
        try (GregorProcess gregor = GregorProcess.start(folder, LISTENER)) {
            List<RawClient> clients = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                RawClient client = new RawClient(gregor.port());
                clients.add(client);
                GetTelemetrySubscriptionsResponseData asked = (GetTelemetrySubscriptionsResponseData) client.call(
                        ApiKeys.GET_TELEMETRY_SUBSCRIPTIONS, (short) 0, new GetTelemetrySubscriptionsRequestData());
                client.send(
                        ApiKeys.PUSH_TELEMETRY,
                        (short) 0,
                        new PushTelemetryRequestData()
                                .setClientInstanceId(asked.clientInstanceId())
                                .setSubscriptionId(asked.subscriptionId())
                                .setMetrics(ByteBuffer.wrap(i % 2 == 0 ? manyPoints() : longLabel())));
            }
            for (RawClient client : clients) {
                PushTelemetryResponseData pushed =
                        (PushTelemetryResponseData) client.answer(ApiKeys.PUSH_TELEMETRY, (short) 0);
                assertThat(pushed.errorCode()).isZero();
                client.close();
            }
            String page = page(gregor);
            assertThat(value(page, "many", "")).isZero();
            assertThat(page).contains("gregor_client_metrics_pushes_total 40.0").hasSizeLessThan(32 * 1024 * 1024);
            assertThat(gregor.isAlive()).isTrue();
        }
    }

    private static byte[] manyPoints() {
        Gauge.Builder gauge = Gauge.newBuilder();
        for (int i = 0; i < 520_000; i++) {
            gauge.addDataPoints(NumberDataPoint.getDefaultInstance());
        }
        return data(Metric.newBuilder().setName("many").setGauge(gauge).build());
    }

    private static byte[] longLabel() {
        KeyValue label = KeyValue.newBuilder()
                .setKey("l")
                .setValue(AnyValue.newBuilder().setStringValue("x".repeat(1_000_000)))
                .build();
        Gauge.Builder gauge =
                Gauge.newBuilder().addDataPoints(NumberDataPoint.newBuilder().addAttributes(label));
        return data(Metric.newBuilder().setName("long").setGauge(gauge).build());
    }

    private static byte[] data(Metric metric) {
        return MetricsData.newBuilder()
                .addResourceMetrics(ResourceMetrics.newBuilder()
                        .addScopeMetrics(ScopeMetrics.newBuilder().addMetrics(metric)))
                .build()
                .toByteArray();
    }

    private static void awaitValue(GregorProcess gregor, String name, String label, double value) {
        Awaitility.await()
                .untilAsserted(
                        () -> assertThat(value(page(gregor), name, label)).isEqualTo(value));
    }

    private static String page(GregorProcess gregor) throws IOException, InterruptedException {
        Matcher where = PAGE.matcher(gregor.output());
        assertThat(where.find()).as(gregor.output()).isTrue();
        HttpRequest request =
                HttpRequest.newBuilder(URI.create("http://" + where.group(1))).build();
        return HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private static double value(String page, String name, String label) {
        return page.lines()
                .filter(line -> line.startsWith(name + "{") && line.contains(label))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    private static void subscribe(Admin admin, String name, Map<String, String> configs) throws Exception {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.CLIENT_METRICS, name);
        List<AlterConfigOp> operations = configs.entrySet().stream()
                .map(one -> new AlterConfigOp(
                        new ConfigEntry(one.getKey(), one.getValue()),
                        one.getValue().equals("-") ? AlterConfigOp.OpType.DELETE : AlterConfigOp.OpType.SET))
                .toList();
        admin.incrementalAlterConfigs(Map.of(resource, operations)).all().get();
    }

    /** What some clients and an administrator do, by seed, in one order; time plays no part in it. */
    private static final class History {
        private static final String AN_HOUR = "3600000";

        private final String address;
        private final int port;
        private final Random random;
        private final int seed;
        private final List<String> answers = new ArrayList<>();
        private final List<Uuid> instances = new ArrayList<>();
        private final Map<Uuid, Integer> subscriptionIds = new HashMap<>();
        private RawClient client;
        private int changes;

        History(String address, int port, int seed) {
            this.address = address;
            this.port = port;
            this.seed = seed;
            random = new Random(seed);
            for (int i = 0; i < 3; i++) {
                instances.add(new Uuid(random.nextLong(), random.nextLong()));
            }
            instances.add(Uuid.ZERO_UUID);
            instances.add(Uuid.ONE_UUID);
        }

        List<String> run() throws Exception {
            try (Admin admin = Admin.create(Map.of("bootstrap.servers", address))) {
                change(admin);
                client = new RawClient(port);
                for (int step = 0; step < STEPS; step++) {
                    switch (random.nextInt(12)) {
                        case 0 -> change(admin);
                        case 1 -> reconnect();
                        case 2, 3, 4, 5 -> ask();
                        default -> push();
                    }
                }
                client.close();
            }
            return answers;
        }

        private void reconnect() throws Exception {
            client.closeByBroker();
            awaitClosedConnectionsForgotten();
            client = new RawClient(port);
            answers.add("reconnected");
            String name = random.nextBoolean() ? "librdkafka" : "apache-kafka-java";
            ApiVersionsRequestData request =
                    new ApiVersionsRequestData().setClientSoftwareName(name).setClientSoftwareVersion("1.2");
            client.call(ApiKeys.API_VERSIONS, (short) 3, request);
        }

        /**
         * Both brokers forget the client of a closed connection a little later, and do not say when. So this waits
         * until another client, whose connection was closed later, may ask again at once: only a forgotten one may.
         */
        private void awaitClosedConnectionsForgotten() throws Exception {
            GetTelemetrySubscriptionsRequestData request =
                    new GetTelemetrySubscriptionsRequestData().setClientInstanceId(Uuid.randomUuid());
            RawClient probe = new RawClient(port);
            probe.call(ApiKeys.GET_TELEMETRY_SUBSCRIPTIONS, (short) 0, request);
            probe.closeByBroker();
            try (RawClient other = new RawClient(port)) {
                Awaitility.await()
                        .until(() -> ((GetTelemetrySubscriptionsResponseData)
                                                other.call(ApiKeys.GET_TELEMETRY_SUBSCRIPTIONS, (short) 0, request))
                                        .errorCode()
                                == 0);
            }
        }

        /** Changes a subscription, and waits until the broker goes by it. */
        private void change(Admin admin) throws Exception {
            String marker = "marker." + seed + "." + changes++;
            String[] matches = {
                "client_id=raw", "client_id=ra.*=", "client_software_name=librd.*", "client_source_port=1", "-"
            };
            subscribe(
                    admin,
                    "some",
                    Map.of(
                            "metrics",
                            random.nextBoolean() ? "a.b,org.apache,c" : "d",
                            "interval.ms",
                            random.nextBoolean() ? AN_HOUR : "299999",
                            "match",
                            matches[random.nextInt(matches.length)]));
            subscribe(admin, "marker", Map.of("metrics", marker, "interval.ms", AN_HOUR));
            try (RawClient other = new RawClient(port)) {
                Awaitility.await()
                        .until(() -> ((GetTelemetrySubscriptionsResponseData) other.call(
                                        ApiKeys.GET_TELEMETRY_SUBSCRIPTIONS,
                                        (short) 0,
                                        new GetTelemetrySubscriptionsRequestData()))
                                .requestedMetrics()
                                .contains(marker));
            }
            answers.add("changed");
        }

        private void ask() throws Exception {
            Uuid id = instances.get(random.nextInt(instances.size()));
            GetTelemetrySubscriptionsResponseData answer = (GetTelemetrySubscriptionsResponseData) client.call(
                    ApiKeys.GET_TELEMETRY_SUBSCRIPTIONS,
                    (short) 0,
                    new GetTelemetrySubscriptionsRequestData().setClientInstanceId(id));
            assertThat(answer.clientInstanceId().equals(Uuid.ZERO_UUID)).isEqualTo(answer.errorCode() != 0);
            if (id.equals(Uuid.ZERO_UUID)) {
                answer.setSubscriptionId(0);
            } else if (answer.errorCode() == 0) {
                subscriptionIds.put(id, answer.subscriptionId());
            }
            answers.add("ask " + instances.indexOf(id) + " " + Canonical.text(answer));
        }

        private void push() throws Exception {
            Uuid id = instances.get(random.nextInt(instances.size()));
            int type = random.nextInt(8) == 0 ? 5 + random.nextInt(3) : random.nextInt(5);
            boolean known = random.nextInt(6) > 0;
            PushTelemetryRequestData request = new PushTelemetryRequestData()
                    .setClientInstanceId(id)
                    .setSubscriptionId(known ? subscriptionIds.getOrDefault(id, 1) : 2)
                    .setTerminating(random.nextInt(8) == 0)
                    .setCompressionType((byte) (type == 7 ? -1 : type))
                    .setMetrics(payload(type));
            answers.add("push " + instances.indexOf(id) + " " + type + " "
                    + Canonical.text(client.call(ApiKeys.PUSH_TELEMETRY, (short) 0, request)));
        }

        private ByteBuffer payload(int type) throws IOException {
            return switch (random.nextInt(7)) {
                case 0 -> ByteBuffer.allocate(0);
                case 1 -> ByteBuffer.wrap("no metrics at all".getBytes(StandardCharsets.UTF_8));
                case 2 -> ByteBuffer.allocate(1024 * 1024 + 1);
                // Expands to more than is allowed.
                case 3 -> compressed(type, new byte[1024 * 1024 + 1]);
                default -> compressed(type, metrics());
            };
        }

        private byte[] metrics() {
            return data(Metric.newBuilder()
                    .setName("a.b")
                    .setGauge(Gauge.newBuilder()
                            .addDataPoints(NumberDataPoint.newBuilder().setAsInt(random.nextInt())))
                    .build());
        }

        private static ByteBuffer compressed(int type, byte[] data) throws IOException {
            ByteBufferOutputStream bytes = new ByteBufferOutputStream(512);
            CompressionType codec = type < 5 ? CompressionType.forId(type) : CompressionType.NONE;
            try (OutputStream out =
                    Compression.of(codec).build().wrapForOutput(bytes, RecordBatch.CURRENT_MAGIC_VALUE)) {
                out.write(data);
            }
            ByteBuffer buffer = bytes.buffer();
            buffer.flip();
            return buffer;
        }
    }
}

package io.gregor.broker.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.gregor.wire.ByteBudget;
import io.gregor.wire.Uuid;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.Gauge;
import io.opentelemetry.proto.metrics.v1.Histogram;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.MetricsData;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.metrics.v1.Sum;
import io.opentelemetry.proto.resource.v1.Resource;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What clients push is shown as Prometheus reads it, whatever it is. */
class PushedMetricsTest {
    private static final ClientIdentity CLIENT =
            new ClientIdentity(new Uuid(1, 2), "orders", "apache-kafka-java", "4.3.1", "127.0.0.1", 40_000);
    private static final String LABELS = "client_id=\"orders\",client_instance_id=\"AAAAAAAAAAEAAAAAAAAAAg\","
            + "client_software_name=\"apache-kafka-java\",client_software_version=\"4.3.1\"";

    private final PushedMetrics metrics = new PushedMetrics(new ByteBudget("pushed metrics", 16 << 20));

    @Test
    void gaugesAreShownAsTheyCameAndCountersAddedUp() throws IOException {
        push(gauge("org.apache.kafka.consumer.lag", 7), counter("org.apache.kafka.consumer.polls.total", 2));
        push(gauge("org.apache.kafka.consumer.lag", 5), counter("org.apache.kafka.consumer.polls.total", 3));
        assertThat(page())
                .contains(
                        "# TYPE org_apache_kafka_consumer_lag gauge",
                        "org_apache_kafka_consumer_lag{" + LABELS + "} 5.0",
                        "# TYPE org_apache_kafka_consumer_polls_total counter",
                        "org_apache_kafka_consumer_polls_total{" + LABELS + "} 5.0",
                        "gregor_client_metrics_pushes_total 2.0");
    }

    @Test
    void labelsAreThoseOfResourceAndPointAndOfTheClientItself() throws IOException {
        Resource resource = Resource.newBuilder()
                .addAttributes(label("client_rack", "r\"1"))
                .addAttributes(label("client_id", "somebody else"))
                .build();
        NumberDataPoint point = NumberDataPoint.newBuilder()
                .setAsInt(9)
                .addAttributes(label("node.id", "1"))
                .build();
        receive(
                resource,
                Metric.newBuilder()
                        .setName("a")
                        .setGauge(Gauge.newBuilder().addDataPoints(point))
                        .build());
        assertThat(page()).contains("client_id=\"orders\"", "client_rack=\"r\\\"1\"", "node_id=\"1\"");
        assertThat(page()).doesNotContain("somebody else");
    }

    @Test
    void whatIsNoNumberIsCountedAsLeftOut() throws IOException {
        push(Metric.newBuilder()
                .setName("h")
                .setHistogram(Histogram.getDefaultInstance())
                .build());
        push(gauge("a", 1), counter("a", 1), counter("b", -1), gauge("gregor.client.metrics.pushes", 1));
        assertThat(page()).contains("gregor_client_metrics_left_out_total 4.0");
    }

    @Test
    void aSilentClientIsForgotten() throws IOException {
        push(gauge("a", 1));
        metrics.forgetSilent(999);
        assertThat(page()).contains("a{" + LABELS, "gregor_client_metrics_instances 1.0");
        metrics.forgetSilent(1_000);
        assertThat(page()).doesNotContain("a{" + LABELS).contains("gregor_client_metrics_instances 0.0");
    }

    @Test
    void whatFindsNoRoomIsLeftOutAndThereIsRoomAgainLater() throws IOException {
        String long1 = "x".repeat(900_000);
        for (int i = 0; i < 20; i++) {
            push(named("a", label("l", long1 + i)));
        }
        assertThat(page().length()).isLessThan(16 * 1024 * 1024);
        assertThat(page()).contains("gregor_client_metrics_left_out_total");
        metrics.forgetSilent(1_000);
        push(gauge("b", 1));
        assertThat(page()).contains("b{" + LABELS);
    }

    /** Whatever names, labels and values a client thinks of: others are still shown. */
    @Test
    void noPushBreaksThePage() throws IOException {
        String[] parts = {
            "a", "_", "__", ".", "total", "_total", "info", "_bucket", "created", "é", " ", "1", ":", "{", "le"
        };
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            for (int i = 0; i < 20; i++) {
                push(any(random, parts));
            }
            push(gauge("still.shown", seed));
            assertThat(page()).as("seed " + seed).contains("still_shown{" + LABELS + "} " + (double) seed);
        }
    }

    private static Metric any(Random random, String[] parts) {
        NumberDataPoint point = NumberDataPoint.newBuilder()
                .setAsDouble(random.nextBoolean() ? random.nextGaussian() : Double.NaN)
                .addAttributes(label(text(random, parts), text(random, parts)))
                .addAttributes(label(text(random, parts), text(random, parts)))
                .setFlags(random.nextInt(2))
                .build();
        Metric.Builder metric = Metric.newBuilder().setName(text(random, parts));
        return random.nextBoolean()
                ? metric.setGauge(Gauge.newBuilder().addDataPoints(point)).build()
                : metric.setSum(Sum.newBuilder()
                                .setIsMonotonic(random.nextBoolean())
                                .setAggregationTemporalityValue(random.nextInt(3))
                                .addDataPoints(point))
                        .build();
    }

    private static String text(Random random, String[] parts) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(4); i > 0; i--) {
            text.append(parts[random.nextInt(parts.length)]);
        }
        return text.toString();
    }

    private static KeyValue label(String key, String value) {
        return KeyValue.newBuilder()
                .setKey(key)
                .setValue(AnyValue.newBuilder().setStringValue(value))
                .build();
    }

    private static Metric gauge(String name, int value) {
        return Metric.newBuilder()
                .setName(name)
                .setGauge(Gauge.newBuilder()
                        .addDataPoints(NumberDataPoint.newBuilder().setAsDouble(value)))
                .build();
    }

    private static Metric named(String name, KeyValue label) {
        return Metric.newBuilder()
                .setName(name)
                .setGauge(Gauge.newBuilder()
                        .addDataPoints(NumberDataPoint.newBuilder().addAttributes(label)))
                .build();
    }

    private static Metric counter(String name, int delta) {
        return Metric.newBuilder()
                .setName(name)
                .setSum(Sum.newBuilder()
                        .setIsMonotonic(true)
                        .setAggregationTemporality(AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA)
                        .addDataPoints(NumberDataPoint.newBuilder().setAsDouble(delta)))
                .build();
    }

    private void push(Metric... all) throws InvalidProtocolBufferException {
        receive(Resource.getDefaultInstance(), all);
    }

    private void receive(Resource resource, Metric... all) throws InvalidProtocolBufferException {
        ScopeMetrics.Builder scope = ScopeMetrics.newBuilder();
        for (Metric metric : all) {
            scope.addMetrics(metric);
        }
        MetricsData data = MetricsData.newBuilder()
                .addResourceMetrics(
                        ResourceMetrics.newBuilder().setResource(resource).addScopeMetrics(scope))
                .build();
        metrics.receive(CLIENT, 1_000, data.toByteArray());
    }

    private String page() throws IOException {
        ByteArrayOutputStream page = new ByteArrayOutputStream();
        PrometheusTextFormatWriter.create().write(page, metrics.collect());
        return page.toString(StandardCharsets.UTF_8);
    }
}

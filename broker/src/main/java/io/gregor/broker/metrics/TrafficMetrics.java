package io.gregor.broker.metrics;

import io.gregor.broker.net.TrafficObserver;
import io.gregor.wire.message.ApiKey;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.Quantile;
import io.prometheus.metrics.model.snapshots.Quantiles;
import io.prometheus.metrics.model.snapshots.SummarySnapshot;
import io.prometheus.metrics.model.snapshots.SummarySnapshot.SummaryDataPointSnapshot;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Counts requests by API and version, their time and size by API, and connections by listener. Thread-safe. The names
 * are those of Apache Kafka's MBeans {@code kafka.network:type=RequestMetrics} and {@code
 * kafka.server:type=socket-server-metrics} as the JMX exporter's usual rules write them; quantiles are of the last five
 * minutes.
 */
public final class TrafficMetrics implements TrafficObserver {
    private static final String PREFIX = "kafka_network_requestmetrics_";
    private static final double NANOS_PER_MS = 1_000_000;

    private static final double[] QUANTILES = {0.5, 0.75, 0.95, 0.98, 0.99, 0.999};

    private final LongSupplier nanoTime;
    private final Counter requests;

    /** By the ids of their APIs. */
    private final ApiTraffic[] traffic = new ApiTraffic[256];

    private final ApiTraffic consumerFetches = new ApiTraffic("FetchConsumer");
    private final Gauge connections;

    /** @param nanoTime as {@link System#nanoTime} */
    public TrafficMetrics(PrometheusRegistry registry, LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        for (ApiKey api : ApiKey.values()) {
            traffic[api.id()] = new ApiTraffic(camelCase(api.name()));
        }
        requests = Counter.builder()
                .name(PREFIX + "requests")
                .help("Requests that were answered")
                .labelNames("request", "version")
                .register(registry);
        registry.register((MultiCollector) this::summaries);
        connections = Gauge.builder()
                .name("kafka_server_socket_server_metrics_connection_count")
                .help("Connections that are open")
                .labelNames("listener")
                .register(registry);
    }

    private static String camelCase(String constant) {
        return Arrays.stream(constant.split("_", -1))
                .map(word -> word.charAt(0) + word.substring(1).toLowerCase(Locale.ROOT))
                .collect(Collectors.joining());
    }

    private MetricSnapshots summaries() {
        return new MetricSnapshots(
                summary(
                        "totaltimems",
                        "From the beginning of a request's handling to its answer",
                        ApiTraffic::nanos,
                        NANOS_PER_MS),
                summary("requestbytes", "The size of requests", ApiTraffic::bytes, 1));
    }

    /** @param divisor makes the unit that is shown of the one that was observed */
    private SummarySnapshot summary(
            String name, String help, Function<ApiTraffic, RecentValues> observed, double divisor) {
        SummarySnapshot.Builder summary =
                SummarySnapshot.builder().name(PREFIX + name).help(help);
        Stream.concat(Arrays.stream(traffic).filter(Objects::nonNull), Stream.of(consumerFetches))
                .filter(api -> observed.apply(api).count() > 0)
                .map(api -> dataPoint(api.request, observed.apply(api), divisor))
                .forEach(summary::dataPoint);
        return summary.build();
    }

    private SummaryDataPointSnapshot dataPoint(String request, RecentValues values, double divisor) {
        double[] quantiles = values.quantiles(QUANTILES, nanoTime.getAsLong());
        return SummaryDataPointSnapshot.builder()
                .labels(Labels.of("request", request))
                .count(values.count())
                .sum(values.sum() / divisor)
                .quantiles(Quantiles.of(IntStream.range(0, QUANTILES.length)
                        .mapToObj(i -> new Quantile(QUANTILES[i], quantiles[i] / divisor))
                        .toArray(Quantile[]::new)))
                .build();
    }

    @Override
    public void connected(String listener) {
        connections.labelValues(listener).inc();
    }

    @Override
    public void disconnected(String listener) {
        connections.labelValues(listener).dec();
    }

    @Override
    public long begun() {
        return nanoTime.getAsLong();
    }

    @Override
    public void answered(ApiKey api, short version, int bytes, long begunNanos) {
        long now = nanoTime.getAsLong();
        ApiTraffic answered = traffic[api.id()];
        requests.labelValues(answered.request, Short.toString(version)).inc();
        answered.observe(bytes, begunNanos, now);
        if (api == ApiKey.FETCH) {
            consumerFetches.observe(bytes, begunNanos, now);
        }
    }

    /** The requests of one kind, named as Apache Kafka names them. */
    private record ApiTraffic(String request, RecentValues nanos, RecentValues bytes) {
        ApiTraffic(String request) {
            this(request, new RecentValues(), new RecentValues());
        }

        void observe(int requestBytes, long begunNanos, long nowNanos) {
            nanos.observe(nowNanos - begunNanos, nowNanos);
            bytes.observe(requestBytes, nowNanos);
        }
    }
}

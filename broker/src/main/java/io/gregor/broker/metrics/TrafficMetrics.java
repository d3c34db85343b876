package io.gregor.broker.metrics;

import io.gregor.broker.net.TrafficObserver;
import io.gregor.wire.message.ApiKey;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Summary;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * Counts requests by API and version, their time and size by API, and connections by listener. Thread-safe. The names
 * are those of Apache Kafka's MBeans {@code kafka.network:type=RequestMetrics} and {@code
 * kafka.server:type=socket-server-metrics} as the JMX exporter's usual rules write them; quantiles are of the last five
 * minutes.
 */
public final class TrafficMetrics implements TrafficObserver {
    private static final String PREFIX = "kafka_network_requestmetrics_";
    private static final double NANOS_PER_MS = 1_000_000;

    /** By the ids of their APIs, as Apache Kafka writes them. */
    private final String[] names = new String[256];

    private final LongSupplier nanoTime;
    private final Counter requests;
    private final Summary totalTimeMs;
    private final Summary requestBytes;
    private final Gauge connections;

    /** @param nanoTime as {@link System#nanoTime} */
    public TrafficMetrics(PrometheusRegistry registry, LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        for (ApiKey api : ApiKey.values()) {
            names[api.id()] = camelCase(api.name());
        }
        requests = Counter.builder()
                .name(PREFIX + "requests")
                .help("Requests that were answered")
                .labelNames("request", "version")
                .register(registry);
        totalTimeMs = summary(registry, "totaltimems", "From the beginning of a request's handling to its answer");
        requestBytes = summary(registry, "requestbytes", "The size of requests");
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

    private static Summary summary(PrometheusRegistry registry, String name, String help) {
        return Summary.builder()
                .name(PREFIX + name)
                .help(help)
                .labelNames("request")
                .quantile(0.5, 0.05)
                .quantile(0.75, 0.02)
                .quantile(0.95, 0.01)
                .quantile(0.98, 0.005)
                .quantile(0.99, 0.001)
                .quantile(0.999, 0.0001)
                .register(registry);
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
        long nanos = nanoTime.getAsLong() - begunNanos;
        String request = names[api.id()];
        requests.labelValues(request, Short.toString(version)).inc();
        observe(request, bytes, nanos);
        if (api == ApiKey.FETCH) {
            observe("FetchConsumer", bytes, nanos);
        }
    }

    private void observe(String request, int bytes, long nanos) {
        totalTimeMs.labelValues(request).observe(nanos / NANOS_PER_MS);
        requestBytes.labelValues(request).observe(bytes);
    }
}

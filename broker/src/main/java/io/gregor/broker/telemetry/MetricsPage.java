package io.gregor.broker.telemetry;

import io.gregor.broker.config.InvalidConfigException;
import io.gregor.broker.config.Listener;
import io.prometheus.metrics.exporter.httpserver.HTTPServer;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;

/** Shows metrics at {@code /metrics} to whoever asks over HTTP, as Prometheus does. */
public final class MetricsPage implements AutoCloseable {
    private final HTTPServer server;

    private MetricsPage(HTTPServer server) {
        this.server = server;
    }

    /** @throws InvalidConfigException if it cannot be shown there */
    public static MetricsPage open(Listener where, PushedMetrics metrics) {
        PrometheusRegistry registry = new PrometheusRegistry();
        registry.register(metrics);
        try {
            return new MetricsPage(HTTPServer.builder()
                    .hostname(where.host().isEmpty() ? "0.0.0.0" : where.host())
                    .port(where.port())
                    .registry(registry)
                    .buildAndStart());
        } catch (IOException e) {
            throw new InvalidConfigException("cannot show metrics on " + where + ": " + e.getMessage());
        }
    }

    public int port() {
        return server.getPort();
    }

    @Override
    public void close() {
        server.close();
    }
}

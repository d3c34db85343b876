package io.gregor.broker.metrics;

import io.gregor.broker.config.InvalidConfigException;
import io.gregor.broker.config.Listener;
import io.prometheus.metrics.exporter.httpserver.HTTPServer;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;

/**
 * Serves all metrics of a registry at {@value #PATH} over HTTP, as Prometheus reads them, and what probes ask for.
 * Thread-safe.
 */
public final class MetricsPage implements AutoCloseable {
    static final String PATH = "/metrics";

    private final HTTPServer server;

    private MetricsPage(HTTPServer server) {
        this.server = server;
    }

    /** @throws InvalidConfigException if nothing can listen there */
    public static MetricsPage open(Listener where, PrometheusRegistry registry, Health health) {
        try {
            return new MetricsPage(HTTPServer.builder()
                    .hostname(where.host().isEmpty() ? "0.0.0.0" : where.host())
                    .port(where.port())
                    .registry(registry)
                    .defaultHandler(new HealthPages(health))
                    .registerHealthHandler(false)
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

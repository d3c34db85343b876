package io.gregor.broker.metrics;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.prometheus.metrics.exporter.httpserver.DefaultHandler;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * {@code /health} and {@code /ready}: 200 and "ok", or 503 and the reason in one line of plain text. Thread-safe. Any
 * other path gets a page that links to the metrics.
 */
final class HealthPages implements HttpHandler {
    private static final int OK = 200;
    private static final int UNAVAILABLE = 503;

    private final Health health;
    private final HttpHandler others = new DefaultHandler(MetricsPage.PATH);

    HealthPages(Health health) {
        this.health = health;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        switch (exchange.getRequestURI().getPath()) {
            case "/health" -> answer(exchange, health.ailment());
            case "/ready" -> answer(exchange, health.obstacle());
            default -> others.handle(exchange);
        }
    }

    private static void answer(HttpExchange exchange, @Nullable String problem) throws IOException {
        byte[] text = ((problem == null ? "ok" : problem) + "\n").getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
        boolean bodyless = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(problem == null ? OK : UNAVAILABLE, bodyless ? -1 : text.length);
        try (OutputStream out = exchange.getResponseBody()) {
            if (!bodyless) {
                out.write(text);
            }
        }
    }
}

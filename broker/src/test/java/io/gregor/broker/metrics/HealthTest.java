package io.gregor.broker.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.broker.config.Listener;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What probes are told over HTTP. */
class HealthTest {
    private final Health health = new Health();
    private final MetricsPage page =
            MetricsPage.open(new Listener("HTTP", "localhost", 0), new PrometheusRegistry(), health);

    @AfterEach
    void close() {
        page.close();
    }

    private String asked(String path) throws IOException, InterruptedException {
        return asked("GET", path);
    }

    private String asked(String method, String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:" + page.port() + path))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build();
        HttpResponse<String> response = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        return response.statusCode() + " " + response.body();
    }

    @Test
    void aBrokerThatStartsIsInOrderAndNotReady() throws Exception {
        assertThat(asked("/health")).isEqualTo("200 ok\n");
        assertThat(asked("/ready")).isEqualTo("503 the broker is starting\n");
        assertThat(asked("HEAD", "/ready")).isEqualTo("503 ");
    }

    @Test
    void itIsReadyWhenItsCoordinatorsAreLoadedUntilItStops() throws Exception {
        AtomicInteger loading = new AtomicInteger(2);
        health.serving(loading::get);
        assertThat(asked("/ready")).isEqualTo("503 partitions of coordinators that are being loaded: 2\n");
        loading.set(0);
        assertThat(asked("/ready")).isEqualTo("200 ok\n");
        health.stopping();
        assertThat(asked("/ready")).isEqualTo("503 the broker is stopping\n");
        assertThat(asked("/health")).isEqualTo("200 ok\n");
    }

    @Test
    void offlineLogDirectoriesAreNamed() throws Exception {
        health.watchDirs(() -> List.of("/a", "/b"));
        health.serving(() -> 0);
        assertThat(asked("/health")).isEqualTo("503 offline log directories: /a, /b\n");
        assertThat(asked("/ready")).isEqualTo("200 ok\n");
    }

    @Test
    void anyOtherPathLinksToTheMetrics() throws Exception {
        assertThat(asked("/")).startsWith("200 ").contains("/metrics");
    }
}

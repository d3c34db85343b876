package io.gregor.compat.disk;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.compat.GregorProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What whoever watches over a broker is told when it probes it. */
@Tag("once")
class ProbesTest {
    private static final Pattern PAGE = Pattern.compile("HTTP://(localhost:\\d+)/metrics");

    @TempDir
    private Path folder;

    private static String asked(GregorProcess broker, String path) throws IOException, InterruptedException {
        Matcher where = PAGE.matcher(broker.output());
        assertThat(where.find()).as(broker.output()).isTrue();
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + where.group(1) + path))
                .build();
        HttpResponse<String> response = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        return response.statusCode() + " " + response.body();
    }

    @Test
    void aBrokerIsInOrderUntilALogDirectoryIsOffline() throws Exception {
        Path data = folder.resolve("data");
        Path second = folder.resolve("second");
        String dirs = "log.dirs=" + data + "," + second;
        try (GregorProcess broker = GregorProcess.start(folder, dirs, "gregor.metrics.listener=HTTP://localhost:0")) {
            assertThat(asked(broker, "/health")).isEqualTo("200 ok\n");
            Awaitility.await()
                    .untilAsserted(() -> assertThat(asked(broker, "/ready")).isEqualTo("200 ok\n"));
        }
        Path other = Files.createDirectory(folder.resolve("other"));
        Path lost = Files.createFile(other.resolve("lost"));
        String withLost = "log.dirs=" + other.resolve("data") + "," + lost;
        try (GregorProcess broker =
                GregorProcess.start(other, withLost, "gregor.metrics.listener=HTTP://localhost:0")) {
            assertThat(asked(broker, "/health")).isEqualTo("503 offline log directories: " + lost + "\n");
            assertThat(asked(broker, "/ready")).isEqualTo("200 ok\n");
        }
    }
}

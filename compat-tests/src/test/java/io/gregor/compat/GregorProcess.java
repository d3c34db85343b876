package io.gregor.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** A broker, started by the launcher as a user would. Its port stays the same across restarts. */
final class GregorProcess implements AutoCloseable {
    private static final Path CHECKOUT = Path.of("..").toAbsolutePath().normalize();

    private final Path data;
    private final Path output;
    private final int port = freePort();
    private final List<String> overrides;
    private Process process;

    private GregorProcess(Path folder, List<String> overrides) throws IOException {
        this.data = folder.resolve("data");
        this.output = folder.resolve("broker.log");
        this.overrides = overrides;
        this.process = launch();
        awaitReady();
    }

    static GregorProcess start(Path folder, String... overrides) throws IOException {
        return new GregorProcess(folder, List.of(overrides));
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Path launcher() {
        return CHECKOUT.resolve("gregor");
    }

    private Process launch() throws IOException {
        List<String> command = new ArrayList<>(List.of(
                launcher().toString(),
                "start",
                "--override",
                "listeners=PLAINTEXT://localhost:" + port + ",CONTROLLER://localhost:0",
                "--override",
                "controller.listener.names=CONTROLLER",
                "--override",
                "log.dirs=" + data,
                "--override",
                "group.initial.rebalance.delay.ms=0"));
        overrides.forEach(override -> command.addAll(List.of("--override", override)));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
        builder.environment().put("GREGOR_JAVA_HOME", System.getProperty("java.home"));
        return builder.start();
    }

    private void awaitReady() {
        Awaitility.await()
                .atMost(Duration.ofMinutes(2))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> {
                    assertThat(process.isAlive())
                            .as("broker alive; its output: " + output())
                            .isTrue();
                    return output().contains("Kafka Server started");
                });
    }

    String output() throws IOException {
        return Files.exists(output) ? Files.readString(output) : "";
    }

    String address() {
        return "localhost:" + port;
    }

    int port() {
        return port;
    }

    long pid() {
        return process.pid();
    }

    Path data() {
        return data;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** SIGTERM; returns the exit status. */
    int stop() throws InterruptedException {
        process.destroy();
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).as("stopped").isTrue();
        return process.exitValue();
    }

    /** SIGKILL. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    void startAgain() throws IOException {
        assertThat(process.isAlive()).isFalse();
        Files.move(output, output.resolveSibling("broker-" + process.pid() + ".log"));
        process = launch();
        awaitReady();
    }

    /** Whatever a test did to the broker: Apache Kafka's tool must find its files sound. */
    @Override
    public void close() throws IOException, InterruptedException {
        if (process.isAlive()) {
            stop();
        }
        for (Path folder : dataFolders()) {
            DumpLog.assertSound(folder);
        }
    }

    private List<Path> dataFolders() {
        String setting = "log.dirs=";
        return overrides.stream()
                .filter(override -> override.startsWith(setting))
                .findFirst()
                .map(override -> Stream.of(override.substring(setting.length()).split(",", -1))
                        .map(Path::of)
                        .toList())
                .orElse(List.of(data));
    }
}

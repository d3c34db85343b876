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
public final class GregorProcess implements AutoCloseable {
    private static final Path CHECKOUT = Path.of("..").toAbsolutePath().normalize();

    /** For whatever comes on any machine: a busy one makes a test slower, but does not fail it. */
    public static final Duration PATIENCE = Duration.ofMinutes(3);

    static {
        Awaitility.setDefaultTimeout(PATIENCE);
    }

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

    public static GregorProcess start(Path folder, String... overrides) throws IOException {
        return new GregorProcess(folder, List.of(overrides));
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static Path launcher() {
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
        Awaitility.await().pollInterval(Duration.ofMillis(20)).until(() -> {
            assertThat(process.isAlive())
                    .as("broker alive; its output: " + output())
                    .isTrue();
            return output().contains("Kafka Server started");
        });
    }

    public String output() throws IOException {
        return Files.exists(output) ? Files.readString(output) : "";
    }

    public String address() {
        return "localhost:" + port;
    }

    public int port() {
        return port;
    }

    public long pid() {
        return process.pid();
    }

    public Path data() {
        return data;
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** SIGTERM; returns the exit status. */
    public int stop() throws InterruptedException {
        process.destroy();
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).as("stopped").isTrue();
        return process.exitValue();
    }

    /** SIGKILL. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    public void startAgain() throws IOException {
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

package io.gregor.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** A broker, started by the launcher as a user would. Its port stays the same across restarts. */
public final class GregorProcess implements AutoCloseable {
    private static final Path CHECKOUT = Path.of("..").toAbsolutePath().normalize();

    /** For whatever comes on any machine: a busy one makes a test slower, but does not fail it. */
    public static final Duration PATIENCE = Duration.ofMinutes(3);

    /** Between two looks whether what is awaited has come. */
    static final Duration BETWEEN_LOOKS = Duration.ofMillis(20);

    static {
        Awaitility.setDefaultTimeout(PATIENCE);
        Awaitility.setDefaultPollInterval(BETWEEN_LOOKS);
    }

    /** Of a generation, as the serial collector shows it. */
    private static final Pattern USED = Pattern.compile("total \\d+K, used (\\d+)K");

    private static boolean prepared;

    private final Path data;
    private final Path output;
    private final int port = Ports.free();
    private final String jvmOptions;
    private final List<String> overrides;
    private Process process;

    private GregorProcess(Path folder, String jvmOptions, List<String> overrides) throws IOException {
        this.jvmOptions = jvmOptions;
        this.data = folder.resolve("data");
        this.output = folder.resolve("broker.log");
        this.overrides = overrides;
        this.process = firstLaunch();
        awaitReady();
    }

    /**
     * The launcher builds the broker and prepares the cache at its first start: one JVM with tests does so, while the
     * others wait.
     */
    private Process firstLaunch() throws IOException {
        synchronized (GregorProcess.class) {
            if (prepared) {
                return launch();
            }
            try (FileChannel lock = FileChannel.open(
                            Path.of("target", "broker.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock held = lock.lock()) {
                assertThat(held.isValid()).isTrue();
                process = launch();
                awaitReady();
                prepared = true;
                return process;
            }
        }
    }

    public static GregorProcess start(Path folder, String... overrides) throws IOException {
        return startWith("", folder, overrides);
    }

    /**
     * Starts it with further options for its JVM.
     *
     * @param jvmOptions such as {@code -Xmx64m}, after those of the launcher
     */
    public static GregorProcess startWith(String jvmOptions, Path folder, String... overrides) throws IOException {
        return new GregorProcess(folder, jvmOptions, List.of(overrides));
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
        if (!jvmOptions.isEmpty()) {
            builder.environment().put("GREGOR_OPTS", jvmOptions);
        }
        return builder.start();
    }

    private void awaitReady() {
        Awaitility.await().until(() -> {
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

    /** The bytes of the heap that a collection leaves. */
    public long liveBytes() throws IOException, InterruptedException {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        Tool.of(jcmd, pid(), "GC.run").run().assertOk();
        Matcher used = USED.matcher(
                Tool.of(jcmd, pid(), "GC.heap_info").run().assertOk().out());
        long bytes = 0;
        while (used.find()) {
            bytes += Long.parseLong(used.group(1)) * 1024;
        }
        return bytes;
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

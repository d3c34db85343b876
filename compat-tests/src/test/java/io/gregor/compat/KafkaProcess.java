package io.gregor.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kafka.tools.StorageTool;
import org.awaitility.Awaitility;

/** Apache Kafka 4.3.1 itself, as a process, from the jars on the class path. */
public final class KafkaProcess implements AutoCloseable {
    private static final Path ARCHIVE =
            Path.of("target", "kafka-" + Runtime.version().feature() + ".jsa").toAbsolutePath();

    private static boolean prepared;

    private static final Pattern PORT = Pattern.compile("PLAINTEXT://localhost:(\\d+)");

    private final Process process;
    private final int port;

    private KafkaProcess(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /** On a folder of its own. */
    public static KafkaProcess start(Path folder, String... more) throws IOException {
        Path properties = configure(folder, folder.resolve("kafka"), more);
        format(properties);
        return launch(folder, properties);
    }

    /**
     * What {@code kafka-storage format} does, in this JVM.
     *
     * @return the id of the cluster
     */
    public static String format(Path properties, String... more) throws IOException {
        String clusterId = "MkU3OEVBNTcwNTJENDM2Qg";
        List<String> arguments = new ArrayList<>(List.of("format", "-t", clusterId, "-c", properties.toString()));
        arguments.addAll(List.of(more));
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        try (PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8)) {
            int status = StorageTool.execute(arguments.toArray(String[]::new), out);
            assertThat(status).as(printed.toString(StandardCharsets.UTF_8)).isZero();
        }
        return clusterId;
    }

    /** On a folder that is there, whoever has written it. */
    public static KafkaProcess startOn(Path folder, Path logDir, String... more) throws IOException {
        return launch(folder, configure(folder, logDir, more));
    }

    private static Path configure(Path folder, Path logDir, String... more) throws IOException {
        int port = Ports.free();
        int controllerPort = Ports.free();
        Path properties = folder.resolve("kafka.properties");
        Files.writeString(
                properties, """
                process.roles=broker,controller
                node.id=1
                listeners=PLAINTEXT://localhost:%d,CONTROLLER://localhost:%d
                controller.listener.names=CONTROLLER
                controller.quorum.voters=1@localhost:%d
                log.dirs=%s
                offsets.topic.replication.factor=1
                transaction.state.log.replication.factor=1
                transaction.state.log.min.isr=1
                group.initial.rebalance.delay.ms=0
                log.retention.ms=-1
                auto.create.topics.enable=false
                """.formatted(port, controllerPort, controllerPort, logDir) + String.join("\n", more));
        return properties;
    }

    /** On a folder of its own, with a Java agent as {@code -javaagent} names it. */
    public static KafkaProcess startWithAgent(Path folder, String agent) throws IOException {
        Path properties = configure(folder, folder.resolve("kafka"));
        format(properties);
        return launch(folder, properties, Map.of("JAVA_TOOL_OPTIONS", "-javaagent:" + agent));
    }

    private static KafkaProcess launch(Path folder, Path properties) throws IOException {
        return launch(folder, properties, Map.of());
    }

    private static KafkaProcess launch(Path folder, Path properties, Map<String, String> environment)
            throws IOException {
        prepareArchive();
        String classPath = String.join(File.pathSeparator, Tool.classPath());
        return launch(folder, properties, environment, List.of("-XX:SharedArchiveFile=" + ARCHIVE, "-cp", classPath));
    }

    /**
     * A broker that finds its classes in an archive of the JVM's starts in half the time: one JVM with tests starts one
     * that makes it when it is stopped, while the others wait. Without an archive the option means nothing.
     */
    private static synchronized void prepareArchive() throws IOException {
        if (prepared) {
            return;
        }
        try (FileChannel lock = FileChannel.open(
                        Path.of("target", "kafka.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock held = lock.lock()) {
            assertThat(held.isValid()).isTrue();
            if (Tool.canArchive() && !Files.exists(ARCHIVE)) {
                Path folder = Files.createTempDirectory(ARCHIVE.getParent(), "kafka");
                Path properties = configure(folder, folder.resolve("kafka"));
                format(properties);
                Path written = folder.resolve("written");
                String classPath = String.join(File.pathSeparator, Tool.jars());
                launch(folder, properties, Map.of(), List.of("-XX:ArchiveClassesAtExit=" + written, "-cp", classPath))
                        .stop();
                Files.move(written, ARCHIVE);
            }
            prepared = true;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static KafkaProcess launch(
            Path folder, Path properties, Map<String, String> environment, List<String> options) throws IOException {
        Matcher listener = PORT.matcher(Files.readString(properties));
        // Of a key that is given twice, the last one counts.
        int port = listener.results()
                .mapToInt(found -> Integer.parseInt(found.group(1)))
                .reduce((first, last) -> last)
                .orElseThrow(() -> new IllegalStateException(properties + " has no listener"));
        Path output = folder.resolve("kafka.log");
        List<String> command = new ArrayList<>(List.of("-Xmx256m"));
        command.addAll(options);
        ProcessBuilder builder = new ProcessBuilder(
                        Tool.java(command, "kafka.Kafka", properties).command())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        KafkaProcess kafka = new KafkaProcess(process, port);
        Awaitility.await()
                .atMost(GregorProcess.PATIENCE)
                .pollInterval(GregorProcess.BETWEEN_LOOKS)
                .until(kafka::answers);
        return kafka;
    }

    private boolean answers() {
        try (RawClient client = new RawClient(port)) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    public String address() {
        return "localhost:" + port;
    }

    public int port() {
        return port;
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** SIGTERM, and waits for the end. */
    public void stop() throws InterruptedException {
        process.destroy();
        process.waitFor();
    }

    @Override
    public void close() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }
}

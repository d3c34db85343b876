package io.gregor.compat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/** Apache Kafka 4.3.1 itself, as a process, from the jars on the class path. */
public final class KafkaProcess implements AutoCloseable {
    private static final Pattern PORT = Pattern.compile("PLAINTEXT://localhost:(\\d+)");

    private final Process process;
    private final int port;

    private KafkaProcess(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /** On a folder of its own. */
    public static KafkaProcess start(Path folder, String... more) throws IOException, InterruptedException {
        Path properties = configure(folder, folder.resolve("kafka"), more);
        Tool.kafka("kafka.tools.StorageTool", "format", "-t", "MkU3OEVBNTcwNTJENDM2Qg", "-c", properties)
                .run()
                .assertOk();
        return launch(folder, properties);
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

    /** On a folder that is there, with a Java agent as {@code -javaagent} names it. */
    public static KafkaProcess startWithAgent(Path folder, Path logDir, String agent) throws IOException {
        return launch(folder, configure(folder, logDir), Map.of("JAVA_TOOL_OPTIONS", "-javaagent:" + agent));
    }

    private static KafkaProcess launch(Path folder, Path properties) throws IOException {
        return launch(folder, properties, Map.of());
    }

    private static KafkaProcess launch(Path folder, Path properties, Map<String, String> environment)
            throws IOException {
        Matcher listener = PORT.matcher(Files.readString(properties));
        if (!listener.find()) {
            throw new IllegalStateException(properties + " has no listener");
        }
        int port = Integer.parseInt(listener.group(1));
        Path output = folder.resolve("kafka.log");
        ProcessBuilder builder = new ProcessBuilder(
                        Tool.kafka("kafka.Kafka", properties).command())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        KafkaProcess kafka = new KafkaProcess(process, port);
        Awaitility.await().atMost(GregorProcess.PATIENCE).until(kafka::answers);
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

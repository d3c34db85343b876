package io.gregor.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Starts the two that are compared, each as its own users would. */
record Brokers(Path checkout, Path kafkaJars, Path work) {
    private static final int KAFKA_PORT = 19192;
    private static final int GREGOR_PORT = 19292;
    /** The JVM that runs this runs Apache Kafka too. */
    private static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();

    BrokerProcess start(boolean isGregor, Path data) throws IOException, InterruptedException {
        return isGregor ? gregor(data) : kafka(data);
    }

    private BrokerProcess gregor(Path data) throws IOException {
        return BrokerProcess.start(
                List.of(
                        checkout.resolve("gregor").toString(),
                        "start",
                        "--override",
                        "listeners=PLAINTEXT://127.0.0.1:" + GREGOR_PORT,
                        "--override",
                        "log.dirs=" + data),
                data,
                GREGOR_PORT);
    }

    private BrokerProcess kafka(Path data) throws IOException, InterruptedException {
        Path properties = work.resolve("kafka.properties");
        Files.writeString(properties, """
                process.roles=broker,controller
                node.id=1
                listeners=PLAINTEXT://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d
                controller.listener.names=CONTROLLER
                controller.quorum.voters=1@127.0.0.1:%d
                log.dirs=%s
                offsets.topic.replication.factor=1
                transaction.state.log.replication.factor=1
                transaction.state.log.min.isr=1
                """.formatted(KAFKA_PORT, KAFKA_PORT + 1, KAFKA_PORT + 1, data));
        if (!Files.exists(data)) {
            format(properties);
        }
        // The options of Apache Kafka's own start script.
        List<String> command = List.of(
                JAVA,
                "-Xmx1G",
                "-Xms1G",
                "-server",
                "-XX:+UseG1GC",
                "-XX:MaxGCPauseMillis=20",
                "-XX:InitiatingHeapOccupancyPercent=35",
                "-XX:+ExplicitGCInvokesConcurrent",
                "-cp",
                kafkaJars + "/*",
                "kafka.Kafka",
                properties.toString());
        return BrokerProcess.start(command, data, KAFKA_PORT);
    }

    private void format(Path properties) throws IOException, InterruptedException {
        List<String> format = new ArrayList<>(List.of(JAVA, "-cp", kafkaJars + "/*", "kafka.tools.StorageTool"));
        format.addAll(List.of("format", "-t", "MkU3OEVBNTcwNTJENDM2Qg", "-c", properties.toString()));
        if (new ProcessBuilder(format)
                        .inheritIO()
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor()
                != 0) {
            throw new IOException("formatting Apache Kafka's folder failed");
        }
    }
}

package io.gregor.bench;

import io.gregor.wire.record.RecordBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Measures Gregor and Apache Kafka in turns on this machine and prints the medians with their ratio. Arguments: the
 * checkout, the folder of Apache Kafka's jars, then the number of rounds (3) and the MB per measurement (1024).
 */
public final class SideBySide {
    private static final int KAFKA_PORT = 19192;
    private static final int GREGOR_PORT = 19292;
    /** The JVM that runs this runs Apache Kafka too. */
    private static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();

    private static final int[] BATCH_KB = {16, 64};

    private final Path checkout;
    private final Path kafkaJars;
    private final Path work;
    private final long megabytes;
    private final Map<String, List<Double>> gregor = new LinkedHashMap<>();
    private final Map<String, List<Double>> kafka = new LinkedHashMap<>();

    private SideBySide(Path checkout, Path kafkaJars, Path work, long megabytes) {
        this.checkout = checkout;
        this.kafkaJars = kafkaJars;
        this.work = work;
        this.megabytes = megabytes;
    }

    public static void main(String[] args) throws Exception {
        int rounds = args.length > 2 ? Integer.parseInt(args[2]) : 3;
        long megabytes = args.length > 3 ? Long.parseLong(args[3]) : 1024;
        Path work = Files.createTempDirectory("gregor-bench");
        SideBySide run = new SideBySide(Path.of(args[0]), Path.of(args[1]), work, megabytes);
        run.warmCache();
        for (int round = 0; round < rounds; round++) {
            run.measure(false, round);
            run.measure(true, round);
        }
        run.print();
        BrokerProcess.delete(work);
    }

    /** The first start prepares the JVM's cache, and is not measured. */
    private void warmCache() throws Exception {
        try (BrokerProcess broker = startGregor(work.resolve("warm"))) {
            firstAcknowledged(broker);
        }
    }

    private BrokerProcess startGregor(Path data) throws IOException {
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

    private BrokerProcess startKafka(Path data) throws IOException, InterruptedException {
        Path properties = work.resolve("kafka.properties");
        Files.writeString(properties, """
                process.roles=broker,controller
                node.id=1
                listeners=PLAINTEXT://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d
                controller.listener.names=CONTROLLER
                controller.quorum.voters=1@127.0.0.1:%d
                log.dirs=%s
                offsets.topic.replication.factor=1
                """.formatted(KAFKA_PORT, KAFKA_PORT + 1, KAFKA_PORT + 1, data));
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

    private void measure(boolean isGregor, int round) throws Exception {
        Map<String, List<Double>> into = isGregor ? gregor : kafka;
        Path data = work.resolve((isGregor ? "gregor-" : "kafka-") + round);
        long before = System.nanoTime();
        try (BrokerProcess broker = isGregor ? startGregor(data) : startKafka(data)) {
            long started = isGregor ? before : System.nanoTime();
            double firstMs = (firstAcknowledged(broker) - started) / 1e6;
            note(into, "start to first acknowledged produce, ms", firstMs);
            Thread.sleep(5000);
            note(into, "idle resident memory, MB", broker.residentMb());
            for (int kb : BATCH_KB) {
                load(broker, into, kb);
            }
            note(into, "resident memory after load, MB", broker.residentMb());
        }
    }

    private static void note(Map<String, List<Double>> into, String what, double value) {
        into.computeIfAbsent(what, name -> new ArrayList<>()).add(value);
        System.err.printf(Locale.ROOT, "%s: %.1f%n", what, value);
    }

    /** The moment at which the first produce was acknowledged. */
    private static long firstAcknowledged(BrokerProcess broker) throws InterruptedException {
        ByteBuffer batch = LoadClient.batch(1000);
        while (broker.isAlive()) {
            try (LoadClient client = new LoadClient(broker.port())) {
                while (!client.hasTopic("first")) {
                    Thread.sleep(1);
                }
                if (client.produce("first", batch)) {
                    return System.nanoTime();
                }
            } catch (IOException e) {
                Thread.sleep(1);
            }
        }
        throw new IllegalStateException("the broker died");
    }

    private void load(BrokerProcess broker, Map<String, List<Double>> into, int kb) throws Exception {
        ByteBuffer batch = LoadClient.batch(kb * 1024);
        int records = new RecordBatch(batch, 0).recordCount();
        long times = megabytes * 1024 * 1024 / batch.remaining();
        double mb = times * (double) batch.remaining() / 1e6;
        String topic = "load-" + kb;
        try (LoadClient client = new LoadClient(broker.port())) {
            // A broker may announce a leader a moment before that takes records.
            while (!client.hasTopic(topic) || !client.produce(topic, batch)) {
                Thread.onSpinWait();
            }
            client.produce(topic, batch, times / 10);
            double cpu = broker.cpuSeconds();
            long began = System.nanoTime();
            client.produce(topic, batch, times);
            double seconds = (System.nanoTime() - began) / 1e9;
            note(into, "produce " + kb + " KB, MB/s", mb / seconds);
            note(into, "produce " + kb + " KB, cpu-s/GB", (broker.cpuSeconds() - cpu) / (mb / 1000));
            client.fetch(topic, batch.remaining(), records, times / 10);
            cpu = broker.cpuSeconds();
            began = System.nanoTime();
            client.fetch(topic, batch.remaining(), records, times);
            seconds = (System.nanoTime() - began) / 1e9;
            note(into, "fetch " + kb + " KB, MB/s", mb / seconds);
            note(into, "fetch " + kb + " KB, cpu-s/GB", (broker.cpuSeconds() - cpu) / (mb / 1000));
        }
    }

    private void print() {
        System.out.printf("%-44s %12s %12s %8s%n", "median", "Gregor", "Kafka", "ratio");
        gregor.forEach((what, values) -> {
            double ours = median(values);
            double theirs = median(kafka.getOrDefault(what, List.of(Double.NaN)));
            System.out.printf(Locale.ROOT, "%-44s %12.1f %12.1f %8.2f%n", what, ours, theirs, ours / theirs);
        });
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().skip(values.size() / 2).findFirst().orElse(Double.NaN);
    }
}

package io.gregor.bench;

import io.gregor.wire.record.RecordBatch;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Measures Gregor and Apache Kafka in turns on this machine and prints the medians with their ratio. Arguments: the
 * checkout, the folder of Apache Kafka's jars, then the number of rounds (3) and the MB per measurement (1024).
 */
public final class SideBySide {
    private static final int[] BATCH_KB = {16, 64};
    private static final int COMMITS = 100_000;
    private static final int TRANSACTIONS = 20_000;
    private static final int PRODUCERS = 16;

    private final Brokers brokers;
    private final Results results = new Results();
    private final long megabytes;

    private SideBySide(Brokers brokers, long megabytes) {
        this.brokers = brokers;
        this.megabytes = megabytes;
    }

    public static void main(String[] args) throws Exception {
        int rounds = args.length > 2 ? Integer.parseInt(args[2]) : 3;
        long megabytes = args.length > 3 ? Long.parseLong(args[3]) : 1024;
        Path work = Files.createTempDirectory("gregor-bench");
        SideBySide run = new SideBySide(new Brokers(Path.of(args[0]), Path.of(args[1]), work), megabytes);
        run.warmCache();
        for (int round = 0; round < rounds; round++) {
            run.measure(false, round);
            run.measure(true, round);
        }
        run.results.print();
        BrokerProcess.delete(work);
    }

    /** The first start prepares the JVM's cache, and is not measured. */
    private void warmCache() throws Exception {
        try (BrokerProcess broker = brokers.start(true, brokers.work().resolve("warm"))) {
            LoadClient.firstAcknowledged(broker, "first");
        }
    }

    private void measure(boolean isGregor, int round) throws Exception {
        Results.Side into = results.of(isGregor);
        Path data = brokers.work().resolve((isGregor ? "gregor-" : "kafka-") + round);
        try (BrokerProcess broker = brokers.start(isGregor, data)) {
            double firstMs = LoadClient.firstAcknowledged(broker, "first");
            into.note("start to first acknowledged produce, ms", firstMs);
            Thread.sleep(5000);
            into.note("idle resident memory, MB", broker.residentMb());
            for (int kb : BATCH_KB) {
                load(broker, into, kb);
            }
            into.note("acknowledged in saturation, p99, ms", Saturation.p99Ms(broker, megabytes * 1024 * 1024));
            coordinate(broker, into);
            into.note("resident memory after load, MB", broker.residentMb());
            into.note("SIGTERM to exit after load, ms", broker.stop());
        }
        data = brokers.work().resolve((isGregor ? "gregor-idle-" : "kafka-idle-") + round);
        try (BrokerProcess idle = brokers.start(isGregor, data)) {
            LoadClient.firstAcknowledged(idle, "first");
            Thread.sleep(2000);
            into.note("SIGTERM to exit when idle, ms", idle.stop());
        }
    }

    private static void coordinate(BrokerProcess broker, Results.Side into) throws Exception {
        try (LoadClient client = new LoadClient(broker.port());
                TransactionLoad transactions = new TransactionLoad(broker.port(), "first", PRODUCERS)) {
            while (!client.coordinates("group")) {
                Thread.sleep(20);
            }
            client.commit("group", "first", COMMITS / 2);
            double cpu = broker.cpuSeconds();
            long began = System.nanoTime();
            client.commit("group", "first", COMMITS);
            into.note("offset commits a second", COMMITS * 1e9 / (System.nanoTime() - began));
            into.note("offset commits, cpu-s/million", (broker.cpuSeconds() - cpu) * 1e6 / COMMITS);
            transactions.run(TRANSACTIONS / PRODUCERS / 2);
            cpu = broker.cpuSeconds();
            began = System.nanoTime();
            long count = transactions.run(TRANSACTIONS / PRODUCERS);
            into.note("transactions a second", count * 1e9 / (System.nanoTime() - began));
            into.note("transactions, cpu-s/million", (broker.cpuSeconds() - cpu) * 1e6 / count);
        }
    }

    private void load(BrokerProcess broker, Results.Side into, int kb) throws Exception {
        ByteBuffer batch = LoadClient.batch(kb * 1024);
        int records = new RecordBatch(batch, 0).recordCount();
        long times = megabytes * 1024 * 1024 / batch.remaining();
        double mb = times * (double) batch.remaining() / 1e6;
        String topic = "load-" + kb;
        try (LoadClient client = new LoadClient(broker.port())) {
            // A broker may announce a leader a moment before that takes records.
            while (!client.hasTopic(topic) || !client.produce(topic, 0, batch)) {
                Thread.onSpinWait();
            }
            client.produce(topic, 0, batch, times / 10);
            double cpu = broker.cpuSeconds();
            long began = System.nanoTime();
            double stallMs = client.produce(topic, 0, batch, times);
            double seconds = (System.nanoTime() - began) / 1e9;
            into.note("produce " + kb + " KB, MB/s", mb / seconds);
            into.note("produce " + kb + " KB, longest without an answer, ms", stallMs);
            into.note("produce " + kb + " KB, cpu-s/GB", (broker.cpuSeconds() - cpu) / (mb / 1000));
            client.fetch(topic, batch.remaining(), records, times / 10);
            cpu = broker.cpuSeconds();
            began = System.nanoTime();
            client.fetch(topic, batch.remaining(), records, times);
            seconds = (System.nanoTime() - began) / 1e9;
            into.note("fetch " + kb + " KB, MB/s", mb / seconds);
            into.note("fetch " + kb + " KB, cpu-s/GB", (broker.cpuSeconds() - cpu) / (mb / 1000));
        }
    }
}

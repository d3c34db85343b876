package io.gregor.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Many partitions, and recovery after kill -9, Gregor and Apache Kafka in turns. Arguments: the checkout, the folder of
 * Apache Kafka's jars, then the number of rounds (1), of empty partitions (10,000), and the GB to recover (5).
 */
public final class Scale {
    private static final int PARTITIONS_OF_A_TOPIC = 500;
    private static final int BATCH_BYTES = 64 * 1024;
    private static final String LAST = "last";

    private final Brokers brokers;
    private final Results results = new Results();
    private final int partitions;
    private final long gigabytes;

    private Scale(Brokers brokers, int partitions, long gigabytes) {
        this.brokers = brokers;
        this.partitions = partitions;
        this.gigabytes = gigabytes;
    }

    public static void main(String[] args) throws Exception {
        int rounds = args.length > 2 ? Integer.parseInt(args[2]) : 1;
        int partitions = args.length > 3 ? Integer.parseInt(args[3]) : 10_000;
        long gigabytes = args.length > 4 ? Long.parseLong(args[4]) : 5;
        Path work = Files.createTempDirectory("gregor-scale");
        Scale run = new Scale(new Brokers(Path.of(args[0]), Path.of(args[1]), work), partitions, gigabytes);
        for (int round = 0; round < rounds; round++) {
            for (boolean isGregor : new boolean[] {false, true}) {
                run.manyPartitions(isGregor);
                run.recovery(isGregor);
            }
        }
        run.results.print();
        BrokerProcess.delete(work);
    }

    private void manyPartitions(boolean isGregor) throws Exception {
        Results.Side into = results.of(isGregor);
        Path data = brokers.work().resolve("data");
        BrokerProcess broker = brokers.start(isGregor, data);
        LoadClient.firstAcknowledged(broker, LAST);
        try (LoadClient client = new LoadClient(broker.port())) {
            for (int i = 0; i < partitions / PARTITIONS_OF_A_TOPIC; i++) {
                client.createTopic("many-" + i, PARTITIONS_OF_A_TOPIC);
            }
        }
        Thread.sleep(5000);
        into.note("with empty partitions: resident memory, MB", broker.residentMb());
        broker.stop();
        broker = brokers.start(isGregor, data);
        into.note("after a stop, to first produce, ms", LoadClient.firstAcknowledged(broker, LAST));
        Thread.sleep(5000);
        into.note("started again: resident memory, MB", broker.residentMb());
        broker.kill();
        try (BrokerProcess again = brokers.start(isGregor, data)) {
            into.note("after kill -9, to first produce, ms", LoadClient.firstAcknowledged(again, LAST));
        }
    }

    private void recovery(boolean isGregor) throws Exception {
        Path data = brokers.work().resolve("data");
        BrokerProcess broker = brokers.start(isGregor, data);
        LoadClient.firstAcknowledged(broker, LAST);
        fill(broker);
        broker.kill();
        try (BrokerProcess again = brokers.start(isGregor, data)) {
            double ms = LoadClient.firstAcknowledged(again, "filled");
            results.of(isGregor).note("recovery of " + gigabytes + " GB, to first produce, ms", ms);
        }
    }

    private void fill(BrokerProcess broker) throws IOException, InterruptedException {
        ByteBuffer batch = LoadClient.batch(BATCH_BYTES);
        long times = gigabytes * 1_000_000_000 / PARTITIONS_OF_A_TOPIC / batch.remaining();
        try (LoadClient client = new LoadClient(broker.port())) {
            client.createTopic("filled", PARTITIONS_OF_A_TOPIC);
            while (!client.hasTopic("filled")) {
                Thread.sleep(10);
            }
            for (int i = 0; i < PARTITIONS_OF_A_TOPIC; i++) {
                while (!client.produce("filled", i, batch)) {
                    Thread.sleep(10);
                }
                client.produce("filled", i, batch, times);
            }
        }
    }
}

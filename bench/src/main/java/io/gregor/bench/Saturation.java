package io.gregor.bench;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Producers that send more than the broker takes: {@value #CONNECTIONS} connections, each with {@value #IN_FLIGHT}
 * batches of {@value #BATCH_KB} KB in flight to a partition of its own, each on a thread of its own.
 */
final class Saturation {
    private static final int CONNECTIONS = 4;
    private static final int IN_FLIGHT = 5;
    private static final int BATCH_KB = 64;
    private static final String TOPIC = "saturated";

    private Saturation() {}

    /** Produces so many bytes; the time from sending a batch to its acknowledgement that 99 of 100 keep, in ms. */
    static double p99Ms(BrokerProcess broker, long bytes) throws Exception {
        ByteBuffer batch = LoadClient.batch(BATCH_KB * 1024);
        int each = (int) (bytes / batch.remaining() / CONNECTIONS);
        List<LoadClient> clients = new ArrayList<>();
        ExecutorService threads = Executors.newFixedThreadPool(CONNECTIONS);
        try {
            try (LoadClient first = new LoadClient(broker.port())) {
                first.createTopic(TOPIC, CONNECTIONS);
            }
            List<Callable<long[]>> loads = new ArrayList<>();
            for (int i = 0; i < CONNECTIONS; i++) {
                int partition = i;
                LoadClient client = new LoadClient(broker.port());
                clients.add(client);
                while (!client.produce(TOPIC, partition, batch)) {
                    Thread.onSpinWait();
                }
                loads.add(() -> client.latencies(TOPIC, partition, batch.duplicate(), each, IN_FLIGHT));
            }
            List<Future<long[]>> measured = threads.invokeAll(loads);
            long[] all = new long[0];
            for (Future<long[]> one : measured) {
                long[] nanos = one.get();
                // The first tenth is where either broker's compiler is still at work.
                long[] warm = Arrays.copyOfRange(nanos, nanos.length / 10, nanos.length);
                int had = all.length;
                all = Arrays.copyOf(all, had + warm.length);
                System.arraycopy(warm, 0, all, had, warm.length);
            }
            Arrays.sort(all);
            return all[all.length * 99 / 100] / 1e6;
        } finally {
            threads.shutdownNow();
            for (LoadClient client : clients) {
                client.close();
            }
        }
    }
}

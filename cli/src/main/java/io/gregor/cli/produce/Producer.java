package io.gregor.cli.produce;

import io.gregor.cli.client.BrokerException;
import io.gregor.cli.client.ClientException;
import io.gregor.cli.client.Cluster;
import io.gregor.cli.client.Topic;
import io.gregor.wire.Part;
import io.gregor.wire.message.ApiKey;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.InitProducerIdRequest;
import io.gregor.wire.message.InitProducerIdResponse;
import io.gregor.wire.message.ProduceRequest;
import io.gregor.wire.message.ProduceRequest.PartitionProduceData;
import io.gregor.wire.message.ProduceRequest.TopicProduceData;
import io.gregor.wire.message.ProduceResponse;
import io.gregor.wire.message.ProduceResponse.PartitionProduceResponse;
import io.gregor.wire.record.BatchBuilder;
import io.gregor.wire.record.Compression;
import io.gregor.wire.record.Record;
import io.gregor.wire.record.RecordBatch;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Writes records to one topic, in batches; idempotent with acks=all, so that nothing is written twice when it is sent
 * again. Confined to the main thread. Keeps at most about {@value #BUFFERED_BYTES_MAX} bytes of records, or one record.
 */
final class Producer {
    private static final long BUFFERED_BYTES_MAX = 400_000;

    /** A batch with the records so far, and the sequence numbers of one partition. */
    private static final class Pending {
        private @Nullable BatchBuilder open;
        private int nextSequence;
    }

    private final Cluster cluster;
    private final Topic topic;
    private final short acks;
    private final Compression compression;
    private final RandomGenerator random;
    private final Map<Integer, Pending> partitions = new TreeMap<>();
    private long producerId = RecordBatch.NO_PRODUCER_ID;
    private short producerEpoch = RecordBatch.NO_PRODUCER_EPOCH;
    private int anyPartition;
    private long bufferedBytes;
    private long written;

    /** @param acks -1 for all */
    Producer(Cluster cluster, String topic, short acks, Compression compression, RandomGenerator random) {
        this.cluster = cluster;
        this.topic = Topic.findOrCreate(cluster, topic);
        this.acks = acks;
        this.compression = compression;
        this.random = random;
        anyPartition = random.nextInt(this.topic.partitions().size());
        if (acks == -1 && cluster.version(ApiKey.INIT_PRODUCER_ID) >= 0) {
            initProducerId();
        }
    }

    private void initProducerId() {
        InitProducerIdRequest request =
                new InitProducerIdRequest().transactionalId(null).transactionTimeoutMs(Integer.MAX_VALUE);
        InitProducerIdResponse response = cluster.retrying(() -> {
            InitProducerIdResponse one = cluster.any(ApiKey.INIT_PRODUCER_ID, request, InitProducerIdResponse.class);
            BrokerException.throwIfError(one.errorCode(), null, "topic " + topic.name());
            return one;
        });
        producerId = response.producerId();
        producerEpoch = response.producerEpoch();
    }

    /** How many records the brokers have taken. */
    long written() {
        return written;
    }

    /** @throws ClientException if there is no such partition, or what was added before cannot be written */
    void add(Outgoing record) {
        long size = record.sizeInBytes();
        if (bufferedBytes > 0 && bufferedBytes + size > BUFFERED_BYTES_MAX) {
            flush();
        }
        Pending pending = partitions.computeIfAbsent(partition(record), key -> new Pending());
        BatchBuilder open = pending.open;
        if (open == null) {
            open = new BatchBuilder(compression);
            if (producerId >= 0) {
                open.producer(producerId, producerEpoch, pending.nextSequence);
            }
            pending.open = open;
        }
        long timestampMs = record.timestampMs() >= 0
                ? record.timestampMs()
                : cluster.time().wallClockMs();
        open.add(new Record(-1, timestampMs, record.key(), record.value(), record.headers()));
        bufferedBytes += size;
    }

    private int partition(Outgoing record) {
        int count = topic.partitions().size();
        if (record.partition() >= count) {
            throw new ClientException(
                    "topic " + topic.name() + " has no partition " + record.partition() + ", it has " + count);
        }
        if (record.partition() >= 0) {
            return record.partition();
        }
        ByteBuffer key = record.key();
        return key == null ? anyPartition : Partitioner.partition(key, count);
    }

    /** Writes all that was added. */
    void flush() {
        Map<Integer, ByteBuffer> batches = new TreeMap<>();
        int records = 0;
        for (Map.Entry<Integer, Pending> one : partitions.entrySet()) {
            BatchBuilder open = one.getValue().open;
            if (open != null) {
                batches.put(one.getKey(), open.build());
                one.getValue().nextSequence = RecordBatch.addToSequence(one.getValue().nextSequence, open.count());
                one.getValue().open = null;
                records += open.count();
            }
        }
        bufferedBytes = 0;
        anyPartition = random.nextInt(topic.partitions().size());
        if (!batches.isEmpty()) {
            cluster.retrying(() -> {
                send(batches);
                return batches;
            });
            written += records;
        }
    }

    /** Takes those out that were written. */
    private void send(Map<Integer, ByteBuffer> batches) {
        Map<Integer, List<Integer>> byLeader = new TreeMap<>();
        for (Topic.Partition partition : Topic.find(cluster, topic.name()).partitions()) {
            if (batches.containsKey(partition.index())) {
                byLeader.computeIfAbsent(partition.leader(), key -> new ArrayList<>())
                        .add(partition.index());
            }
        }
        for (Map.Entry<Integer, List<Integer>> one : byLeader.entrySet()) {
            ProduceRequest request = request(one.getValue(), batches);
            if (acks == 0) {
                cluster.send(one.getKey(), ApiKey.PRODUCE, request);
                one.getValue().forEach(batches::remove);
            } else {
                int waitMs = cluster.settings().requestTimeoutMs();
                check(cluster.broker(one.getKey(), ApiKey.PRODUCE, request, waitMs, ProduceResponse.class), batches);
                if (one.getValue().stream().anyMatch(batches::containsKey)) {
                    throw new ClientException(
                            "broker " + one.getKey() + " did not say what became of the records for " + topic.name());
                }
            }
        }
    }

    private ProduceRequest request(List<Integer> chosen, Map<Integer, ByteBuffer> batches) {
        List<PartitionProduceData> data = new ArrayList<>();
        for (int partition : chosen) {
            ByteBuffer batch = batches.get(partition);
            if (batch != null) {
                data.add(new PartitionProduceData().index(partition).records(new Part.InMemory(batch)));
            }
        }
        return new ProduceRequest()
                .acks(acks)
                .timeoutMs(cluster.settings().requestTimeoutMs())
                .topicData(List.of(new TopicProduceData().name(topic.name()).partitionData(data)));
    }

    private void check(ProduceResponse response, Map<Integer, ByteBuffer> batches) {
        BrokerException failed = null;
        for (ProduceResponse.TopicProduceResponse answer : response.responses()) {
            for (PartitionProduceResponse partition : answer.partitionResponses()) {
                try {
                    check(partition);
                    batches.remove(partition.index());
                } catch (BrokerException e) {
                    failed = failed == null || failed.isRetriable() ? e : failed;
                }
            }
        }
        if (failed != null) {
            throw failed;
        }
    }

    private void check(PartitionProduceResponse partition) {
        ErrorCode code = ErrorCode.of(partition.errorCode());
        if (code == ErrorCode.DUPLICATE_SEQUENCE_NUMBER) {
            // An attempt whose answer was lost had written it.
            return;
        }
        String what = "partition " + topic.name() + "-" + partition.index();
        String message = partition.errorMessage();
        if (!partition.recordErrors().isEmpty()
                && partition.recordErrors().get(0).batchIndexErrorMessage() != null) {
            message = partition.recordErrors().get(0).batchIndexErrorMessage();
        }
        BrokerException.throwIfError(partition.errorCode(), message, what);
    }
}

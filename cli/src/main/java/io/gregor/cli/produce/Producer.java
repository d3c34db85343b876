package io.gregor.cli.produce;

import io.gregor.cli.client.BrokerException;
import io.gregor.cli.client.ClientException;
import io.gregor.cli.client.Cluster;
import io.gregor.cli.client.Leaders;
import io.gregor.cli.client.Topic;
import io.gregor.cli.client.TopicPartition;
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
import io.gregor.wire.record.Compression;
import io.gregor.wire.record.Partitioner;
import io.gregor.wire.record.Record;
import io.gregor.wire.record.RecordBatch;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Writes records to one topic, in batches; idempotent with acks=all, so that nothing is written twice when it is sent
 * again. Confined to the main thread. Keeps at most about {@value #BUFFERED_BYTES_MAX} bytes of records, or one record.
 * A batch that the topic's {@code max.message.bytes} does not allow is cut in halves.
 */
final class Producer {
    private static final long BUFFERED_BYTES_MAX = 400_000;
    private static final Set<ErrorCode> TOO_LARGE =
            EnumSet.of(ErrorCode.MESSAGE_TOO_LARGE, ErrorCode.RECORD_LIST_TOO_LARGE);

    private final Cluster cluster;
    private final Topic topic;
    private final short acks;
    private final Compression compression;
    private final RandomGenerator random;
    /** The lines of the next batch of each partition. */
    private final Map<Integer, List<Batch.Line>> open = new TreeMap<>();
    /** What is to be written, by partition, in order. */
    private final Map<Integer, Deque<Batch>> batches = new TreeMap<>();

    private final Map<Integer, Integer> nextSequences = new HashMap<>();
    private long producerId = RecordBatch.NO_PRODUCER_ID;
    private short producerEpoch = RecordBatch.NO_PRODUCER_EPOCH;
    private int anyPartition;
    private long bufferedBytes;
    private long bufferedBytesMax = BUFFERED_BYTES_MAX;
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

    /** How many records the brokers have taken; with acks=0 how many were sent to them. */
    long written() {
        return written;
    }

    /**
     * Writes it soon.
     *
     * @param number of the line that it was
     * @throws IllegalArgumentException if there is no such partition
     * @throws ClientException if what was added before cannot be written
     */
    void add(Outgoing record, long number) {
        int partition = partition(record);
        long size = record.sizeInBytes();
        if (bufferedBytes > 0 && bufferedBytes + size > bufferedBytesMax) {
            flush();
        }
        long timestampMs = record.timestampMs() >= 0
                ? record.timestampMs()
                : cluster.time().wallClockMs();
        open.computeIfAbsent(partition, key -> new ArrayList<>())
                .add(new Batch.Line(
                        number, new Record(-1, timestampMs, record.key(), record.value(), record.headers())));
        bufferedBytes += size;
    }

    private int partition(Outgoing record) {
        int count = topic.partitions().size();
        if (record.partition() >= count) {
            throw new IllegalArgumentException(
                    "topic " + topic.name() + " has no partition " + record.partition() + ", it has " + count);
        }
        if (record.partition() >= 0) {
            return record.partition();
        }
        ByteBuffer key = record.key();
        return key == null ? anyPartition : Partitioner.partition(key, count);
    }

    /**
     * Writes all that was added.
     *
     * @throws ClientException with the lines of which no broker said that it has them, if there are any
     */
    void flush() {
        open.forEach((partition, lines) -> {
            int sequence = nextSequences.getOrDefault(partition, 0);
            batches.put(partition, new ArrayDeque<>(List.of(new Batch(lines, sequence))));
            nextSequences.put(partition, RecordBatch.addToSequence(sequence, lines.size()));
        });
        open.clear();
        bufferedBytes = 0;
        anyPartition = random.nextInt(topic.partitions().size());
        Unwritten unwritten = new Unwritten();
        while (!batches.isEmpty()) {
            try {
                cluster.retrying(() -> {
                    sendFirst(unwritten);
                    return batches;
                });
            } catch (ClientException e) {
                batches.keySet().stream().toList().forEach(partition -> giveUp(partition, 0, e, unwritten));
            }
        }
        unwritten.throwIfAny();
    }

    /**
     * Sends the first batch of each partition.
     *
     * @throws ClientException if one of them failed for a reason that may pass
     */
    private void sendFirst(Unwritten unwritten) {
        Map<Integer, List<Integer>> byLeader = new TreeMap<>();
        ClientException failure = null;
        Set<Integer> missing = new TreeSet<>(batches.keySet());
        for (Topic.Partition partition : Topic.find(cluster, topic.name()).partitions()) {
            if (missing.remove(partition.index())) {
                if (partition.leader() < 0) {
                    failure = Leaders.none(new TopicPartition(topic.name(), partition.index()));
                }
                byLeader.computeIfAbsent(partition.leader(), key -> new ArrayList<>())
                        .add(partition.index());
            }
        }
        byLeader.remove(-1);
        if (!missing.isEmpty()) {
            failure = new BrokerException(
                    "topic " + topic.name() + " has no partitions " + missing + " any more",
                    ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
        }
        for (Map.Entry<Integer, List<Integer>> one : byLeader.entrySet()) {
            try {
                send(one.getKey(), one.getValue(), unwritten);
            } catch (ClientException e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private void send(int leader, List<Integer> partitions, Unwritten unwritten) {
        List<PartitionProduceData> data = new ArrayList<>();
        Map<Integer, Integer> sizes = new HashMap<>();
        for (int partition : partitions) {
            ByteBuffer bytes = first(partition).build(compression, producerId, producerEpoch);
            sizes.put(partition, bytes.remaining());
            data.add(new PartitionProduceData().index(partition).records(new Part.InMemory(bytes)));
        }
        ProduceRequest request = new ProduceRequest()
                .acks(acks)
                .timeoutMs(cluster.settings().requestTimeoutMs())
                .topicData(List.of(new TopicProduceData().name(topic.name()).partitionData(data)));
        if (acks == 0) {
            cluster.send(leader, ApiKey.PRODUCE, request);
            partitions.forEach(this::finish);
            return;
        }
        Map<Integer, PartitionProduceResponse> answers = new HashMap<>();
        cluster.broker(leader, ApiKey.PRODUCE, request, cluster.settings().requestTimeoutMs(), ProduceResponse.class)
                .responses()
                .forEach(answer -> answer.partitionResponses().forEach(one -> answers.put(one.index(), one)));
        ClientException failure = null;
        for (int partition : partitions) {
            try {
                settle(partition, answers.get(partition), sizes.getOrDefault(partition, 0), unwritten);
            } catch (BrokerException e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private Batch first(int partition) {
        return batches.getOrDefault(partition, new ArrayDeque<>()).getFirst();
    }

    /**
     * What a broker said of the first batch.
     *
     * @throws BrokerException if it is to be sent again
     */
    private void settle(
            int partition, @Nullable PartitionProduceResponse answer, int sizeInBytes, Unwritten unwritten) {
        if (answer == null) {
            giveUp(partition, 0, new ClientException("the broker did not say what became of it"), unwritten);
            return;
        }
        ErrorCode code = ErrorCode.of(answer.errorCode());
        // An attempt whose answer was lost had written what is there already.
        if (code == ErrorCode.NONE || code == ErrorCode.DUPLICATE_SEQUENCE_NUMBER) {
            finish(partition);
            return;
        }
        Batch batch = first(partition);
        if (TOO_LARGE.contains(code) && batch.lines().size() > 1) {
            bufferedBytesMax = Math.max(1, Math.min(bufferedBytesMax, sizeInBytes / 2));
            replaceByHalves(partition);
            return;
        }
        try {
            throwError(partition, answer);
        } catch (BrokerException e) {
            // The metadata knew the topic a moment ago.
            if (e.isRetriable() || code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION) {
                throw e;
            }
            giveUp(partition, blamed(answer), e, unwritten);
        }
    }

    private void replaceByHalves(int partition) {
        Deque<Batch> queue = batches.getOrDefault(partition, new ArrayDeque<>());
        List<Batch> halves = queue.removeFirst().halves();
        queue.addFirst(halves.get(1));
        queue.addFirst(halves.get(0));
    }

    private void throwError(int partition, PartitionProduceResponse answer) {
        String message = answer.errorMessage();
        if (!answer.recordErrors().isEmpty() && answer.recordErrors().get(0).batchIndexErrorMessage() != null) {
            message = answer.recordErrors().get(0).batchIndexErrorMessage();
        }
        BrokerException.throwIfError(answer.errorCode(), message, "partition " + topic.name() + "-" + partition);
    }

    /** The record of the batch that is the reason, as far as the broker says. */
    private static int blamed(PartitionProduceResponse answer) {
        return answer.recordErrors().isEmpty()
                ? 0
                : answer.recordErrors().get(0).batchIndex();
    }

    private void finish(int partition) {
        written += first(partition).lines().size();
        Deque<Batch> queue = batches.getOrDefault(partition, new ArrayDeque<>());
        queue.removeFirst();
        if (queue.isEmpty()) {
            batches.remove(partition);
        }
    }

    /** @param blamed the record of the first batch that is the reason */
    private void giveUp(int partition, int blamed, ClientException why, Unwritten unwritten) {
        List<Batch.Line> lines = first(partition).lines();
        long line = lines.get(Math.min(Math.max(0, blamed), lines.size() - 1)).number();
        Deque<Batch> queue = batches.remove(partition);
        unwritten.add(queue == null ? List.of() : queue, line, why);
    }
}

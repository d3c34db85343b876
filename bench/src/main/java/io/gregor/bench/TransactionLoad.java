package io.gregor.bench;

import io.gregor.wire.Message;
import io.gregor.wire.Part;
import io.gregor.wire.message.AddPartitionsToTxnRequest;
import io.gregor.wire.message.AddPartitionsToTxnRequest.AddPartitionsToTxnTopic;
import io.gregor.wire.message.AddPartitionsToTxnResponse;
import io.gregor.wire.message.ApiKey;
import io.gregor.wire.message.EndTxnRequest;
import io.gregor.wire.message.EndTxnResponse;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.FindCoordinatorRequest;
import io.gregor.wire.message.FindCoordinatorResponse;
import io.gregor.wire.message.InitProducerIdRequest;
import io.gregor.wire.message.InitProducerIdResponse;
import io.gregor.wire.message.ProduceRequest;
import io.gregor.wire.message.ProduceResponse;
import io.gregor.wire.record.BatchBuilder;
import io.gregor.wire.record.Compression;
import io.gregor.wire.record.Record;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Some producers with a connection each, all in step: every one of them adds a partition to its transaction, produces a
 * record of 1000 bytes, and commits.
 */
final class TransactionLoad implements AutoCloseable {
    private static final short FIND_VERSION = 3;
    private static final short INIT_VERSION = 4;
    private static final short ADD_VERSION = 3;
    private static final short PRODUCE_VERSION = 11;
    private static final short END_VERSION = 4;
    private static final byte TRANSACTION = 1;

    private final String topic;
    private final List<Producer> producers = new ArrayList<>();

    private static final class Producer {
        private final LoadClient client;
        private final String id;
        private long producerId;
        private short epoch;
        private int sequence;

        Producer(LoadClient client, String id) {
            this.client = client;
            this.id = id;
        }
    }

    TransactionLoad(int port, String topic, int count) throws IOException, InterruptedException {
        this.topic = topic;
        for (int i = 0; i < count; i++) {
            Producer producer = new Producer(new LoadClient(port), "bench-" + i);
            producers.add(producer);
            initialize(producer);
        }
    }

    /** The coordinator may have to be made first. */
    private static void initialize(Producer producer) throws IOException, InterruptedException {
        while (true) {
            producer.client.call(
                    ApiKey.FIND_COORDINATOR,
                    FIND_VERSION,
                    new FindCoordinatorRequest().key(producer.id).keyType(TRANSACTION),
                    new FindCoordinatorResponse());
            InitProducerIdResponse response = producer.client.call(
                    ApiKey.INIT_PRODUCER_ID,
                    INIT_VERSION,
                    new InitProducerIdRequest().transactionalId(producer.id).transactionTimeoutMs(60_000),
                    new InitProducerIdResponse());
            if (response.errorCode() == ErrorCode.NONE.code()) {
                producer.producerId = response.producerId();
                producer.epoch = response.producerEpoch();
                return;
            }
            Thread.sleep(20);
        }
    }

    /** Returns how many transactions were committed. */
    long run(int rounds) throws IOException {
        for (int i = 0; i < rounds; i++) {
            addPartitions();
            for (Producer producer : producers) {
                producer.client.send(ApiKey.PRODUCE, PRODUCE_VERSION, produceRequest(producer));
                producer.sequence++;
            }
            for (Producer producer : producers) {
                check(producer.client
                        .receive(ApiKey.PRODUCE, PRODUCE_VERSION, new ProduceResponse())
                        .responses()
                        .get(0)
                        .partitionResponses()
                        .get(0)
                        .errorCode());
            }
            end();
        }
        return (long) rounds * producers.size();
    }

    /** Asks again while the markers of the transaction before are on their way. */
    private void addPartitions() throws IOException {
        List<Producer> left = new ArrayList<>(producers);
        while (!left.isEmpty()) {
            for (Producer producer : left) {
                Message request = new AddPartitionsToTxnRequest()
                        .v3AndBelowTransactionalId(producer.id)
                        .v3AndBelowProducerId(producer.producerId)
                        .v3AndBelowProducerEpoch(producer.epoch)
                        .v3AndBelowTopics(List.of(
                                new AddPartitionsToTxnTopic().name(topic).partitions(List.of(0))));
                producer.client.send(ApiKey.ADD_PARTITIONS_TO_TXN, ADD_VERSION, request);
            }
            List<Producer> again = new ArrayList<>();
            for (Producer producer : left) {
                short error = producer.client
                        .receive(ApiKey.ADD_PARTITIONS_TO_TXN, ADD_VERSION, new AddPartitionsToTxnResponse())
                        .resultsByTopicV3AndBelow()
                        .get(0)
                        .resultsByPartition()
                        .get(0)
                        .partitionErrorCode();
                if (error == ErrorCode.CONCURRENT_TRANSACTIONS.code()) {
                    again.add(producer);
                } else {
                    check(error);
                }
            }
            left = again;
        }
    }

    private ProduceRequest produceRequest(Producer producer) {
        ByteBuffer batch = new BatchBuilder(Compression.NONE)
                .producer(producer.producerId, producer.epoch, producer.sequence)
                .transactional()
                .add(Record.of(System.currentTimeMillis(), null, ByteBuffer.allocate(1000)))
                .build();
        return new ProduceRequest()
                .transactionalId(producer.id)
                .acks((short) -1)
                .timeoutMs(10_000)
                .topicData(List.of(new ProduceRequest.TopicProduceData()
                        .name(topic)
                        .partitionData(
                                List.of(new ProduceRequest.PartitionProduceData().records(new Part.InMemory(batch))))));
    }

    private void end() throws IOException {
        for (Producer producer : producers) {
            Message request = new EndTxnRequest()
                    .transactionalId(producer.id)
                    .producerId(producer.producerId)
                    .producerEpoch(producer.epoch)
                    .committed(true);
            producer.client.send(ApiKey.END_TXN, END_VERSION, request);
        }
        for (Producer producer : producers) {
            check(producer.client
                    .receive(ApiKey.END_TXN, END_VERSION, new EndTxnResponse())
                    .errorCode());
        }
    }

    private static void check(short error) throws IOException {
        if (error != 0) {
            throw new IOException("a request of a transaction was refused with error " + error);
        }
    }

    @Override
    public void close() throws IOException {
        for (Producer producer : producers) {
            producer.client.close();
        }
    }
}

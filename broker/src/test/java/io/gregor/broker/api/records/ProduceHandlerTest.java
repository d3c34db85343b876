package io.gregor.broker.api.records;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.broker.access.Access;
import io.gregor.broker.access.DeniedAccess;
import io.gregor.broker.cluster.ClusterMetadata;
import io.gregor.broker.config.BrokerConfig;
import io.gregor.broker.coordination.CoordinatorShards;
import io.gregor.broker.coordination.TransactionGate;
import io.gregor.broker.lane.ManualLane;
import io.gregor.broker.net.LocalPeer;
import io.gregor.broker.net.Reply;
import io.gregor.broker.quota.Quotas;
import io.gregor.broker.replica.OnePartition;
import io.gregor.broker.replica.Partition;
import io.gregor.broker.replica.PartitionLookup;
import io.gregor.controller.MetadataImage;
import io.gregor.coordinator.transaction.TransactionShard;
import io.gregor.log.disk.RealDisk;
import io.gregor.testsupport.ManualTime;
import io.gregor.wire.ByteBudget;
import io.gregor.wire.Part;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.ProduceRequest;
import io.gregor.wire.message.ProduceRequest.PartitionProduceData;
import io.gregor.wire.message.ProduceRequest.TopicProduceData;
import io.gregor.wire.message.ProduceResponse;
import io.gregor.wire.message.ProduceResponse.PartitionProduceResponse;
import io.gregor.wire.message.ProduceResponse.TopicProduceResponse;
import io.gregor.wire.record.BatchBuilder;
import io.gregor.wire.record.Compression;
import io.gregor.wire.record.Record;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Batches that take long to check leave the connection's loop, and keep their order. */
class ProduceHandlerTest {
    private static final int LARGE = 8 << 20;

    @TempDir
    Path folder;

    private final ManualTime time = new ManualTime();
    private final ManualLane lane = new ManualLane();
    private Access access = Access.UNRESTRICTED;
    private BooleanSupplier verifies = () -> false;
    private final Queue<Runnable> validators = new ArrayDeque<>();

    /** Notes what a request asks of its connection. */
    private static final class Noted implements Reply<ProduceResponse> {
        private final List<TopicProduceResponse> topics = new ArrayList<>();
        private final List<PartitionProduceResponse> sent = new ArrayList<>();
        private boolean holds;

        @Override
        public void send(ProduceResponse response) {
            topics.addAll(response.responses());
            topics.forEach(topic -> sent.addAll(topic.partitionResponses()));
        }

        @Override
        public void sendNothing(int throttleMs) {
            throw new AssertionError("no answer");
        }

        @Override
        public void fail(Throwable cause) {
            throw new AssertionError(cause);
        }

        @Override
        public void whenClosed(Runnable action) {}

        @Override
        public void holdNext() {
            holds = true;
        }

        @Override
        public void letNextBegin() {
            holds = false;
        }

        @Override
        public void disconnect(String reason) {
            throw new AssertionError(reason);
        }
    }

    private OnePartition partition(Map<String, String> config) throws IOException {
        return new OnePartition(new RealDisk(), folder, lane, time, config);
    }

    private ProduceHandler handler(OnePartition t) {
        ClusterMetadata metadata = new ClusterMetadata();
        metadata.published(MetadataImage.EMPTY, t.image(), 1);
        CoordinatorShards<TransactionShard> transactions = new CoordinatorShards<>(
                "__transaction_state",
                metadata,
                t.partitions(),
                Runnable::run,
                partition -> {
                    throw new AssertionError(partition.name());
                },
                shard -> {});
        Quotas quotas = new Quotas(
                BrokerConfig.of(Map.of()), metadata, time, System::nanoTime, new ByteBudget("quotas", 1 << 20));
        return new ProduceHandler(
                new PartitionLookup(metadata, t.partitions(), 1),
                new TransactionGate(transactions, verifies),
                quotas,
                time,
                validators::add);
    }

    /** Each batch to the next partition. */
    private Noted produce(ProduceHandler handler, ByteBuffer... batches) {
        List<PartitionProduceData> data = IntStream.range(0, batches.length)
                .mapToObj(i -> data(i, batches[i]))
                .toList();
        return produce(handler, List.of(new TopicProduceData().name("t").partitionData(data)));
    }

    private static PartitionProduceData data(int partition, ByteBuffer batch) {
        return new PartitionProduceData().index(partition).records(new Part.InMemory(batch));
    }

    private Noted produce(ProduceHandler handler, List<TopicProduceData> topics) {
        ProduceRequest request =
                new ProduceRequest().acks((short) 1).transactionalId("x").topicData(topics);
        Noted reply = new Noted();
        handler.handle(new LocalPeer("PLAINTEXT").asks((short) 9, 100, "client", lane, access), request, reply);
        return reply;
    }

    /** Else the connection would never answer again. */
    @Test
    void aFaultWhileTheCoordinatorIsAskedIsAnsweredWithAnError() throws IOException {
        verifies = () -> {
            throw new IllegalStateException("thrown by the test");
        };
        ByteBuffer batch = new BatchBuilder(Compression.NONE)
                .producer(1, (short) 0, 0)
                .transactional()
                .add(Record.of(time.millis(), null, ByteBuffer.allocate(10)))
                .build();
        Noted reply = produce(handler(partition(Map.of())), batch);

        assertThat(reply.sent)
                .extracting(PartitionProduceResponse::errorCode)
                .containsExactly(ErrorCode.UNKNOWN_SERVER_ERROR.code());
    }

    @Test
    void whoMayNotWriteToATransactionalIdWritesNothing() throws IOException {
        access = new DeniedAccess("WRITE TRANSACTIONAL_ID x");
        OnePartition t = partition(Map.of());
        ByteBuffer batch = new BatchBuilder(Compression.NONE)
                .producer(1, (short) 0, 0)
                .transactional()
                .add(Record.of(time.millis(), null, ByteBuffer.allocate(10)))
                .build();
        Noted reply = produce(handler(t), batch);

        assertThat(reply.sent)
                .extracting(PartitionProduceResponse::errorCode)
                .containsExactly(ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED.code());
        assertThat(t.partition().view().endOffset()).isZero();
    }

    private ByteBuffer batch(int valueBytes, int sequence) {
        return new BatchBuilder(Compression.LZ4)
                .producer(1, (short) 0, sequence)
                .add(Record.of(time.millis(), null, ByteBuffer.allocate(valueBytes)))
                .build();
    }

    @Test
    void aSmallBatchIsAnsweredOnTheLoop() throws IOException {
        Noted reply = produce(handler(partition(Map.of())), batch(100_000, 0));
        assertThat(reply.sent).extracting(PartitionProduceResponse::errorCode).containsExactly(ErrorCode.NONE.code());
        assertThat(reply.holds).isFalse();
        assertThat(validators).isEmpty();
    }

    @Test
    void whatExpandsLongIsCheckedElsewhereAndHoldsTheNextRequestUntilItIsWithItsLane() throws IOException {
        OnePartition t = partition(Map.of());
        t.grow(3);
        Noted reply = produce(handler(t), batch(100, 0), batch(LARGE, 0), batch(100, 0));
        assertThat(endOffsets(t)).containsExactly(1L, 0L, 0L);
        assertThat(reply.holds).isTrue();
        assertThat(reply.sent).isEmpty();

        validators.remove().run();
        assertThat(endOffsets(t)).containsExactly(1L, 1L, 0L);
        assertThat(reply.holds).isTrue();
        while (!validators.isEmpty()) {
            validators.remove().run();
        }

        assertThat(reply.holds).isFalse();
        assertThat(endOffsets(t)).containsExactly(1L, 1L, 1L);
        assertThat(reply.sent).extracting(PartitionProduceResponse::index).containsExactly(0, 1, 2);
    }

    private static List<Long> endOffsets(OnePartition t) {
        return t.partitions().all().stream()
                .sorted(Comparator.comparingInt(Partition::index))
                .map(partition -> partition.view().endOffset())
                .toList();
    }

    /** As in Apache Kafka, whose requests are maps by partition. */
    @Test
    void ofTwoBatchesForAPartitionTheLastOneCountsAndATopicWithoutPartitionsIsNotAnswered() throws IOException {
        OnePartition t = partition(Map.of());
        t.grow(2);
        Noted reply = produce(
                handler(t),
                List.of(
                        new TopicProduceData().name("nothing"),
                        new TopicProduceData().name("t").partitionData(List.of(data(0, batch(100, 0)))),
                        new TopicProduceData()
                                .name("t")
                                .partitionData(List.of(
                                        data(1, batch(100, 0)), data(0, batch(200, 0)), data(0, batch(300, 0))))));

        assertThat(reply.topics).extracting(TopicProduceResponse::name).containsExactly("t");
        assertThat(reply.sent).extracting(PartitionProduceResponse::index).containsExactly(0, 1);
        assertThat(endOffsets(t)).containsExactly(1L, 1L);
        assertThat(t.partition().view().sizeInBytes()).isEqualTo(batch(300, 0).remaining());
    }

    @Test
    void ofRecordsThatAreRefusedSoManyAreListedInOneAnswer() throws IOException {
        OnePartition t = partition(Map.of("cleanup.policy", "compact"));
        BatchBuilder batch = new BatchBuilder(Compression.GZIP);
        for (int i = 0; i < 20_000; i++) {
            batch.add(Record.of(time.millis(), null, ByteBuffer.allocate(0)));
        }
        t.grow(30);
        ByteBuffer[] batches = new ByteBuffer[30];
        Arrays.setAll(batches, i -> batch.build().duplicate());
        Noted reply = produce(handler(t), batches);
        while (!validators.isEmpty()) {
            validators.remove().run();
        }

        assertThat(reply.sent).hasSize(30).allSatisfy(answer -> {
            assertThat(answer.errorCode()).isEqualTo(ErrorCode.INVALID_RECORD.code());
            assertThat(answer.errorMessage()).contains("20000 record errors in total");
        });
        assertThat(reply.sent.stream()
                        .mapToInt(answer -> answer.recordErrors().size())
                        .sum())
                .isEqualTo(10_000);
    }
}

package io.gregor.broker.api.transaction;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.broker.access.DeniedAccess;
import io.gregor.broker.cluster.ClusterMetadata;
import io.gregor.broker.cluster.OneReply;
import io.gregor.broker.coordination.CoordinatorShards;
import io.gregor.broker.lane.ManualLane;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.LocalPeer;
import io.gregor.broker.net.RequestContext;
import io.gregor.broker.replica.OnePartition;
import io.gregor.broker.replica.PartitionLookup;
import io.gregor.controller.TopicNames;
import io.gregor.coordinator.transaction.TransactionShard;
import io.gregor.log.disk.RealDisk;
import io.gregor.wire.Message;
import io.gregor.wire.message.AddPartitionsToTxnRequest;
import io.gregor.wire.message.AddPartitionsToTxnRequest.AddPartitionsToTxnTopic;
import io.gregor.wire.message.AddPartitionsToTxnResponse;
import io.gregor.wire.message.DescribeTransactionsRequest;
import io.gregor.wire.message.DescribeTransactionsResponse;
import io.gregor.wire.message.DescribeTransactionsResponse.TopicData;
import io.gregor.wire.message.DescribeTransactionsResponse.TransactionState;
import io.gregor.wire.message.ErrorCode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Of the transactional ids that a request names, each is asked for. */
class TransactionAccessTest {
    private static final short DENIED = ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED.code();

    @TempDir
    Path folder;

    private final ManualLane lane = new ManualLane();
    private final ClusterMetadata metadata = new ClusterMetadata();
    private OnePartition t;
    private CoordinatorShards<TransactionShard> transactions;

    @BeforeEach
    void begin() throws IOException {
        t = new OnePartition(new RealDisk(), folder, lane, InstantSource.system(), Map.of());
        transactions = new CoordinatorShards<>(
                TopicNames.TRANSACTIONS,
                metadata,
                t.partitions(),
                Runnable::run,
                partition -> {
                    throw new AssertionError(partition.name());
                },
                shard -> {});
    }

    private RequestContext context(int version, String denied) {
        return new LocalPeer("PLAINTEXT").asks((short) version, 0, "client", lane, new DeniedAccess(denied));
    }

    private <Q extends Message, S extends Message> S ask(
            ApiHandler<Q, S> handler, int version, Q request, String denied) {
        OneReply<S> reply = new OneReply<>();
        handler.handle(context(version, denied), request, reply);
        return reply.sent();
    }

    @Test
    void describing() {
        DescribeTransactionsResponse response = ask(
                new DescribeTransactionsHandler(transactions),
                0,
                new DescribeTransactionsRequest().transactionalIds(List.of("secret", "open")),
                "DESCRIBE TRANSACTIONAL_ID secret");
        assertThat(response.transactionStates())
                .extracting(TransactionState::errorCode)
                .containsExactly(DENIED, ErrorCode.NOT_COORDINATOR.code());
    }

    @Test
    void topicsThatAreNotToBeSeenAreLeftOut() {
        TransactionState state =
                new TransactionState().topics(List.of(new TopicData().topic("secret"), new TopicData().topic("open")));
        assertThat(DescribeTransactionsHandler.visible(context(0, "DESCRIBE TOPIC secret"), state)
                        .topics())
                .extracting(TopicData::topic)
                .containsExactly("open");
    }

    @Test
    void listing() {
        RequestContext context = context(0, "DESCRIBE TRANSACTIONAL_ID secret");
        assertThat(ListTransactionsHandler.isVisible(context, "secret")).isFalse();
        assertThat(ListTransactionsHandler.isVisible(context, "open")).isTrue();
    }

    @Test
    void addingPartitions() {
        AddPartitionsToTxnResponse response = ask(
                new AddPartitionsToTxnHandler(new PartitionLookup(metadata, t.partitions(), 1), transactions),
                3,
                new AddPartitionsToTxnRequest()
                        .v3AndBelowTransactionalId("secret")
                        .v3AndBelowTopics(
                                List.of(new AddPartitionsToTxnTopic().name("t").partitions(List.of(0)))),
                "WRITE TRANSACTIONAL_ID secret");
        assertThat(response.resultsByTopicV3AndBelow()
                        .get(0)
                        .resultsByPartition()
                        .get(0)
                        .partitionErrorCode())
                .isEqualTo(DENIED);
    }

    /** As Apache Kafka, whose answer repeats the topics of the request, also those without partitions. */
    @Test
    void anErrorOfTheWholeTransactionIsAnsweredTopicByTopic() {
        AddPartitionsToTxnResponse response = add(
                "WRITE TRANSACTIONAL_ID secret",
                new AddPartitionsToTxnTopic().name("t").partitions(List.of(0, 0)),
                new AddPartitionsToTxnTopic().name("u").partitions(List.of()),
                new AddPartitionsToTxnTopic().name("t").partitions(List.of(1)));
        assertThat(response.resultsByTopicV3AndBelow())
                .extracting(topic -> topic.name()
                        + topic.resultsByPartition().stream()
                                .map(result -> result.partitionIndex())
                                .toList())
                .containsExactly("t[0, 0]", "u[]", "t[1]");
    }

    @Test
    void noClientWritesToAnInternalTopicInATransaction() {
        AddPartitionsToTxnResponse response = add(
                "nothing",
                new AddPartitionsToTxnTopic().name("__consumer_offsets").partitions(List.of(0)));
        assertThat(response.resultsByTopicV3AndBelow()
                        .get(0)
                        .resultsByPartition()
                        .get(0)
                        .partitionErrorCode())
                .isEqualTo(ErrorCode.TOPIC_AUTHORIZATION_FAILED.code());
    }

    private AddPartitionsToTxnResponse add(String denied, AddPartitionsToTxnTopic... topics) {
        return ask(
                new AddPartitionsToTxnHandler(new PartitionLookup(metadata, t.partitions(), 1), transactions),
                3,
                new AddPartitionsToTxnRequest()
                        .v3AndBelowTransactionalId("secret")
                        .v3AndBelowTopics(List.of(topics)),
                denied);
    }
}

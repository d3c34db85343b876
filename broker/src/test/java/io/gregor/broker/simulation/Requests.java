package io.gregor.broker.simulation;

import io.gregor.broker.coordination.TransactionGate;
import io.gregor.broker.replica.Durability;
import io.gregor.broker.replica.Partition;
import io.gregor.broker.replica.PartitionLookup;
import io.gregor.coordinator.runtime.TopicPartition;
import io.gregor.coordinator.transaction.AddPartitions;
import io.gregor.coordinator.transaction.EndTransaction;
import io.gregor.coordinator.transaction.InitProducer;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.EndTxnRequest;
import io.gregor.wire.message.EndTxnResponse;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.InitProducerIdRequest;
import io.gregor.wire.message.InitProducerIdResponse;
import io.gregor.wire.message.OffsetFetchRequest.OffsetFetchRequestGroup;
import io.gregor.wire.message.OffsetFetchResponse.OffsetFetchResponseGroup;
import io.gregor.wire.message.TxnOffsetCommitRequest;
import io.gregor.wire.message.TxnOffsetCommitRequest.TxnOffsetCommitRequestPartition;
import io.gregor.wire.message.TxnOffsetCommitRequest.TxnOffsetCommitRequestTopic;
import io.gregor.wire.message.TxnOffsetCommitResponse;
import io.gregor.wire.record.RecordBatch;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** What clients ask of a node, as the handlers of the APIs do it. Immutable; answers come in tasks of the node. */
record Requests(SimulatedNode node) {
    void initProducer(InitProducerIdRequest request, String id, Consumer<InitProducerIdResponse> answer) {
        node.coordinators()
                .transactions()
                .ask(
                        id,
                        (shard, told) -> new InitProducer(shard).handle(request, told),
                        error -> new InitProducerIdResponse().errorCode(error.code()),
                        answer);
    }

    /** For clients that do so before they write. */
    void addPartition(String id, long producerId, short epoch, TopicPartition partition, Consumer<ErrorCode> answer) {
        node.coordinators()
                .transactions()
                .<ErrorCode>ask(
                        id,
                        (shard, told) ->
                                new AddPartitions(shard).add(id, producerId, epoch, Set.of(partition), (short) 0, told),
                        error -> error,
                        answer);
    }

    void endTransaction(EndTxnRequest request, int version, Consumer<EndTxnResponse> answer) {
        node.coordinators()
                .transactions()
                .ask(
                        request.transactionalId(),
                        (shard, told) -> new EndTransaction(shard).handle(request, (short) version, told),
                        error -> new EndTxnResponse().errorCode(error.code()),
                        answer);
    }

    /** Commits an offset of the first data partition for a group of that name. */
    void commitOffset(String group, TransactionGate.Writer writer, long offset, Consumer<ErrorCode> answer) {
        TxnOffsetCommitRequest request = new TxnOffsetCommitRequest()
                .transactionalId(writer.transactionalId())
                .groupId(group)
                .producerId(writer.producerId())
                .producerEpoch(writer.epoch())
                .topics(List.of(new TxnOffsetCommitRequestTopic()
                        .name(SimulatedCluster.DATA.get(0).topic())
                        .partitions(List.of(new TxnOffsetCommitRequestPartition().committedOffset(offset)))));
        Partition partition = node.find(SimulatedCluster.OFFSETS).partition();
        if (partition == null) {
            answer.accept(ErrorCode.NOT_COORDINATOR);
            return;
        }
        node.coordinators()
                .groups()
                .<ErrorCode>ask(
                        partition,
                        (shard, told) -> node.coordinators().gate().pass(partition, writer, error -> {
                            if (error == ErrorCode.NONE) {
                                shard.commitTransactionalOffsets().handle(request, done -> told.accept(errorOf(done)));
                            } else {
                                told.accept(error);
                            }
                        }),
                        error -> error,
                        answer);
    }

    private static ErrorCode errorOf(TxnOffsetCommitResponse response) {
        return ErrorCode.of(response.topics().get(0).partitions().get(0).errorCode());
    }

    /** What a group of that name has committed; of a transaction that is open that is an error. */
    void fetchOffsets(String group, Consumer<OffsetFetchResponseGroup> answer) {
        OffsetFetchRequestGroup request =
                new OffsetFetchRequestGroup().groupId(group).topics(null);
        node.coordinators()
                .groups()
                .ask(
                        group,
                        (shard, told) -> told.accept(shard.fetchOffsets().handle(request, true, topic -> Uuid.ZERO)),
                        error -> new OffsetFetchResponseGroup().errorCode(error.code()),
                        answer);
    }

    void produce(TopicPartition target, TransactionGate.Writer writer, RecordBatch batch, Consumer<ErrorCode> answer) {
        PartitionLookup.Found found = node.find(target);
        Partition partition = found.partition();
        if (partition == null) {
            answer.accept(found.error());
            return;
        }
        partition
                .lane()
                .execute(() -> node.coordinators().gate().pass(partition, writer, error -> {
                    if (error == ErrorCode.NONE) {
                        partition.append(batch, Durability.COMMITTED, answer::accept);
                    } else {
                        answer.accept(error);
                    }
                }));
    }
}

package io.gregor.broker.api.transaction;

import io.gregor.broker.access.AclOperation;
import io.gregor.broker.access.ResourceType;
import io.gregor.broker.coordination.AnswersByTopic;
import io.gregor.broker.coordination.Coordinators;
import io.gregor.broker.coordination.TransactionGate;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.broker.replica.Partition;
import io.gregor.broker.replica.PartitionLookup;
import io.gregor.controller.TopicImage;
import io.gregor.coordinator.group.offset.CommitTransactionalOffsets;
import io.gregor.coordinator.group.shard.GroupShard;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.TxnOffsetCommitRequest;
import io.gregor.wire.message.TxnOffsetCommitRequest.TxnOffsetCommitRequestPartition;
import io.gregor.wire.message.TxnOffsetCommitRequest.TxnOffsetCommitRequestTopic;
import io.gregor.wire.message.TxnOffsetCommitResponse;
import io.gregor.wire.message.TxnOffsetCommitResponse.TxnOffsetCommitResponsePartition;
import io.gregor.wire.message.TxnOffsetCommitResponse.TxnOffsetCommitResponseTopic;
import io.gregor.wire.record.RecordBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Commits a group's offsets within a transaction; see {@link CommitTransactionalOffsets}.
 *
 * <p>Version 4: TRANSACTION_ABORTABLE. 5: the commit makes the group's partition part of the transaction (KIP-890).
 */
public record TxnOffsetCommitHandler(PartitionLookup lookup, Coordinators coordinators)
        implements ApiHandler<TxnOffsetCommitRequest, TxnOffsetCommitResponse> {
    private static final int FIRST_VERSION_WITH_ABORTABLE = 4;
    private static final int FIRST_VERSION_THAT_ADDS = 5;

    @Override
    public void handle(RequestContext context, TxnOffsetCommitRequest request, Reply<TxnOffsetCommitResponse> reply) {
        AnswersByTopic<String, TxnOffsetCommitResponseTopic, TxnOffsetCommitResponsePartition> answers =
                new AnswersByTopic<>(TxnOffsetCommitResponseTopic::name, TxnOffsetCommitResponseTopic::partitions);
        request.topics(known(context, request.topics(), answers));
        if (request.topics().isEmpty()) {
            reply.send(new TxnOffsetCommitResponse().topics(answers.all()));
            return;
        }
        Consumer<TxnOffsetCommitResponse> answer =
                response -> reply.send(response.topics(answers.with(response.topics())));
        Partition partition = coordinators.groups().partitionOf(request.groupId());
        if (partition == null || request.groupId().isEmpty()) {
            ErrorCode error =
                    request.groupId().isEmpty() ? ErrorCode.INVALID_GROUP_ID : ErrorCode.COORDINATOR_NOT_AVAILABLE;
            answer.accept(CommitTransactionalOffsets.refused(request, error));
            return;
        }
        coordinators
                .groups()
                .ask(
                        partition,
                        (shard, committed) -> commit(shard, partition, request, context.version(), committed),
                        error -> CommitTransactionalOffsets.refused(request, error),
                        answer);
    }

    private void commit(
            GroupShard shard,
            Partition partition,
            TxnOffsetCommitRequest request,
            short version,
            Consumer<TxnOffsetCommitResponse> answer) {
        TransactionGate.Writer writer = new TransactionGate.Writer(
                request.transactionalId(),
                request.producerId(),
                request.producerEpoch(),
                RecordBatch.NO_SEQUENCE,
                client(version));
        coordinators.gate().pass(partition, writer, error -> {
            if (error == ErrorCode.NONE) {
                shard.commitTransactionalOffsets().handle(request, answer);
            } else {
                answer.accept(CommitTransactionalOffsets.refused(request, error));
            }
        });
    }

    private static TransactionGate.Client client(short version) {
        if (version >= FIRST_VERSION_THAT_ADDS) {
            return TransactionGate.Client.ADDS;
        }
        return version >= FIRST_VERSION_WITH_ABORTABLE
                ? TransactionGate.Client.KNOWS_ABORTABLE
                : TransactionGate.Client.PLAIN;
    }

    /** The partitions that exist and that the client may read; the others are refused. */
    private List<TxnOffsetCommitRequestTopic> known(
            RequestContext context,
            List<TxnOffsetCommitRequestTopic> topics,
            AnswersByTopic<String, TxnOffsetCommitResponseTopic, TxnOffsetCommitResponsePartition> answers) {
        Predicate<String> allowed = context.allowing(AclOperation.READ, ResourceType.TOPIC);
        List<TxnOffsetCommitRequestTopic> known = new ArrayList<>();
        for (TxnOffsetCommitRequestTopic topic : topics) {
            if (!allowed.test(topic.name())) {
                answers.add(CommitTransactionalOffsets.refused(
                        topic.name(), topic.partitions(), ErrorCode.TOPIC_AUTHORIZATION_FAILED));
                continue;
            }
            TopicImage found = lookup.image().topic(topic.name());
            List<TxnOffsetCommitRequestPartition> there = new ArrayList<>();
            List<TxnOffsetCommitRequestPartition> missing = new ArrayList<>();
            for (TxnOffsetCommitRequestPartition partition : topic.partitions()) {
                boolean exists = found != null && found.partition(partition.partitionIndex()) != null;
                (exists ? there : missing).add(partition);
            }
            if (!there.isEmpty()) {
                known.add(new TxnOffsetCommitRequestTopic().name(topic.name()).partitions(there));
            }
            if (!missing.isEmpty() || found == null) {
                answers.add(CommitTransactionalOffsets.refused(
                        topic.name(), missing, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION));
            }
        }
        return known;
    }
}

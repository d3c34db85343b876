package io.gregor.broker.api.transaction;

import io.gregor.broker.access.AclOperation;
import io.gregor.broker.access.ResourceType;
import io.gregor.broker.coordination.CoordinatorShards;
import io.gregor.broker.lane.Steps;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.broker.replica.PartitionLookup;
import io.gregor.controller.TopicImage;
import io.gregor.controller.TopicNames;
import io.gregor.coordinator.runtime.TopicPartition;
import io.gregor.coordinator.transaction.AddPartitions;
import io.gregor.coordinator.transaction.TransactionShard;
import io.gregor.wire.message.AddPartitionsToTxnRequest;
import io.gregor.wire.message.AddPartitionsToTxnRequest.AddPartitionsToTxnTopic;
import io.gregor.wire.message.AddPartitionsToTxnRequest.AddPartitionsToTxnTransaction;
import io.gregor.wire.message.AddPartitionsToTxnResponse;
import io.gregor.wire.message.AddPartitionsToTxnResponse.AddPartitionsToTxnPartitionResult;
import io.gregor.wire.message.AddPartitionsToTxnResponse.AddPartitionsToTxnResult;
import io.gregor.wire.message.AddPartitionsToTxnResponse.AddPartitionsToTxnTopicResult;
import io.gregor.wire.message.ErrorCode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Makes partitions part of transactions, or looks up whether they are; see {@link AddPartitions}. If one partition of a
 * transaction does not exist, or may not be written by the client, the others get OPERATION_NOT_ATTEMPTED. A client
 * never writes to internal topics in a transaction: TOPIC_AUTHORIZATION_FAILED. An error of the whole transaction is
 * answered topic by topic as they were asked for. Of a transactional id that is named twice the last counts.
 *
 * <p>Version 2: PRODUCER_FENCED instead of INVALID_PRODUCER_EPOCH. 4: many transactions at once, from brokers
 * (KIP-890).
 */
public record AddPartitionsToTxnHandler(PartitionLookup lookup, CoordinatorShards<TransactionShard> transactions)
        implements ApiHandler<AddPartitionsToTxnRequest, AddPartitionsToTxnResponse> {
    private static final int FIRST_VERSION_WITH_FENCED = 2;
    private static final int FIRST_VERSION_WITH_MANY = 4;

    @Override
    public void handle(
            RequestContext context, AddPartitionsToTxnRequest request, Reply<AddPartitionsToTxnResponse> reply) {
        short version = context.version();
        if (version < FIRST_VERSION_WITH_MANY) {
            AddPartitionsToTxnTransaction single = new AddPartitionsToTxnTransaction()
                    .transactionalId(request.v3AndBelowTransactionalId())
                    .producerId(request.v3AndBelowProducerId())
                    .producerEpoch(request.v3AndBelowProducerEpoch())
                    .topics(request.v3AndBelowTopics());
            addOfClient(
                    context,
                    single,
                    result -> reply.send(
                            new AddPartitionsToTxnResponse().resultsByTopicV3AndBelow(result.topicResults())));
            return;
        }
        Map<String, AddPartitionsToTxnTransaction> byId = new LinkedHashMap<>();
        request.transactions().forEach(transaction -> byId.put(transaction.transactionalId(), transaction));
        Map<String, AddPartitionsToTxnResult> results = new ConcurrentHashMap<>();
        List<Consumer<Runnable>> steps = new ArrayList<>();
        byId.forEach((id, transaction) -> steps.add(ended -> add(transaction, version, topic -> true, result -> {
            results.put(id, result);
            ended.run();
        })));
        Steps.run(
                steps,
                context.loop(),
                () -> reply.send(new AddPartitionsToTxnResponse()
                        .resultsByTransaction(
                                byId.keySet().stream().map(results::get).toList())),
                reply::fail);
    }

    private void addOfClient(
            RequestContext context,
            AddPartitionsToTxnTransaction transaction,
            Consumer<AddPartitionsToTxnResult> done) {
        if (!context.allows(AclOperation.WRITE, ResourceType.TRANSACTIONAL_ID, transaction.transactionalId())) {
            done.accept(whole(transaction, ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED));
            return;
        }
        Predicate<String> allowed = context.allowing(AclOperation.WRITE, ResourceType.TOPIC);
        add(transaction, context.version(), topic -> !TopicNames.isInternal(topic) && allowed.test(topic), done);
    }

    private void add(
            AddPartitionsToTxnTransaction transaction,
            short version,
            Predicate<String> allowed,
            Consumer<AddPartitionsToTxnResult> done) {
        Map<TopicPartition, ErrorCode> verdicts = new LinkedHashMap<>();
        boolean allThere = true;
        for (AddPartitionsToTxnTopic topic : transaction.topics()) {
            boolean refused = !allowed.test(topic.name());
            TopicImage found = refused ? null : lookup.image().topic(topic.name());
            ErrorCode error = refused ? ErrorCode.TOPIC_AUTHORIZATION_FAILED : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
            for (int index : topic.partitions()) {
                boolean there = found != null && found.partition(index) != null;
                allThere &= there;
                verdicts.put(
                        new TopicPartition(topic.name(), index), there ? ErrorCode.OPERATION_NOT_ATTEMPTED : error);
            }
        }
        if (!allThere) {
            done.accept(each(transaction, verdicts));
        } else if (transaction.verifyOnly()) {
            verify(transaction, verdicts.keySet(), done);
        } else {
            add(transaction, version, verdicts.keySet(), done);
        }
    }

    private void verify(
            AddPartitionsToTxnTransaction transaction,
            Set<TopicPartition> partitions,
            Consumer<AddPartitionsToTxnResult> done) {
        transactions.<Map<TopicPartition, ErrorCode>>ask(
                transaction.transactionalId(),
                (shard, answer) -> answer.accept(new AddPartitions(shard)
                        .verify(
                                transaction.transactionalId(),
                                transaction.producerId(),
                                transaction.producerEpoch(),
                                partitions)),
                error -> same(partitions, error),
                results -> done.accept(each(transaction, results)));
    }

    private void add(
            AddPartitionsToTxnTransaction transaction,
            short version,
            Set<TopicPartition> partitions,
            Consumer<AddPartitionsToTxnResult> done) {
        transactions.<ErrorCode>ask(
                transaction.transactionalId(),
                (shard, answer) -> new AddPartitions(shard)
                        .add(
                                transaction.transactionalId(),
                                transaction.producerId(),
                                transaction.producerEpoch(),
                                partitions,
                                (short) (version < FIRST_VERSION_WITH_MANY ? 0 : 2),
                                answer),
                error -> error,
                error -> {
                    boolean old = error == ErrorCode.PRODUCER_FENCED && version < FIRST_VERSION_WITH_FENCED;
                    done.accept(whole(transaction, old ? ErrorCode.INVALID_PRODUCER_EPOCH : error));
                });
    }

    private static Map<TopicPartition, ErrorCode> same(Set<TopicPartition> partitions, ErrorCode error) {
        Map<TopicPartition, ErrorCode> verdicts = new LinkedHashMap<>();
        partitions.forEach(partition -> verdicts.put(partition, error));
        return verdicts;
    }

    private static AddPartitionsToTxnResult whole(AddPartitionsToTxnTransaction transaction, ErrorCode error) {
        return new AddPartitionsToTxnResult()
                .transactionalId(transaction.transactionalId())
                .topicResults(transaction.topics().stream()
                        .map(topic -> new AddPartitionsToTxnTopicResult()
                                .name(topic.name())
                                .resultsByPartition(topic.partitions().stream()
                                        .map(index -> result(index, error))
                                        .toList()))
                        .toList());
    }

    private static AddPartitionsToTxnResult each(
            AddPartitionsToTxnTransaction transaction, Map<TopicPartition, ErrorCode> verdicts) {
        Map<String, List<AddPartitionsToTxnPartitionResult>> byTopic = new LinkedHashMap<>();
        verdicts.forEach((partition, error) -> byTopic.computeIfAbsent(partition.topic(), topic -> new ArrayList<>())
                .add(result(partition.partition(), error)));
        List<AddPartitionsToTxnTopicResult> topics = new ArrayList<>();
        byTopic.forEach((topic, partitions) ->
                topics.add(new AddPartitionsToTxnTopicResult().name(topic).resultsByPartition(partitions)));
        return new AddPartitionsToTxnResult()
                .transactionalId(transaction.transactionalId())
                .topicResults(topics);
    }

    private static AddPartitionsToTxnPartitionResult result(int partition, ErrorCode error) {
        return new AddPartitionsToTxnPartitionResult().partitionIndex(partition).partitionErrorCode(error.code());
    }
}

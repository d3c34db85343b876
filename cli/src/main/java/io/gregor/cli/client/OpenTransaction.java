package io.gregor.cli.client;

import io.gregor.wire.message.ApiKey;
import io.gregor.wire.message.DescribeTransactionsRequest;
import io.gregor.wire.message.DescribeTransactionsResponse;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.ListTransactionsRequest;
import io.gregor.wire.message.ListTransactionsResponse;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * A transaction that is not over. Immutable.
 *
 * @param startMs since 1970; -1 if it is not known
 */
public record OpenTransaction(
        String transactionalId, String state, long producerId, long startMs, SortedSet<TopicPartition> partitions) {
    private static final List<String> OPEN = List.of("Ongoing", "PrepareCommit", "PrepareAbort");

    /**
     * Those of all coordinators.
     *
     * @throws ClientException if the brokers cannot or will not say
     */
    public static List<OpenTransaction> all(Cluster cluster) {
        List<OpenTransaction> open = new ArrayList<>();
        cluster.require(ApiKey.LIST_TRANSACTIONS);
        cluster.require(ApiKey.DESCRIBE_TRANSACTIONS);
        cluster.retrying(() -> cluster.metadata(List.of(), false));
        for (int broker : List.copyOf(cluster.brokers().keySet())) {
            open.addAll(cluster.retrying(() -> of(cluster, broker)));
        }
        open.sort(Comparator.comparing(OpenTransaction::transactionalId));
        return open;
    }

    private static List<OpenTransaction> of(Cluster cluster, int broker) {
        ListTransactionsResponse listed = cluster.broker(
                broker,
                ApiKey.LIST_TRANSACTIONS,
                new ListTransactionsRequest().stateFilters(OPEN),
                0,
                ListTransactionsResponse.class);
        BrokerException.throwIfError(listed.errorCode(), null, "broker " + broker);
        List<String> ids = listed.transactionStates().stream()
                .map(ListTransactionsResponse.TransactionState::transactionalId)
                .toList();
        if (ids.isEmpty()) {
            return List.of();
        }
        DescribeTransactionsResponse described = cluster.broker(
                broker,
                ApiKey.DESCRIBE_TRANSACTIONS,
                new DescribeTransactionsRequest().transactionalIds(ids),
                0,
                DescribeTransactionsResponse.class);
        List<OpenTransaction> open = new ArrayList<>();
        for (DescribeTransactionsResponse.TransactionState one : described.transactionStates()) {
            // It may have ended meanwhile.
            if (one.errorCode() != ErrorCode.TRANSACTIONAL_ID_NOT_FOUND.code()) {
                BrokerException.throwIfError(one.errorCode(), null, "transaction " + one.transactionalId());
            }
            if (one.errorCode() == 0 && OPEN.contains(one.transactionState())) {
                SortedSet<TopicPartition> partitions = new TreeSet<>();
                one.topics()
                        .forEach(topic -> topic.partitions()
                                .forEach(partition -> partitions.add(new TopicPartition(topic.topic(), partition))));
                open.add(new OpenTransaction(
                        one.transactionalId(),
                        one.transactionState(),
                        one.producerId(),
                        one.transactionStartTimeMs(),
                        partitions));
            }
        }
        return open;
    }
}

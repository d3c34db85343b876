package io.gregor.coordinator.transaction;

import io.gregor.coordinator.transaction.TransactionShard.TransactionEntry;
import io.gregor.wire.message.DescribeTransactionsResponse;
import io.gregor.wire.message.ErrorCode;
import java.util.ArrayList;
import java.util.List;

/** What is known of a transactional id: TRANSACTIONAL_ID_NOT_FOUND if nothing is. */
public final class DescribeTransaction {
    private final TransactionShard shard;

    public DescribeTransaction(TransactionShard shard) {
        this.shard = shard;
    }

    public DescribeTransactionsResponse.TransactionState handle(String transactionalId) {
        DescribeTransactionsResponse.TransactionState shown =
                new DescribeTransactionsResponse.TransactionState().transactionalId(transactionalId);
        if (transactionalId.isEmpty()) {
            return shown.errorCode(ErrorCode.INVALID_REQUEST.code());
        }
        TransactionEntry slot = shard.slot(transactionalId);
        if (slot == null || slot.now().epoch() == Transaction.NO_EPOCH) {
            return shown.errorCode(ErrorCode.TRANSACTIONAL_ID_NOT_FOUND.code());
        }
        Transaction now = slot.now();
        List<DescribeTransactionsResponse.TopicData> topics = new ArrayList<>();
        TransactionRecords.byTopic(now.partitions())
                .forEach((topic, indexes) -> topics.add(new DescribeTransactionsResponse.TopicData()
                        .topic(topic)
                        .partitions(indexes)));
        return shown.transactionState(now.state().shownAs())
                .transactionTimeoutMs(now.timeoutMs())
                .transactionStartTimeMs(now.startMs())
                .producerId(now.producerId())
                .producerEpoch(now.epoch())
                .topics(topics);
    }
}

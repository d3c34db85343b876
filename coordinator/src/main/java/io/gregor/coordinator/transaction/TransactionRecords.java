package io.gregor.coordinator.transaction;

import io.gregor.coordinator.runtime.CoordinatorRecord;
import io.gregor.coordinator.runtime.TopicPartition;
import io.gregor.wire.ByteReader;
import io.gregor.wire.MalformedMessageException;
import io.gregor.wire.message.TransactionLogKey;
import io.gregor.wire.message.TransactionLogValue;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The records of {@code __transaction_state}. */
final class TransactionRecords {
    private TransactionRecords() {}

    /**
     * @param flexible whether the cluster's transaction version is 1 or newer: then ids before and after are stored
     */
    static CoordinatorRecord of(String transactionalId, Transaction transaction, boolean flexible) {
        TransactionLogValue value = new TransactionLogValue()
                .producerId(transaction.producerId())
                .producerEpoch(transaction.epoch())
                .transactionTimeoutMs(transaction.timeoutMs())
                .transactionStatus(transaction.state().id())
                .transactionPartitions(partitions(transaction))
                .transactionLastUpdateTimestampMs(transaction.updatedMs())
                .transactionStartTimestampMs(transaction.startMs())
                .clientTransactionVersion(transaction.clientVersion());
        if (flexible) {
            value.previousProducerId(transaction.previousProducerId()).nextProducerId(transaction.nextProducerId());
        }
        return new CoordinatorRecord(
                TransactionLogKey.API_KEY,
                new TransactionLogKey().transactionalId(transactionalId),
                (short) (flexible ? 1 : 0),
                value);
    }

    static CoordinatorRecord tombstone(String transactionalId) {
        return CoordinatorRecord.tombstone(
                TransactionLogKey.API_KEY, new TransactionLogKey().transactionalId(transactionalId));
    }

    private static @Nullable List<TransactionLogValue.PartitionsSchema> partitions(Transaction transaction) {
        if (transaction.state() == TransactionState.EMPTY) {
            return null;
        }
        List<TransactionLogValue.PartitionsSchema> topics = new ArrayList<>();
        byTopic(transaction.partitions())
                .forEach((topic, indexes) -> topics.add(
                        new TransactionLogValue.PartitionsSchema().topic(topic).partitionIds(indexes)));
        return topics;
    }

    static Map<String, List<Integer>> byTopic(Set<TopicPartition> partitions) {
        Map<String, List<Integer>> byTopic = new TreeMap<>();
        partitions.forEach(partition -> byTopic.computeIfAbsent(partition.topic(), topic -> new ArrayList<>())
                .add(partition.partition()));
        byTopic.values().forEach(indexes -> indexes.sort(null));
        return byTopic;
    }

    /** The transactional id, or null if it is no such key. */
    static @Nullable String id(ByteBuffer key) {
        ByteReader in = new ByteReader(key.duplicate());
        if (in.int16() != TransactionLogKey.API_KEY) {
            return null;
        }
        TransactionLogKey read = new TransactionLogKey();
        read.read(in, (short) 0);
        return read.transactionalId();
    }

    static Transaction transaction(ByteBuffer bytes) {
        ByteReader in = new ByteReader(bytes.duplicate());
        short version = in.int16();
        if (version < 0 || version > TransactionLogValue.HIGHEST_VERSION) {
            throw new MalformedMessageException("a transaction record of version " + version);
        }
        TransactionLogValue value = new TransactionLogValue();
        value.read(in, version);
        TransactionState state = TransactionState.of(value.transactionStatus());
        if (state == null) {
            throw new MalformedMessageException("a transaction in state " + value.transactionStatus());
        }
        Set<TopicPartition> partitions = new HashSet<>();
        List<TransactionLogValue.PartitionsSchema> topics = value.transactionPartitions();
        if (topics != null) {
            topics.forEach(topic ->
                    topic.partitionIds().forEach(index -> partitions.add(new TopicPartition(topic.topic(), index))));
        }
        return new Transaction(
                value.producerId(),
                value.previousProducerId(),
                value.nextProducerId(),
                value.producerEpoch(),
                Transaction.NO_EPOCH,
                value.transactionTimeoutMs(),
                state,
                Collections.unmodifiableSet(partitions),
                value.transactionStartTimestampMs(),
                value.transactionLastUpdateTimestampMs(),
                value.clientTransactionVersion());
    }
}

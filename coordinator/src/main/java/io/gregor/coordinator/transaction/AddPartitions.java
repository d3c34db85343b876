package io.gregor.coordinator.transaction;

import io.gregor.coordinator.runtime.TopicPartition;
import io.gregor.coordinator.transaction.TransactionShard.TransactionEntry;
import io.gregor.wire.message.ErrorCode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Partitions become part of a transaction, the first of them begins it; or it is only looked up whether they are
 * (KIP-890).
 *
 * <p>Error precedence: INVALID_REQUEST, INVALID_PRODUCER_ID_MAPPING for an unknown id, CONCURRENT_TRANSACTIONS while a
 * transition is stored, INVALID_PRODUCER_ID_MAPPING, PRODUCER_FENCED, CONCURRENT_TRANSACTIONS while the last one ends,
 * POLICY_VIOLATION where they do not fit into memory.
 */
public final class AddPartitions {
    private final TransactionShard shard;

    public AddPartitions(TransactionShard shard) {
        this.shard = shard;
    }

    /** @param clientVersion 2 for partitions that are added by writing to them */
    public void add(
            String transactionalId,
            long producerId,
            short epoch,
            Set<TopicPartition> partitions,
            short clientVersion,
            Consumer<ErrorCode> reply) {
        if (transactionalId.isEmpty()) {
            reply.accept(ErrorCode.INVALID_REQUEST);
            return;
        }
        TransactionEntry slot = shard.slot(transactionalId);
        if (slot == null) {
            reply.accept(ErrorCode.INVALID_PRODUCER_ID_MAPPING);
            return;
        }
        ErrorCode refused = slot.isPending() ? ErrorCode.CONCURRENT_TRANSACTIONS : check(slot, producerId, epoch);
        Transaction now = slot.now();
        boolean there =
                now.state() == TransactionState.ONGOING && now.partitions().containsAll(partitions);
        if (refused != ErrorCode.NONE || there) {
            reply.accept(refused);
            return;
        }
        shard.storeIfFits(slot, now.with(partitions, clientVersion, shard.nowMs()), reply);
    }

    private static ErrorCode check(TransactionEntry slot, long producerId, short epoch) {
        Transaction now = slot.now();
        if (now.producerId() != producerId) {
            return ErrorCode.INVALID_PRODUCER_ID_MAPPING;
        }
        if (now.epoch() != epoch) {
            return ErrorCode.PRODUCER_FENCED;
        }
        return now.state().isPrepared() ? ErrorCode.CONCURRENT_TRANSACTIONS : ErrorCode.NONE;
    }

    /**
     * For each partition NONE if it is part of the producer's transaction, else TRANSACTION_ABORTABLE or what is
     * wrong.
     */
    public Map<TopicPartition, ErrorCode> verify(
            String transactionalId, long producerId, short epoch, Set<TopicPartition> partitions) {
        TransactionEntry slot = transactionalId.isEmpty() ? null : shard.slot(transactionalId);
        ErrorCode refused;
        if (transactionalId.isEmpty()) {
            refused = ErrorCode.INVALID_REQUEST;
        } else {
            refused = slot == null ? ErrorCode.INVALID_PRODUCER_ID_MAPPING : check(slot, producerId, epoch);
        }
        Map<TopicPartition, ErrorCode> results = new LinkedHashMap<>();
        for (TopicPartition partition : partitions) {
            boolean added = slot != null && slot.now().partitions().contains(partition);
            ErrorCode missing = added ? ErrorCode.NONE : ErrorCode.TRANSACTION_ABORTABLE;
            results.put(partition, refused == ErrorCode.NONE ? missing : refused);
        }
        return results;
    }
}

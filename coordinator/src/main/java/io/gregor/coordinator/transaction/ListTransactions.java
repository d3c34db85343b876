package io.gregor.coordinator.transaction;

import io.gregor.coordinator.transaction.TransactionShard.TransactionEntry;
import io.gregor.wire.message.ListTransactionsRequest;
import io.gregor.wire.message.ListTransactionsResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * The transactional ids of a shard, filtered by state, producer, duration (version 1) and a pattern of the id (version
 * 2).
 */
public final class ListTransactions {
    private final TransactionShard shard;

    public ListTransactions(TransactionShard shard) {
        this.shard = shard;
    }

    /** The filtered states that do not exist. */
    public static List<String> unknownStates(ListTransactionsRequest request) {
        return request.stateFilters().stream()
                .filter(name -> TransactionState.named(name) == null)
                .distinct()
                .toList();
    }

    public List<ListTransactionsResponse.TransactionState> handle(
            ListTransactionsRequest request, Predicate<String> idMatches) {
        List<ListTransactionsResponse.TransactionState> found = new ArrayList<>();
        for (TransactionEntry slot : shard.slots().values()) {
            if (slot.now().epoch() != Transaction.NO_EPOCH && matches(slot, request) && idMatches.test(slot.id())) {
                found.add(new ListTransactionsResponse.TransactionState()
                        .transactionalId(slot.id())
                        .producerId(slot.now().producerId())
                        .transactionState(slot.now().state().shownAs()));
            }
        }
        return found;
    }

    private boolean matches(TransactionEntry slot, ListTransactionsRequest request) {
        Transaction now = slot.now();
        boolean stateMatches = request.stateFilters().isEmpty()
                || request.stateFilters().contains(now.state().shownAs());
        boolean producerMatches = request.producerIdFilters().isEmpty()
                || request.producerIdFilters().contains(now.producerId());
        long durationMs = shard.nowMs() - now.startMs();
        boolean longEnough =
                request.durationFilter() < 0 || now.startMs() >= 0 && durationMs > request.durationFilter();
        return stateMatches && producerMatches && longEnough;
    }
}

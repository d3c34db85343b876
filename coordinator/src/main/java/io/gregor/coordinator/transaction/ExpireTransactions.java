package io.gregor.coordinator.transaction;

import io.gregor.coordinator.transaction.TransactionShard.TransactionEntry;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What time does to transactions: the ones that take too long are aborted, the ids that nobody uses forgotten. */
public final class ExpireTransactions {
    private static final Logger LOG = LoggerFactory.getLogger(ExpireTransactions.class);

    private final TransactionShard shard;

    public ExpireTransactions(TransactionShard shard) {
        this.shard = shard;
    }

    /** Aborts what has been open for longer than its producer asked for. */
    public void abortOverdue() {
        for (TransactionEntry slot : List.copyOf(shard.slots().values())) {
            Transaction now = slot.now();
            boolean overdue = now.state() == TransactionState.ONGOING
                    && now.timeoutMs() != Integer.MAX_VALUE
                    && now.startMs() + now.timeoutMs() < shard.nowMs();
            if (overdue && !slot.isPending()) {
                new EndTransaction(shard)
                        .abort(
                                slot,
                                error ->
                                        LOG.info("Aborted the transaction of {} that timed out: {}", slot.id(), error));
            }
        }
    }

    /** Forgets ids that have not been used for {@code transactional.id.expiration.ms}. */
    public void forgetUnused() {
        for (TransactionEntry slot : List.copyOf(shard.slots().values())) {
            Transaction now = slot.now();
            boolean unused = now.state().isSettled()
                    && now.updatedMs() <= shard.nowMs() - shard.config().idExpirationMs();
            if (unused && !slot.isPending()) {
                shard.forget(slot);
            }
        }
    }
}

package io.gregor.log.compaction;

import io.gregor.log.segment.AbortedTransaction;
import io.gregor.log.segment.TransactionIndex;
import io.gregor.wire.record.EndMarker;
import io.gregor.wire.record.RecordBatch;
import java.io.IOException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Follows the transactions while compaction reads a log from front to back: which batches were aborted, and which
 * markers end transactions of which nothing is left. Confined to one thread.
 */
final class CleanedTransactions {
    private static final class Aborted {
        private final AbortedTransaction transaction;
        private boolean hasBatches;

        Aborted(AbortedTransaction transaction) {
            this.transaction = transaction;
        }
    }

    private final PriorityQueue<AbortedTransaction> ahead =
            new PriorityQueue<>(Comparator.comparingLong(AbortedTransaction::firstOffset));
    private final Map<Long, Aborted> openAborted = new HashMap<>();
    private final Set<Long> openCommitted = new HashSet<>();
    private @Nullable TransactionIndex keptIn;

    /** From now on the aborted transactions that have batches left are written to that index. */
    void keepIn(TransactionIndex index) {
        keptIn = index;
    }

    void willMeet(List<AbortedTransaction> aborted) {
        ahead.addAll(aborted);
    }

    private void begin(long upTo) {
        while (!ahead.isEmpty() && ahead.element().firstOffset() <= upTo) {
            AbortedTransaction next = ahead.remove();
            openAborted.computeIfAbsent(next.producerId(), id -> new Aborted(next));
        }
    }

    /** Takes in a batch of records; whether it was aborted. */
    boolean isAborted(RecordBatch batch) {
        begin(batch.lastOffset());
        if (!batch.isTransactional()) {
            return false;
        }
        Aborted aborted = openAborted.get(batch.producerId());
        if (aborted == null) {
            openCommitted.add(batch.producerId());
            return false;
        }
        aborted.hasBatches = true;
        return true;
    }

    /** Takes in a control batch; whether nothing is left of what it ends. */
    boolean isLeftOver(RecordBatch control) throws IOException {
        begin(control.lastOffset());
        if (control.isEmpty()) {
            return true;
        }
        if (EndMarker.of(control).commit()) {
            return !openCommitted.remove(control.producerId());
        }
        Aborted aborted = openAborted.remove(control.producerId());
        if (aborted == null || !aborted.hasBatches) {
            return true;
        }
        if (keptIn != null) {
            keptIn.add(aborted.transaction);
        }
        return false;
    }
}

package io.gregor.cli.consume;

import io.gregor.wire.message.FetchResponse.AbortedTransaction;
import io.gregor.wire.record.EndMarker;
import io.gregor.wire.record.RecordBatch;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Knows, on the way through the batches of one answer, whose transactions were aborted. Confined to one thread. Batches
 * have to be shown in order, each once.
 */
final class AbortedProducers {
    private final Deque<AbortedTransaction> ahead;
    private final Set<Long> aborting = new HashSet<>();

    AbortedProducers(@Nullable List<AbortedTransaction> aborted) {
        List<AbortedTransaction> sorted = new ArrayList<>(aborted == null ? List.of() : aborted);
        sorted.sort(Comparator.comparingLong(AbortedTransaction::firstOffset));
        ahead = new ArrayDeque<>(sorted);
    }

    /** Whether the batch belongs to a transaction that was aborted. */
    boolean covers(RecordBatch batch) {
        while (!ahead.isEmpty() && ahead.getFirst().firstOffset() <= batch.lastOffset()) {
            aborting.add(ahead.removeFirst().producerId());
        }
        if (batch.isControl()) {
            if (batch.isTransactional()
                    && !batch.isEmpty()
                    && !EndMarker.of(batch).commit()) {
                aborting.remove(batch.producerId());
            }
            return false;
        }
        return batch.isTransactional() && aborting.contains(batch.producerId());
    }
}

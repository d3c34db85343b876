package io.gregor.broker.simulation;

import io.gregor.log.LogView;
import io.gregor.log.segment.AbortedTransaction;
import io.gregor.log.segment.StoredBatch;
import io.gregor.wire.record.RecordBatch;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * What consumers read in a partition, filtered as a client does it. Immutable.
 *
 * @param all up to the high watermark
 * @param committed by who reads only what was committed
 */
record ReadPartition(List<String> all, List<String> committed) {
    static ReadPartition of(LogView view) throws IOException {
        List<String> all = new ArrayList<>();
        List<String> committed = new ArrayList<>();
        Deque<AbortedTransaction> aborted =
                new ArrayDeque<>(view.abortedBetween(view.startOffset(), view.lastStableOffset()));
        Set<Long> aborting = new HashSet<>();
        view.forEachBatch(view.startOffset(), batch -> {
            RecordBatch header = batch.header();
            if (header.nextOffset() > view.highWatermark()) {
                return;
            }
            while (!aborted.isEmpty() && aborted.getFirst().firstOffset() <= header.lastOffset()) {
                aborting.add(aborted.removeFirst().producerId());
            }
            if (header.isControl()) {
                aborting.remove(header.producerId());
                return;
            }
            List<String> values = values(batch);
            all.addAll(values);
            if (header.nextOffset() <= view.lastStableOffset() && !aborting.contains(header.producerId())) {
                committed.addAll(values);
            }
        });
        return new ReadPartition(all, committed);
    }

    private static List<String> values(StoredBatch batch) throws IOException {
        List<String> values = new ArrayList<>();
        batch.forEachRecord(record -> values.add(StandardCharsets.UTF_8
                .decode(Objects.requireNonNull(record.value()).duplicate())
                .toString()));
        return values;
    }
}

package io.gregor.coordinator.transaction;

import io.gregor.coordinator.runtime.TopicPartition;
import java.util.Set;

/** Tells partitions how a transaction ended. */
public interface MarkerWriter {
    /**
     * What is told.
     *
     * @param raisesEpoch whether the epoch is one above that of the transaction
     */
    record Marker(long producerId, short epoch, boolean commit, boolean raisesEpoch) {}

    /**
     * Writes the marker to all of these partitions, however long that takes; those that are gone need none.
     *
     * @param done run on the shard's lane once all have it
     */
    void write(Marker marker, Set<TopicPartition> partitions, Runnable done);
}

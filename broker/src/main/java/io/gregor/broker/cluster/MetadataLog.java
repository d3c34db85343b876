package io.gregor.broker.cluster;

import io.gregor.wire.Message;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** The records of the cluster's metadata, in one order for all nodes. Called on the controller's thread. */
public interface MetadataLog {
    /**
     * Appends the records as one batch.
     *
     * @return the end offset, once the records are committed: they survive whatever happens to this node. Stages
     *     complete on the controller's thread, in the order of the appends; one fails with an IOException if its
     *     records are not stored.
     */
    CompletionStage<Long> append(List<? extends Message> records);
}

/** Handlers of the APIs about brokers, the quorum, and which partitions there are and where. */
@NullMarked
package io.gregor.broker.api.cluster;

import org.jspecify.annotations.NullMarked;

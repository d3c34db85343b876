package io.gregor.cli.consume;

import io.gregor.cli.client.TopicPartition;
import java.util.Map;
import java.util.SortedSet;

/** A member of a group that consumes one topic. Confined to the main thread, which has to come by often. */
interface Membership {
    /** What this member has to consume. */
    SortedSet<TopicPartition> assignment();

    /**
     * Tells the coordinator that the member lives, when that is due, and takes part in rebalances.
     *
     * @param beforeLosing commits, while the member still may
     * @return whether the assignment has changed
     */
    boolean keepAlive(Runnable beforeLosing);

    /** @throws io.gregor.cli.client.BrokerException if the member has no right to, any more */
    void commit(Map<TopicPartition, Long> offsets);

    void leave();
}

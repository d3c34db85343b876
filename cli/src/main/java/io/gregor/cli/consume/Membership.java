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
     * @return whether the assignment has changed
     */
    boolean keepAlive(Losses losses);

    /** It may not be a member any more: finds out with the next {@link #keepAlive}. */
    void doubt();

    /** @throws io.gregor.cli.client.BrokerException if the coordinator refuses */
    void commit(Map<TopicPartition, Long> offsets);

    void leave();

    /** Who has to know what a member is about to lose. */
    interface Losses {
        /** Some partitions may be lost; the member still may commit. */
        void losing();

        /** All partitions were lost, and others may have read on in them. */
        void lost();
    }
}

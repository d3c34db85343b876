package io.gregor.coordinator.group.consumer;

import io.gregor.coordinator.group.Group;
import io.gregor.coordinator.runtime.ApiException;
import io.gregor.coordinator.runtime.CoordinatorRecord;
import io.gregor.wire.message.ErrorCode;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The ways in which consumer groups take the place of groups of other types, and are replaced by them. */
public interface Conversion {
    /**
     * The consumer group that takes the place of a group of another type. It is not among the groups of the store: the
     * records make it.
     *
     * @param records what was decided before, to which what replaces the group is added
     * @throws ApiException GROUP_ID_NOT_FOUND if that is not allowed, or if the members are no consumers
     */
    ConsumerGroup toConsumer(Group other, List<CoordinatorRecord> records) throws ApiException;

    /** The records have been applied: whatever waits in the group of the other type is told to join again. */
    void replaced(Group other);

    /** Whether a consumer group with only these members left is to become a classic one. */
    boolean mayBecomeClassic(ConsumerGroup group, Collection<ConsumerMember> staying);

    /**
     * Replaces a consumer group by a classic one with these members.
     *
     * @param members by the ids under which the target assignment knows them
     * @param rebalance whether the members have to join again
     * @param before what was decided before, to which the other records are added
     * @param applied run when the records are applied
     * @throws ApiException if a member's metadata is none of a consumer
     */
    void toClassic(
            ConsumerGroup group,
            Map<String, ConsumerMember> members,
            boolean rebalance,
            List<CoordinatorRecord> before,
            Runnable applied,
            Consumer<ErrorCode> done)
            throws ApiException;
}

package io.gregor.coordinator.group.shard;

import io.gregor.coordinator.group.GroupProtocol;
import io.gregor.coordinator.group.GroupStore;
import io.gregor.coordinator.group.GroupTopics;
import io.gregor.coordinator.group.classic.ClassicGroups;
import io.gregor.coordinator.group.classic.DescribeGroup;
import io.gregor.coordinator.group.consumer.ConsumerGroupHeartbeat;
import io.gregor.coordinator.group.consumer.ConsumerGroups;
import io.gregor.coordinator.group.consumer.DescribeConsumerGroup;
import io.gregor.coordinator.group.migration.GroupConversion;
import io.gregor.coordinator.group.offset.CommitOffsets;
import io.gregor.coordinator.group.offset.CommitTransactionalOffsets;
import io.gregor.coordinator.group.offset.DeleteGroup;
import io.gregor.coordinator.group.offset.DeleteOffsets;
import io.gregor.coordinator.group.offset.ExpireOffsets;
import io.gregor.coordinator.group.offset.FetchOffsets;
import io.gregor.coordinator.group.offset.GroupOffsets;
import io.gregor.coordinator.runtime.Asking;
import io.gregor.coordinator.runtime.Journal;
import io.gregor.coordinator.runtime.Offload;
import io.gregor.coordinator.runtime.Shard;
import io.gregor.coordinator.runtime.StateMemory;
import io.gregor.coordinator.runtime.Timers;
import io.gregor.wire.Uuid;
import java.time.InstantSource;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The groups and offsets of one partition of {@code __consumer_offsets}, and the operations on them. Confined to that
 * partition's lane. Members of classic groups, waiting requests and timers live in memory only, as they do in Kafka.
 */
public final class GroupShard implements Shard {
    private static final Logger LOG = LoggerFactory.getLogger(GroupShard.class);

    private final GroupStore store;
    private final ClassicGroups classicGroups;
    private final ConsumerGroups consumerGroups;
    private final GroupOffsets offsets;
    private final ExpireOffsets expireOffsets;
    private final ClassicRequests classicRequests;

    /** @param memberIds unique, for the member ids that the coordinator gives out */
    public GroupShard(
            GroupConfig config,
            StateMemory memory,
            GroupTopics topics,
            Journal journal,
            Timers timers,
            Offload aside,
            InstantSource clock,
            Supplier<Uuid> memberIds) {
        store = new GroupStore(memory, topics, journal, timers, clock, memberIds);
        classicGroups = new ClassicGroups(store, config.classic());
        GroupConversion conversion = new GroupConversion(store, classicGroups, config.consumer());
        consumerGroups = new ConsumerGroups(store, config.consumer(), aside, conversion);
        offsets = new GroupOffsets(store, config.offsets(), classicGroups);
        expireOffsets = new ExpireOffsets(offsets);
        classicRequests = new ClassicRequests(classicGroups, consumerGroups, conversion);
        store.add(classicGroups);
        store.add(consumerGroups);
        store.records().add(offsets.records());
    }

    GroupStore store() {
        return store;
    }

    ConsumerGroups consumerGroups() {
        return consumerGroups;
    }

    GroupOffsets offsets() {
        return offsets;
    }

    @Override
    public StateMemory memory() {
        return store.memory();
    }

    @Override
    public Asking asking() {
        return store.asking();
    }

    @Override
    public void apply(Stored record) {
        store.records().apply(record);
    }

    @Override
    public void endTransaction(long producerId, boolean commit) {
        offsets.endTransaction(producerId, commit);
    }

    /** From now on the members must show that they live. */
    @Override
    public void loaded() {
        store.protocols().forEach(GroupProtocol::loaded);
        int groups = store.groups().size();
        if (groups > 0) {
            LOG.info("Loaded {} groups", groups);
        }
    }

    /** JoinGroup, SyncGroup, Heartbeat and LeaveGroup. */
    public ClassicRequests classicRequests() {
        return classicRequests;
    }

    public ConsumerGroupHeartbeat consumerGroupHeartbeat() {
        return new ConsumerGroupHeartbeat(consumerGroups);
    }

    public DescribeGroup describeGroup() {
        return new DescribeGroup(classicGroups);
    }

    public DescribeConsumerGroup describeConsumerGroup() {
        return new DescribeConsumerGroup(consumerGroups);
    }

    public ListGroups listGroups() {
        return new ListGroups(store);
    }

    public DeleteGroup deleteGroup() {
        return new DeleteGroup(offsets);
    }

    public CommitOffsets commitOffsets() {
        return new CommitOffsets(offsets);
    }

    public CommitTransactionalOffsets commitTransactionalOffsets() {
        return new CommitTransactionalOffsets(offsets);
    }

    public FetchOffsets fetchOffsets() {
        return new FetchOffsets(offsets);
    }

    public DeleteOffsets deleteOffsets() {
        return new DeleteOffsets(offsets);
    }

    public ExpireOffsets expireOffsets() {
        return expireOffsets;
    }
}

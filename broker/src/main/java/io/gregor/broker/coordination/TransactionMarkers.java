package io.gregor.broker.coordination;

import io.gregor.broker.replica.AppendCallback;
import io.gregor.broker.replica.Durability;
import io.gregor.broker.replica.Partition;
import io.gregor.broker.replica.PartitionLookup;
import io.gregor.controller.TopicNames;
import io.gregor.coordinator.group.shard.GroupShard;
import io.gregor.coordinator.runtime.TopicPartition;
import io.gregor.coordinator.transaction.MarkerWriter;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.record.EndMarker;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes markers into partitions, each on its lane; the group coordinator hears of those in its own. */
public final class TransactionMarkers {
    private static final Logger LOG = LoggerFactory.getLogger(TransactionMarkers.class);

    private final Function<TopicPartition, PartitionLookup.Found> partitions;
    private final CoordinatorShards<GroupShard> groups;
    private final RandomGenerator random;

    /**
     * @param partitions finds a partition
     * @param random spreads what is tried again
     */
    public TransactionMarkers(
            Function<TopicPartition, PartitionLookup.Found> partitions,
            CoordinatorShards<GroupShard> groups,
            RandomGenerator random) {
        this.partitions = partitions;
        this.groups = groups;
        this.random = random;
    }

    /**
     * Writes for a shard of the transaction coordinator. A marker is written when it is as durable as its partition
     * wants, and no less durable than the coordinator's own records: else a power loss could take it, but not what is
     * stored after it, that the transaction is complete, and nobody would end it.
     *
     * @param coordinator the partition of the shard
     */
    MarkerWriter writerFor(Partition coordinator) {
        return (marker, targets, done) ->
                writeAll(coordinator, marker, targets, () -> coordinator.lane().execute(done));
    }

    private static Durability requiredBy(Partition coordinator) {
        boolean flushes = coordinator.config().log().flushing().messages() < Long.MAX_VALUE;
        return flushes ? Durability.FLUSHED : Durability.COMMITTED;
    }

    private void writeAll(
            Partition coordinator, MarkerWriter.Marker marker, Set<TopicPartition> targets, Runnable done) {
        AtomicInteger open = new AtomicInteger(targets.size() + 1);
        Runnable one = () -> {
            if (open.decrementAndGet() == 0) {
                done.run();
            }
        };
        for (TopicPartition target : targets) {
            EndMarker end = new EndMarker(marker.commit(), coordinator.leaderEpoch());
            new OwedMarker(
                            target,
                            marker.producerId(),
                            coordinator.lane(),
                            partitions,
                            (partition, ended) -> write(partition, marker, end, requiredBy(coordinator), ended),
                            random,
                            one)
                    .attempt();
        }
        one.run();
    }

    /**
     * Writes a marker into one partition; the outcome comes on its lane or at once.
     *
     * @param required what has to hold of the marker before the outcome is NONE
     */
    public void write(
            Partition partition,
            MarkerWriter.Marker marker,
            EndMarker end,
            Durability required,
            Consumer<ErrorCode> done) {
        if (partition.topic().equals(TopicNames.OFFSETS)) {
            groups.<ErrorCode>ask(
                    partition,
                    (shard, told) -> append(partition, marker, end, required, error -> {
                        told.accept(error == ErrorCode.NONE ? end(shard, marker) : error);
                    }),
                    error -> error,
                    done);
            return;
        }
        partition.lane().execute(() -> append(partition, marker, end, required, done::accept));
    }

    /** Whoever waits is told, whatever fails. */
    private static ErrorCode end(GroupShard shard, MarkerWriter.Marker marker) {
        try {
            shard.endTransaction(marker.producerId(), marker.commit());
            return ErrorCode.NONE;
        } catch (RuntimeException e) {
            LOG.error("Ending the transaction of producer {} in {} failed", marker.producerId(), shard, e);
            return ErrorCode.UNKNOWN_SERVER_ERROR;
        }
    }

    /** On the lane. */
    private static void append(
            Partition partition, MarkerWriter.Marker marker, EndMarker end, Durability required, AppendCallback done) {
        partition.appendMarker(marker.producerId(), marker.epoch(), end, marker.raisesEpoch(), required, done);
    }
}

package io.gregor.broker.coordination;

import io.gregor.broker.lane.Lane;
import io.gregor.broker.replica.Partition;
import io.gregor.broker.replica.PartitionLookup;
import io.gregor.controller.TopicNames;
import io.gregor.coordinator.group.shard.GroupShard;
import io.gregor.coordinator.runtime.TopicPartition;
import io.gregor.coordinator.transaction.MarkerWriter;
import io.gregor.log.AppendResult;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.record.EndMarker;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes markers into partitions, each on its lane; the group coordinator hears of those in its own. */
public final class Markers {
    private static final Logger LOG = LoggerFactory.getLogger(Markers.class);
    private static final long RETRY_MS = 100;
    private static final long OFFLINE_RETRY_MS = 1000;

    private final Function<TopicPartition, PartitionLookup.Found> partitions;
    private final CoordinatorShards<GroupShard> groups;

    /** @param partitions finds a partition */
    public Markers(Function<TopicPartition, PartitionLookup.Found> partitions, CoordinatorShards<GroupShard> groups) {
        this.partitions = partitions;
        this.groups = groups;
    }

    /**
     * Writes for a shard of the transaction coordinator.
     *
     * @param coordinator the lane of the shard
     * @param coordinatorEpoch the leader epoch of the shard's partition
     */
    MarkerWriter writerFor(Lane coordinator, int coordinatorEpoch) {
        return (marker, targets, done) -> writeAll(
                coordinator,
                marker,
                new EndMarker(marker.commit(), coordinatorEpoch),
                targets,
                () -> coordinator.execute(done));
    }

    private void writeAll(
            Lane coordinator, MarkerWriter.Marker marker, EndMarker end, Set<TopicPartition> targets, Runnable done) {
        AtomicInteger open = new AtomicInteger(targets.size() + 1);
        Runnable one = () -> {
            if (open.decrementAndGet() == 0) {
                done.run();
            }
        };
        for (TopicPartition target : targets) {
            writeWithRetry(coordinator, marker, end, target, one);
        }
        one.run();
    }

    /** Tries again while that may help: only a partition that does not exist any more needs no marker. */
    private void writeWithRetry(
            Lane coordinator, MarkerWriter.Marker marker, EndMarker end, TopicPartition target, Runnable done) {
        PartitionLookup.Found found = partitions.apply(target);
        Partition partition = found.partition();
        if (partition == null) {
            if (found.exists()) {
                later(coordinator, OFFLINE_RETRY_MS, () -> writeWithRetry(coordinator, marker, end, target, done));
            } else {
                done.run();
            }
            return;
        }
        write(partition, marker, end, error -> {
            switch (error) {
                case NONE, UNKNOWN_TOPIC_OR_PARTITION -> done.run();
                case INVALID_PRODUCER_EPOCH, TRANSACTION_COORDINATOR_FENCED -> {
                    LOG.warn("{} takes no marker of producer {}: {}", target, marker.producerId(), error);
                    done.run();
                }
                default ->
                    later(partition.lane(), RETRY_MS, () -> writeWithRetry(coordinator, marker, end, target, done));
            }
        });
    }

    private static void later(Lane lane, long delayMs, Runnable task) {
        lane.execute(() -> lane.schedule(task, delayMs));
    }

    /**
     * Writes a marker into one partition; the outcome comes on its lane or at once, when the marker is as durable as
     * the partition's own flush rule asks for.
     */
    public void write(Partition partition, MarkerWriter.Marker marker, EndMarker end, Consumer<ErrorCode> done) {
        if (partition.topic().equals(TopicNames.OFFSETS)) {
            groups.<ErrorCode>ask(
                    partition,
                    (shard, told) -> append(partition, marker, end, error -> {
                        if (error == ErrorCode.NONE) {
                            shard.endTransaction(marker.producerId(), marker.commit());
                        }
                        told.accept(error);
                    }),
                    error -> error,
                    done);
            return;
        }
        partition.lane().execute(() -> append(partition, marker, end, done));
    }

    /** On the lane. */
    private static void append(
            Partition partition, MarkerWriter.Marker marker, EndMarker end, Consumer<ErrorCode> done) {
        if (partition.isDeleted()) {
            done.accept(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
            return;
        }
        AppendResult appended;
        try {
            appended = partition
                    .log()
                    .appendMarker(
                            marker.producerId(), marker.epoch(), end, marker.raisesEpoch(), partition.leaderEpoch());
        } catch (IOException e) {
            LOG.error("Appending a marker to {} failed", partition, e);
            done.accept(ErrorCode.KAFKA_STORAGE_ERROR);
            return;
        }
        partition.wakeWaiters();
        if (appended instanceof AppendResult.Refused refused) {
            done.accept(refused.error());
        } else if (appended instanceof AppendResult.Stored stored && stored.awaitsFlush()) {
            partition.whenFlushed(worked -> done.accept(worked ? ErrorCode.NONE : ErrorCode.KAFKA_STORAGE_ERROR));
        } else {
            done.accept(ErrorCode.NONE);
        }
    }
}

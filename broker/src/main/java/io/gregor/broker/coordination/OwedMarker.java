package io.gregor.broker.coordination;

import io.gregor.broker.lane.Lane;
import io.gregor.broker.replica.Partition;
import io.gregor.broker.replica.PartitionLookup;
import io.gregor.coordinator.runtime.TopicPartition;
import io.gregor.wire.message.ErrorCode;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A marker that one partition is owed until it has it, or takes none any more. Confined to the coordinator's lane. What
 * fails is tried again, at most twice as late each time, from {@value #FIRST_RETRY_MS} to {@value #LAST_RETRY_MS} ms,
 * and not by all that wait for the same at the same time. A partition that is offline is only looked for, which costs
 * nothing, each {@value #LOOK_UP_MS} ms, and one that is deleted is noticed at once.
 */
final class OwedMarker {
    private static final Logger LOG = LoggerFactory.getLogger(OwedMarker.class);
    static final long FIRST_RETRY_MS = 100;
    static final long LAST_RETRY_MS = 10_000;
    static final long LOOK_UP_MS = 1000;

    private final TopicPartition target;
    private final long producerId;
    private final Lane lane;
    private final Function<TopicPartition, PartitionLookup.Found> partitions;
    private final BiConsumer<Partition, Consumer<ErrorCode>> write;
    private final RandomGenerator random;
    private final Runnable done;
    private long delayMs = FIRST_RETRY_MS;
    private @Nullable ErrorCode cause;
    private int failures;
    private Runnable stopWaiting = () -> {};

    /**
     * @param lane of the coordinator
     * @param write writes the marker into a partition; the outcome comes on any thread
     * @param done run once nothing is owed any more
     */
    OwedMarker(
            TopicPartition target,
            long producerId,
            Lane lane,
            Function<TopicPartition, PartitionLookup.Found> partitions,
            BiConsumer<Partition, Consumer<ErrorCode>> write,
            RandomGenerator random,
            Runnable done) {
        this.target = target;
        this.producerId = producerId;
        this.lane = lane;
        this.partitions = partitions;
        this.write = write;
        this.random = random;
        this.done = done;
    }

    /** Tries it now: only a partition that does not exist any more needs no marker. */
    void attempt() {
        PartitionLookup.Found found = partitions.apply(target);
        Partition partition = found.partition();
        if (partition != null) {
            write.accept(partition, error -> lane.execute(() -> ended(partition, error)));
        } else if (found.exists()) {
            failed(found.error());
            Lane.Scheduled next = lane.schedule(this::attempt, LOOK_UP_MS);
            stopWaiting = next::cancel;
        } else {
            done.run();
        }
    }

    private void ended(Partition partition, ErrorCode error) {
        switch (error) {
            case NONE -> {
                if (failures > 0) {
                    LOG.info("{} has its marker of producer {} now; {} attempts failed", target, producerId, failures);
                }
                done.run();
            }
            case UNKNOWN_TOPIC_OR_PARTITION -> done.run();
            case INVALID_PRODUCER_EPOCH, TRANSACTION_COORDINATOR_FENCED -> {
                LOG.warn("{} takes no marker of producer {}: {}", target, producerId, error);
                done.run();
            }
            default -> {
                failed(error);
                tryLater(partition);
            }
        }
    }

    /** One line for each cause. */
    private void failed(ErrorCode error) {
        failures++;
        if (error != cause) {
            cause = error;
            LOG.warn("{} is owed a marker of producer {}, and cannot have it now: {}", target, producerId, error);
        }
    }

    private void tryLater(Partition partition) {
        long waitMs = delayMs / 2 + random.nextLong(delayMs / 2 + 1);
        delayMs = Math.min(2 * delayMs, LAST_RETRY_MS);
        Partition.Waiter deletion = () -> {
            if (partition.isDeleted()) {
                lane.execute(this::tryNow);
            }
        };
        Lane.Scheduled next = lane.schedule(this::tryNow, waitMs);
        stopWaiting = () -> {
            next.cancel();
            partition.removeWaiter(deletion);
        };
        partition.addWaiter(deletion);
        deletion.changed();
    }

    private void tryNow() {
        Runnable stop = stopWaiting;
        stopWaiting = () -> {};
        stop.run();
        attempt();
    }
}

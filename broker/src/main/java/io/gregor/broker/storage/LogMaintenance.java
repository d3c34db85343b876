package io.gregor.broker.storage;

import io.gregor.broker.config.BrokerConfig;
import io.gregor.broker.lane.Backoff;
import io.gregor.broker.replica.Partition;
import io.gregor.broker.replica.Partitions;
import io.gregor.log.PartitionLog;
import io.gregor.log.compaction.LogCleaning;
import io.gregor.log.disk.CorruptLogException;
import io.gregor.wire.MalformedMessageException;
import java.io.IOException;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes what is expired and compacts what is to be compacted, one partition after the other. Confined to one
 * background thread.
 */
public final class LogMaintenance {
    private static final Logger LOG = LoggerFactory.getLogger(LogMaintenance.class);
    /** The most that the keys of one pass take, whatever {@code log.cleaner.dedupe.buffer.size} allows. */
    private static final int MOST_MEMORY_BYTES = 32 * 1024 * 1024;

    private static final long FIRST_RETRY_MS = 2000;
    private static final long LONGEST_RETRY_MS = 300_000;

    private final InstantSource clock;
    private final Partitions partitions;
    private final LogDirMover mover;
    private final int memoryBytes;
    /** Partitions that could not be compacted, and when to try again. */
    private final Map<Partition, Backoff> failed = new HashMap<>();
    /** Partitions whose log is damaged: they are not compacted until the next start. */
    private final Set<Partition> damaged = new HashSet<>();

    private final ReentrantLock pass = new ReentrantLock();
    private volatile boolean stopped;
    private volatile double mostDirtyRatio;
    private volatile int failedCount;

    public LogMaintenance(BrokerConfig config, Partitions partitions, LogDirMover mover, InstantSource clock) {
        this.clock = clock;
        this.partitions = partitions;
        this.mover = mover;
        memoryBytes = (int) Math.min(config.number("log.cleaner.dedupe.buffer.size"), MOST_MEMORY_BYTES);
    }

    /**
     * Gives up what runs, from any thread, and returns when it has ended; nothing begins any more. To be called while
     * the lanes still run: what runs may wait for one of them.
     */
    public void stop() {
        stopped = true;
        pass(() -> {});
    }

    /** Applies retention to all partitions. */
    public void applyRetention() {
        pass(() -> {
            for (Partition partition : partitions.all()) {
                if (!attempt(partition, LogCleaning::applyRetention, this::retentionFailed)) {
                    return;
                }
            }
        });
    }

    /** Compacts, the dirtiest first, until nothing wants to be compacted. */
    public void compact() {
        pass(this::compactAll);
    }

    private void pass(Runnable all) {
        pass.lock();
        try {
            if (!stopped) {
                all.run();
            }
        } finally {
            pass.unlock();
        }
    }

    private void compactAll() {
        failed.keySet().removeIf(Partition::isDeleted);
        damaged.removeIf(Partition::isDeleted);
        for (Partition next = dirtiest(); next != null; next = dirtiest()) {
            Partition current = next;
            Step step = cleaning -> {
                cleaning.compact();
                failed.remove(current);
            };
            if (!attempt(current, step, this::giveUp)) {
                return;
            }
        }
    }

    /**
     * Of the log with the largest such part, how much of what could be compacted never was, from 0 to 1; as of the last
     * look at all logs. May be asked on any thread.
     */
    public double mostDirtyRatio() {
        return mostDirtyRatio;
    }

    /** How many partitions could not be compacted when it was last tried. May be asked on any thread. */
    public int failedCount() {
        return failedCount;
    }

    private @Nullable Partition dirtiest() {
        Partition dirtiest = null;
        double most = 0;
        double mostDirty = 0;
        for (Partition partition : partitions.all()) {
            if (!isDue(partition)
                    || mover.isMoving(partition)
                    || !partition.log().config().compaction().compact()) {
                continue;
            }
            LogCleaning.Need need = need(partition);
            mostDirty = Math.max(mostDirty, need.dirtyRatio());
            if (need.urgency() > most) {
                most = need.urgency();
                dirtiest = partition;
            }
        }
        mostDirtyRatio = mostDirty;
        failedCount = failed.size() + damaged.size();
        return dirtiest;
    }

    private boolean isDue(Partition partition) {
        Backoff backoff = failed.get(partition);
        return !damaged.contains(partition) && (backoff == null || backoff.isDue(clock.millis()));
    }

    private LogCleaning.Need need(Partition partition) {
        try {
            return cleaning(partition.log(), partition).need();
        } catch (IOException e) {
            if (!partition.isDeleted()) {
                giveUp(partition, e);
            }
            return LogCleaning.Need.NONE;
        }
    }

    private LogCleaning cleaning(PartitionLog log, Partition partition) {
        return new LogCleaning(log, partition.lane(), memoryBytes, () -> stopped);
    }

    private interface Step {
        void run(LogCleaning cleaning) throws IOException, InterruptedException;
    }

    private interface Failure {
        void of(Partition partition, Exception because);
    }

    /** False if the broker stops. */
    private boolean attempt(Partition partition, Step step, Failure failure) {
        if (stopped) {
            return false;
        }
        PartitionLog log = partition.log();
        try {
            step.run(cleaning(log, partition));
            return true;
        } catch (CancellationException e) {
            LOG.debug("Cleaning {} was given up", partition);
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (IOException | RuntimeException e) {
            if (partition.log() == log && !partition.isDeleted()) {
                failure.of(partition, e);
            }
            return true;
        }
    }

    private void retentionFailed(Partition partition, Exception because) {
        LOG.error("Applying retention to {} failed; it is tried again at the next check", partition, because);
    }

    /** What is damaged stays so; anything else may pass. */
    private void giveUp(Partition partition, Exception because) {
        if (because instanceof CorruptLogException || because instanceof MalformedMessageException) {
            damaged.add(partition);
            LOG.error("Cleaning {} failed; it will not be compacted until the next start", partition, because);
            return;
        }
        long waitMs = failed.computeIfAbsent(partition, p -> new Backoff(FIRST_RETRY_MS, LONGEST_RETRY_MS))
                .failed(clock.millis());
        LOG.error("Cleaning {} failed; it is tried again in {} s", partition, waitMs / 1000, because);
    }
}

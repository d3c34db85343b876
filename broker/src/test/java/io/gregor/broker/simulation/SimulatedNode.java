package io.gregor.broker.simulation;

import io.gregor.broker.cluster.ClusterMetadata;
import io.gregor.broker.coordination.Coordinators;
import io.gregor.broker.lane.ManualLane;
import io.gregor.broker.replica.Partition;
import io.gregor.broker.replica.PartitionLookup;
import io.gregor.broker.replica.Partitions;
import io.gregor.broker.replica.PeriodicFlush;
import io.gregor.controller.MetadataImage;
import io.gregor.coordinator.runtime.TopicPartition;
import io.gregor.log.LogDir;
import io.gregor.log.disk.Disk;
import io.gregor.log.disk.LogEnvironment;
import io.gregor.testsupport.ManualTime;
import io.gregor.wire.ByteBudget;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;

/**
 * A broker without its network, from a start to its end: partitions and coordinators as {@code Broker} puts them
 * together. What its threads have to do waits in queues, and is done in any order, each queue in its own. Confined to
 * one thread.
 */
final class SimulatedNode {
    private static final int LANES = 2;
    private static final long RETRY_CHECK_MS = 500;
    private static final long FLUSH_CHECK_MS = 1000;
    private static final long OVERDUE_CHECK_MS = 10_000;
    private static final long CHECKPOINT_MS = 60_000;

    private final ManualTime time;
    private final List<ManualLane> lanes = new ArrayList<>();
    private final List<Deque<Runnable>> threads = new ArrayList<>();
    private final List<LogDir> folders = new ArrayList<>();
    private final ClusterMetadata metadata = new ClusterMetadata();
    private final Partitions partitions;
    private final PartitionLookup lookup;
    private final Coordinators coordinators;

    /**
     * Starts it.
     *
     * @throws IOException if it cannot start now; what it has done so far is as after a kill
     */
    SimulatedNode(SimulatedCluster cluster, Disk disk, List<Path> roots, ManualTime time, Random random)
            throws IOException {
        this.time = time;
        for (int i = 0; i < LANES; i++) {
            ManualLane lane = new ManualLane(time);
            lane.hold();
            lanes.add(lane);
        }
        for (Path root : roots) {
            open(disk, root, random);
        }
        Deque<Runnable> controller = thread();
        Deque<Runnable> loader = thread();
        partitions = new Partitions(cluster.config(), folders, lanes, time, controller::add);
        partitions.offlineFolders(roots.size() - folders.size());
        partitions.load(cluster.image());
        metadata.published(MetadataImage.EMPTY, cluster.image(), 1);
        for (LogDir folder : folders) {
            if (!folder.isOffline()) {
                folder.putStraysAside();
                folder.begin();
            }
        }
        lookup = new PartitionLookup(metadata, partitions, cluster.config().nodeId());
        ByteBudget memory = new ByteBudget("coordinators", Long.MAX_VALUE);
        coordinators = new Coordinators(
                cluster.config(),
                metadata,
                cluster,
                partitions,
                lookup,
                time,
                random,
                memory,
                loader::add,
                loader::add);
        coordinators.load();
        every(RETRY_CHECK_MS, partitions::retryIfNeeded);
        every(FLUSH_CHECK_MS, new PeriodicFlush(partitions, time, FLUSH_CHECK_MS)::run);
        every(OVERDUE_CHECK_MS, coordinators::abortOverdueTransactions);
        every(CHECKPOINT_MS, this::checkpoint);
    }

    private Deque<Runnable> thread() {
        Deque<Runnable> thread = new ArrayDeque<>();
        threads.add(thread);
        return thread;
    }

    /** One that cannot be read is offline, as for a broker. */
    private void open(Disk disk, Path root, Random random) {
        Deque<Runnable> flusher = thread();
        LogEnvironment environment = new LogEnvironment(disk, time, random, (task, delayMs) -> {
            if (delayMs <= 0) {
                flusher.add(task);
            } else {
                time.schedule(delayMs, () -> flusher.add(task));
            }
        });
        try {
            disk.list(root);
            folders.add(new LogDir(environment, root, because -> {}));
        } catch (IOException e) {
            // The node goes on without it.
        }
    }

    private void every(long intervalMs, Runnable task) {
        time.schedule(intervalMs, () -> {
            task.run();
            every(intervalMs, task);
        });
    }

    private void checkpoint() {
        for (LogDir folder : folders) {
            try {
                folder.checkpoint();
            } catch (IOException e) {
                // It is tried again.
            }
        }
    }

    long nowMs() {
        return time.millis();
    }

    Coordinators coordinators() {
        return coordinators;
    }

    PartitionLookup.Found find(TopicPartition partition) {
        return lookup.find(partition.topic(), partition.partition());
    }

    List<Partition> partitions() {
        return partitions.all();
    }

    /** Whether a log directory has failed, or was not there at the start: only a start brings it back. */
    boolean isPartlyOffline(int roots) {
        return folders.size() < roots || folders.stream().anyMatch(LogDir::isOffline);
    }

    /** Runs one task of one of its threads; false if none has any. */
    boolean step(Random random) {
        List<Runnable> next = new ArrayList<>();
        lanes.stream().filter(lane -> lane.waiting() > 0).forEach(lane -> next.add(lane::runNext));
        threads.stream()
                .filter(thread -> !thread.isEmpty())
                .forEach(thread -> next.add(() -> thread.remove().run()));
        if (next.isEmpty()) {
            return false;
        }
        next.get(random.nextInt(next.size())).run();
        return true;
    }

    /** Stops it in order, as far as its disks let it. */
    void stop(Random random) throws IOException {
        boolean more = true;
        while (more) {
            more = step(random);
        }
        for (LogDir folder : folders) {
            folder.close();
        }
    }
}

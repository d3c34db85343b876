package io.gregor.broker.lane;

import io.gregor.log.disk.LogEnvironment;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The threads for work that waits for the disk or takes long, and so must not run on a lane. Made on first use. */
public final class BackgroundThreads {
    private static final Logger LOG = LoggerFactory.getLogger(BackgroundThreads.class);
    private static final int DISK_READERS = 2;
    private static final int VALIDATORS = 2;
    private static final long IDLE_SECONDS = 30;
    /** A disk that is slow is waited for so long when the broker stops. */
    private static final Duration CLOSE_LIMIT = Duration.ofMinutes(5);

    private static final Duration CLOSE_STEP = Duration.ofSeconds(5);

    private final Map<String, ExecutorService> all = new LinkedHashMap<>();
    private final ExecutorService controller = one("controller");
    private final ExecutorService diskReaders = many("disk-reader", DISK_READERS);
    private final ExecutorService validators = many("validator", VALIDATORS);
    private final ExecutorService shardLoader = one("disk-reader of coordinators");
    private final ExecutorService cleaner = one("cleaner");
    private final ExecutorService mover = one("mover");
    private final ExecutorService telemetry = one("telemetry");
    private final ExecutorService hostLookups = one("host-lookups");
    private final ScheduledExecutorService housekeeping =
            Executors.newSingleThreadScheduledExecutor(factory("housekeeping"));

    private static ThreadFactory factory(String name) {
        return task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            thread.setUncaughtExceptionHandler((t, e) -> LOG.error("A task of thread {} failed", name, e));
            return thread;
        };
    }

    private ExecutorService one(String name) {
        return many(name, 1);
    }

    private ExecutorService many(String name, int threads) {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                threads, threads, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), factory(name));
        pool.allowCoreThreadTimeOut(true);
        all.put(name, pool);
        return pool;
    }

    /** Changes metadata, one change at a time. */
    public Executor controller() {
        return controller;
    }

    /** Reads logs where that may take long. */
    public Executor diskReaders() {
        return diskReaders;
    }

    /** Checks batches of records where that takes long. */
    public Executor validators() {
        return validators;
    }

    /** Loads what coordinators have stored, one partition at a time, whatever else is read. */
    public Executor shardLoader() {
        return shardLoader;
    }

    /** Flushes and deletes in one log directory, one task at a time. */
    public LogEnvironment.Background flusher(String folder) {
        ExecutorService flusher = one("flusher " + folder);
        return (task, delayMs) -> {
            if (delayMs <= 0) {
                flusher.execute(task);
            } else {
                housekeeping.schedule(() -> flusher.execute(task), delayMs, TimeUnit.MILLISECONDS);
            }
        };
    }

    /** Deletes what is expired and compacts what is to be compacted, one partition at a time. */
    public Executor cleaner() {
        return cleaner;
    }

    /** Copies partitions from one log directory to another, one at a time. */
    public Executor mover() {
        return mover;
    }

    /** Reads what clients push of their metrics, one push at a time. */
    public Executor telemetry() {
        return telemetry;
    }

    /** Asks the name service, for one request at a time. */
    public Executor hostLookups() {
        return hostLookups;
    }

    /** Runs the task on the housekeeping thread, again and again; one that throws is logged, and runs again in time. */
    public void every(long intervalMs, Runnable task) {
        every(intervalMs, intervalMs, task);
    }

    public void every(long firstAfterMs, long intervalMs, Runnable task) {
        housekeeping.scheduleWithFixedDelay(() -> run(task), firstAfterMs, intervalMs, TimeUnit.MILLISECONDS);
    }

    /** An executor never runs a periodic task again that has thrown, and tells nobody. */
    private static void run(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            LOG.error("A periodic task failed; it runs again when it is due", e);
        }
    }

    /** Lets the tasks that are queued end, and returns when they did. */
    public void close() throws InterruptedException {
        housekeeping.shutdownNow();
        all.values().forEach(ExecutorService::shutdown);
        long deadline = System.nanoTime() + CLOSE_LIMIT.toNanos();
        for (Map.Entry<String, ExecutorService> executor : all.entrySet()) {
            await(executor.getKey(), executor.getValue(), deadline);
        }
    }

    private static void await(String name, ExecutorService executor, long deadline) throws InterruptedException {
        while (!executor.awaitTermination(CLOSE_STEP.toNanos(), TimeUnit.NANOSECONDS)) {
            if (System.nanoTime() - deadline > 0) {
                throw new IllegalStateException(
                        "thread " + name + " has not ended after " + CLOSE_LIMIT.toSeconds() + " s");
            }
            LOG.warn("Stopping waits for thread {}, at most {} s", name, CLOSE_LIMIT.toSeconds());
        }
    }
}

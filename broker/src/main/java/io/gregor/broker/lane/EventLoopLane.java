package io.gregor.broker.lane;

import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Netty event loop as a lane; there is one for each loop. Thread-safe. What has waited for the task before it is run
 * for {@value #SLICE_MS} ms at most, then it is the turn of the loop's sockets. When the loop has ended, tasks are
 * dropped: the broker stops.
 */
public final class EventLoopLane implements Lane {
    private static final Logger LOG = LoggerFactory.getLogger(EventLoopLane.class);
    private static final int SLICE_MS = 5;
    private static final long SLICE_NANOS = SLICE_MS * 1_000_000L;

    private final EventLoop loop;
    private final LongSupplier nanoTime;
    private final Deque<Runnable> waiting = new ArrayDeque<>();
    private boolean running;

    /** @param nanoTime measures how long tasks take */
    public EventLoopLane(EventLoop loop, LongSupplier nanoTime) {
        this.loop = loop;
        this.nanoTime = nanoTime;
    }

    @Override
    public boolean isCurrent() {
        return loop.inEventLoop();
    }

    @Override
    public void execute(Runnable task) {
        if (loop.inEventLoop()) {
            runOrWait(task);
            return;
        }
        try {
            loop.execute(() -> runOrWait(task));
        } catch (RejectedExecutionException e) {
            LOG.debug("A task came after the end of its lane", e);
        }
    }

    @Override
    public Scheduled schedule(Runnable task, long delayMs) {
        try {
            Future<?> future = loop.schedule(() -> runOrWait(task), delayMs, TimeUnit.MILLISECONDS);
            return () -> future.cancel(false);
        } catch (RejectedExecutionException e) {
            LOG.debug("A task came after the end of its lane", e);
            return () -> {};
        }
    }

    private void runOrWait(Runnable task) {
        if (running || !waiting.isEmpty()) {
            waiting.add(task);
            return;
        }
        running = true;
        try {
            run(task);
            if (!waiting.isEmpty()) {
                runWaiting();
            }
        } finally {
            endTurn();
        }
    }

    private void runAgain() {
        running = true;
        try {
            runWaiting();
        } finally {
            endTurn();
        }
    }

    private void runWaiting() {
        long end = nanoTime.getAsLong() + SLICE_NANOS;
        Runnable task = waiting.poll();
        while (task != null) {
            run(task);
            task = nanoTime.getAsLong() - end > 0 ? null : waiting.poll();
        }
    }

    /**
     * What still waits goes on after the loop's sockets, even if a task has ended with an error of the JVM. A loop runs
     * dozens of tasks before it looks at its sockets again, and those too that come meanwhile, but no new timers. One
     * that stops cancels its timers, and runs the tasks that it has.
     */
    private void endTurn() {
        running = false;
        if (waiting.isEmpty()) {
            return;
        }
        if (loop.isShuttingDown()) {
            runAtTheEnd();
            return;
        }
        loop.schedule(this::runAgain, 1, TimeUnit.NANOSECONDS).addListener(turn -> {
            if (turn.isCancelled()) {
                runAtTheEnd();
            }
        });
    }

    private void runAtTheEnd() {
        try {
            loop.execute(this::runAgain);
        } catch (RejectedExecutionException e) {
            LOG.debug("A task came after the end of its lane", e);
            waiting.clear();
        }
    }

    private static void run(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | StackOverflowError e) {
            LOG.error("A task of a lane failed", e);
        }
    }
}

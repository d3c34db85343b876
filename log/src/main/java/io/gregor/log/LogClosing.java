package io.gregor.log;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Closes all logs of a folder. Confined to the thread that stops the broker, which waits for a few threads of its own
 * where many logs have to be flushed: a file system forces many files together almost as fast as one. At most
 * {@value #THREADS} logs are closed at the same time.
 */
final class LogClosing {
    private static final int THREADS = 8;
    /** Up to so many flushes are not worth another thread. */
    private static final int FEW = 4;

    private final Queue<PartitionLog> left;
    private final Queue<Exception> failures = new ConcurrentLinkedQueue<>();

    private LogClosing(Collection<PartitionLog> logs) {
        left = new ConcurrentLinkedQueue<>(logs);
    }

    /**
     * Closes each of the logs, whatever becomes of the others.
     *
     * @throws IOException if any log could not be closed
     */
    static void closeAll(Collection<PartitionLog> logs) throws IOException {
        long dirty = logs.stream()
                .filter(log -> log.view().endOffset() > log.recoveryPoint())
                .count();
        LogClosing closing = new LogClosing(logs);
        List<Thread> threads = new ArrayList<>();
        for (int i = 1; i < THREADS && dirty > FEW; i++) {
            Thread thread = new Thread(closing::run, "log-closing-" + i);
            threads.add(thread);
            thread.start();
        }
        closing.run();
        closing.await(threads);
        closing.throwFailure();
    }

    private void run() {
        for (PartitionLog log = left.poll(); log != null; log = left.poll()) {
            try {
                log.close();
            } catch (IOException | RuntimeException e) {
                failures.add(e);
            }
        }
    }

    private void await(List<Thread> threads) {
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            failures.add(e);
        }
    }

    private void throwFailure() throws IOException {
        Exception first = failures.poll();
        if (first != null) {
            failures.forEach(first::addSuppressed);
            throw new IOException("not all logs could be closed: " + first.getMessage(), first);
        }
    }
}

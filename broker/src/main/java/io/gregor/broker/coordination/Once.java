package io.gregor.broker.coordination;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes on the first result only; a second one is a fault, which is logged, and so is what the next one throws: it
 * concerns nobody else who is answered. Thread-safe.
 */
final class Once<R> implements Consumer<R> {
    private static final Logger LOG = LoggerFactory.getLogger(Once.class);

    private final Consumer<R> next;
    private final AtomicBoolean done = new AtomicBoolean();

    Once(Consumer<R> next) {
        this.next = next;
    }

    @Override
    public void accept(R result) {
        if (!offer(result)) {
            LOG.error("A second answer is dropped: {}", result.getClass().getSimpleName());
        }
    }

    /** As {@link #accept}, where it is no fault that there was a result before. */
    boolean offer(R result) {
        if (!done.compareAndSet(false, true)) {
            return false;
        }
        try {
            next.accept(result);
        } catch (RuntimeException | StackOverflowError e) {
            LOG.error("What was to follow an answer failed", e);
        }
        return true;
    }
}

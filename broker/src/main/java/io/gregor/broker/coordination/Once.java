package io.gregor.broker.coordination;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Passes on the first result only; a second one is a fault, which is logged. Thread-safe. */
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
        next.accept(result);
        return true;
    }
}

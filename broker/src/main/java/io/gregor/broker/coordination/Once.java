package io.gregor.broker.coordination;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells somebody one thing, once; anything after that is a fault, which is logged and not told. Thread-safe. */
final class Once<R> implements Consumer<R> {
    private static final Logger LOG = LoggerFactory.getLogger(Once.class);

    private final Consumer<R> told;
    private final AtomicBoolean done = new AtomicBoolean();

    Once(Consumer<R> told) {
        this.told = told;
    }

    @Override
    public void accept(R result) {
        if (!offer(result)) {
            LOG.error("A second answer is dropped: {}", result.getClass().getSimpleName());
        }
    }

    /** As {@link #accept}, where it is no fault that something was told before. */
    boolean offer(R result) {
        if (!done.compareAndSet(false, true)) {
            return false;
        }
        told.accept(result);
        return true;
    }
}

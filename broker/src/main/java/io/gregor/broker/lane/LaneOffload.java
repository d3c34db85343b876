package io.gregor.broker.lane;

import io.gregor.coordinator.runtime.Offload;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Works on other threads, and goes on on the lane. */
public record LaneOffload(Lane lane, Executor others) implements Offload {
    private static final Logger LOG = LoggerFactory.getLogger(LaneOffload.class);

    @Override
    public <T> void run(Supplier<T> work, Consumer<@Nullable T> onLane) {
        others.execute(() -> {
            T result = attempt(work);
            lane.execute(() -> onLane.accept(result));
        });
    }

    private static <T> @Nullable T attempt(Supplier<T> work) {
        try {
            return work.get();
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
            LOG.error("Work aside of a lane failed", e);
            return null;
        }
    }
}

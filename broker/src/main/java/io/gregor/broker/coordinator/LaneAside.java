package io.gregor.broker.coordinator;

import io.gregor.broker.partition.Lane;
import io.gregor.coordinator.Aside;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Works on other threads, and goes on on the lane. */
record LaneAside(Lane lane, Executor others) implements Aside {
    @Override
    public <T> void run(Supplier<T> work, Consumer<T> onLane) {
        others.execute(() -> {
            T result = work.get();
            lane.execute(() -> onLane.accept(result));
        });
    }
}

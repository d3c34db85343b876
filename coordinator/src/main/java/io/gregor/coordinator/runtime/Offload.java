package io.gregor.coordinator.runtime;

import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Where work is done that takes too long for a lane. */
public interface Offload {
    /** Does the work, and hands its result over on the shard's lane: null if the work has failed. */
    <T> void run(Supplier<T> work, Consumer<@Nullable T> onLane);
}

package io.gregor.coordinator;

import java.util.function.Consumer;
import java.util.function.Supplier;

/** Where work is done that takes too long for a lane. */
public interface Aside {
    /** Does the work, and hands its result over on the shard's lane; not if the work fails. */
    <T> void run(Supplier<T> work, Consumer<T> onLane);
}

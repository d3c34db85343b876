package io.gregor.broker.replica;

import io.gregor.wire.Uuid;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Opens the partitions that a change of the metadata adds, in steps, so that a change of many does not keep others
 * waiting: the first step at once, the others as tasks of their own. Confined to the controller's thread.
 */
final class OpeningSteps {
    /** How many partitions are opened at once. */
    static final int STEP = 32;

    /** A partition that is to be opened. */
    record Wanted(Uuid topicId, int index) {}

    private final Executor thread;
    private final Consumer<List<Wanted>> open;
    private Added latest = new Added(List.of());

    /** The partitions of one change. */
    private static final class Added {
        private final List<Wanted> partitions;
        private final List<Runnable> whenDone = new ArrayList<>();
        private int done;

        Added(List<Wanted> partitions) {
            this.partitions = partitions;
        }

        boolean isDone() {
            return done == partitions.size();
        }
    }

    /**
     * @param thread the controller's
     * @param open opens so many at once
     */
    OpeningSteps(Executor thread, Consumer<List<Wanted>> open) {
        this.thread = thread;
        this.open = open;
    }

    void begin(List<Wanted> partitions) {
        latest = new Added(partitions);
        next(latest);
    }

    private void next(Added added) {
        int end = Math.min(added.done + STEP, added.partitions.size());
        List<Wanted> step = added.partitions.subList(added.done, end);
        added.done = end;
        open.accept(step);
        if (added.isDone()) {
            added.whenDone.forEach(Runnable::run);
        } else {
            // Behind whatever else waits for the controller by now.
            thread.execute(() -> next(added));
        }
    }

    /** Runs the task once the partitions of the latest change have been opened, or could not be. */
    void whenDone(Runnable task) {
        if (latest.isDone()) {
            task.run();
        } else {
            latest.whenDone.add(task);
        }
    }
}

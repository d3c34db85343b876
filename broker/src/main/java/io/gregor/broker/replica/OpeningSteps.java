package io.gregor.broker.replica;

import io.gregor.wire.Uuid;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Opens the partitions that a change of the metadata adds, in steps, so that a change of many does not keep others
 * waiting: the first step at once, the others as tasks of their own. Confined to the controller's thread, but for the
 * questions about what is waiting.
 */
final class OpeningSteps {
    /** How many partitions are opened at once. */
    static final int STEP = 32;

    /** A partition that is to be opened. */
    record Wanted(Uuid topicId, int index) {}

    private final Executor thread;
    private final Consumer<List<Wanted>> open;
    private Added latest = new Added(List.of());
    /** The numbers of the partitions that are still to be opened, by their topic. */
    private final Map<Uuid, Set<Integer>> waiting = new ConcurrentHashMap<>();

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

    /** From now on these wait to be opened, by the next {@link #begin}. */
    void willOpen(List<Wanted> partitions) {
        for (Wanted wanted : partitions) {
            waiting.computeIfAbsent(wanted.topicId(), id -> ConcurrentHashMap.newKeySet())
                    .add(wanted.index());
        }
    }

    boolean isWaiting(Uuid topicId) {
        return waiting.containsKey(topicId);
    }

    boolean isWaiting(Uuid topicId, int index) {
        Set<Integer> ofTopic = waiting.get(topicId);
        return ofTopic != null && ofTopic.contains(index);
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
        step.forEach(this::opened);
        if (added.isDone()) {
            added.whenDone.forEach(Runnable::run);
        } else {
            // Behind whatever else waits for the controller by now.
            thread.execute(() -> next(added));
        }
    }

    private void opened(Wanted wanted) {
        Set<Integer> ofTopic = waiting.get(wanted.topicId());
        if (ofTopic != null && ofTopic.remove(wanted.index()) && ofTopic.isEmpty()) {
            waiting.remove(wanted.topicId());
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

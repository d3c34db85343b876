package io.gregor.coordinator.runtime;

import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A shard's journal, where what follows an append belongs to the question that led to it: see {@link Asking}. Confined
 * to the shard's lane.
 */
public record AskedJournal(Journal journal, Asking asking) implements Journal {
    @Override
    public void append(
            List<CoordinatorRecord> records, @Nullable Producer producer, Runnable accepted, Consumer<Appended> done) {
        journal.append(records, producer, accepted, asking.answering(done));
    }

    /** For what follows an append of somebody else. */
    public <T> Consumer<T> answering(Consumer<T> next) {
        return asking.answering(next);
    }
}

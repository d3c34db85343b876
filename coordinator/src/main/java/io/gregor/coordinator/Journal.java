package io.gregor.coordinator;

import io.gregor.wire.message.ErrorCode;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Where a shard's records are made to last: the log of its partition. */
public interface Journal {
    /** In whose transaction records are written: they count once a marker commits it. */
    record Producer(long id, short epoch) {}

    /** What became of records, and the offset of the first of them. */
    record Appended(ErrorCode error, long baseOffset) {}

    /**
     * Appends the records as one batch.
     *
     * @param accepted run if they are in the log now, before anything else happens on the shard's lane
     * @param done told on the shard's lane what became of them, once they last as the topic's settings demand; appends
     *     are answered in order
     */
    void append(
            List<CoordinatorRecord> records, @Nullable Producer producer, Runnable accepted, Consumer<Appended> done);

    /** As above, for those who go on when the records last. */
    default void append(List<CoordinatorRecord> records, @Nullable Producer producer, Consumer<Appended> done) {
        append(records, producer, () -> {}, done);
    }

    /** As above, outside of all transactions, for those who do not care where the records are. */
    default void append(List<CoordinatorRecord> records, Consumer<ErrorCode> stored) {
        append(records, null, appended -> stored.accept(appended.error()));
    }
}

package io.gregor.coordinator.runtime;

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

    /**
     * The largest part of {@link #appendInParts}, in bytes of encoded keys and values: far below the largest batch, so
     * that a part fits whatever its records take besides, and so that one part does not hold the lane for long.
     */
    int PART_BYTES = 1 << 18;

    /**
     * Appends records that need not be stored together in as many batches as they need, one after another.
     *
     * @param accepted told of each part that is in the log now, before anything else happens on the shard's lane
     * @param done told on the shard's lane what became of them: NONE when all are durable, or the first error of any
     *     part; parts behind one that was refused were not appended
     */
    default void appendInParts(
            List<CoordinatorRecord> records, Consumer<List<CoordinatorRecord>> accepted, Consumer<ErrorCode> done) {
        List<List<CoordinatorRecord>> parts = CoordinatorRecord.parts(records, PART_BYTES);
        if (parts.isEmpty()) {
            done.accept(ErrorCode.NONE);
            return;
        }
        ErrorCode[] outcome = {ErrorCode.NONE};
        for (int i = 0; i < parts.size(); i++) {
            List<CoordinatorRecord> part = parts.get(i);
            boolean last = i == parts.size() - 1;
            boolean[] stored = new boolean[1];
            Runnable inLog = () -> {
                stored[0] = true;
                accepted.accept(part);
            };
            // Appends are answered in order: when the last part is, all are.
            append(part, null, inLog, appended -> {
                if (outcome[0] == ErrorCode.NONE) {
                    outcome[0] = appended.error();
                }
                if (last || !stored[0]) {
                    done.accept(outcome[0]);
                }
            });
            if (!stored[0]) {
                return;
            }
        }
    }
}

package io.gregor.coordinator.runtime;

import io.gregor.coordinator.runtime.CoordinatorRecord.Encoded;
import io.gregor.wire.message.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A log in memory that a shard can be loaded from again. Refuses batches of more than a megabyte, as Kafka does. */
public final class SimulatedJournal implements Journal {
    /** The default of Kafka's offsets topic. */
    public static final int BATCH_BYTES_MAX = 1_048_588;

    /** Runs the answer of an append at once, or later. */
    public interface Answers {
        void answer(Runnable answer);
    }

    private final List<Shard.Stored> log = new ArrayList<>();
    private final Answers answers;
    private ErrorCode refusal = ErrorCode.NONE;
    private int appends;
    private int largestBatch;

    public SimulatedJournal(Answers answers) {
        this.answers = answers;
    }

    /** Refuses everything with that error from now on, or takes everything again: NONE. */
    public void refuse(ErrorCode error) {
        refusal = error;
    }

    /** All records that were ever stored, in order. */
    public List<Shard.Stored> log() {
        return log;
    }

    public int appends() {
        return appends;
    }

    /** In bytes of keys and values. */
    public int largestBatch() {
        return largestBatch;
    }

    @Override
    public void append(
            List<CoordinatorRecord> records, @Nullable Producer producer, Runnable accepted, Consumer<Appended> done) {
        appends++;
        List<Encoded> encoded = CoordinatorRecord.encoded(records, BATCH_BYTES_MAX);
        int bytes =
                encoded == null ? 0 : encoded.stream().mapToInt(Encoded::bytes).sum();
        if (encoded == null || refusal != ErrorCode.NONE) {
            ErrorCode error = refusal == ErrorCode.NONE ? ErrorCode.UNKNOWN_SERVER_ERROR : refusal;
            done.accept(new Appended(error, -1));
            return;
        }
        largestBatch = Math.max(largestBatch, bytes);
        long base = log.size();
        long producerId = producer == null ? -1 : producer.id();
        encoded.forEach(record -> log.add(new Shard.Stored(log.size(), producerId, record.key(), record.value())));
        accepted.run();
        answers.answer(() -> done.accept(new Appended(ErrorCode.NONE, base)));
    }
}

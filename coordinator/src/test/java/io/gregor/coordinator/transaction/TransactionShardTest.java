package io.gregor.coordinator.transaction;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.coordinator.runtime.CoordinatorRecord;
import io.gregor.coordinator.runtime.Journal;
import io.gregor.coordinator.runtime.Shard;
import io.gregor.coordinator.runtime.SimulatedTimers;
import io.gregor.coordinator.runtime.StateMemory;
import io.gregor.coordinator.runtime.Timers;
import io.gregor.testsupport.ManualTime;
import io.gregor.wire.ByteBudget;
import io.gregor.wire.message.ErrorCode;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** A transaction that is decided is completed, though its completion cannot be stored for a while. */
class TransactionShardTest {
    private final ManualTime time = new ManualTime();
    private ErrorCode journalSays = ErrorCode.NONE;
    private int appends;

    private final Journal journal = (records, producer, accepted, done) -> {
        appends++;
        done.accept(new Journal.Appended(journalSays, 0));
    };

    private final Timers timers = new SimulatedTimers(time);

    private final TransactionShard shard = new TransactionShard(
            new TransactionConfig(900_000, 1_000_000, false, () -> 2),
            new StateMemory(new ByteBudget("transactions", Long.MAX_VALUE)),
            journal,
            timers,
            (marker, partitions, done) -> done.run(),
            (id, failed) -> failed.accept(ErrorCode.COORDINATOR_NOT_AVAILABLE),
            time);

    private TransactionState state() {
        return Objects.requireNonNull(shard.slot("id")).now().state();
    }

    private void loadPrepared() {
        Transaction prepared = Transaction.created(7, 60_000, time.millis()).prepared(true, (short) 0, -1, 0);
        CoordinatorRecord record = TransactionRecords.of("id", prepared, true);
        shard.apply(
                new Shard.Stored(0, -1, record.encoded().key(), record.encoded().value()));
        shard.loaded();
    }

    @Test
    void aCompletionThatCannotBeStoredIsTriedAgainUntilItCan() {
        journalSays = ErrorCode.COORDINATOR_NOT_AVAILABLE;
        loadPrepared();
        time.advance(60_000);
        assertThat(state()).isEqualTo(TransactionState.PREPARE_COMMIT);
        assertThat(appends).isBetween(5, 30);
        journalSays = ErrorCode.NONE;
        time.advance(5000);
        assertThat(state()).isEqualTo(TransactionState.COMPLETE_COMMIT);
        int stored = appends;
        time.advance(60_000);
        assertThat(appends).isEqualTo(stored);
    }

    @Test
    void aMarkerInTheLogOfTransactionsIsPassedOver() {
        shard.endTransaction(4711, true);
        loadPrepared();
        assertThat(state()).isEqualTo(TransactionState.COMPLETE_COMMIT);
    }

    @Test
    void nothingIsTriedAgainWhereThePartitionIsGone() {
        journalSays = ErrorCode.NOT_COORDINATOR;
        loadPrepared();
        time.advance(60_000);
        assertThat(appends).isEqualTo(1);
    }
}

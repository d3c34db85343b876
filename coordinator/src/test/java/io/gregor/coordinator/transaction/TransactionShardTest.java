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
import io.gregor.wire.message.InitProducerIdRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** A transaction that is decided is completed, though its completion cannot be stored for a while. */
class TransactionShardTest {
    private final ManualTime time = new ManualTime();
    private ErrorCode journalSays = ErrorCode.NONE;
    private int appends;
    private final List<Consumer<Long>> waitingForIds = new ArrayList<>();

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
            (id, failed) -> waitingForIds.add(id),
            time);

    private TransactionState state() {
        return Objects.requireNonNull(shard.slot("id")).now().state();
    }

    private void loadPrepared() {
        load(Transaction.created(7, 60_000, time.millis()).prepared(true, (short) 0, -1, 0));
    }

    private void load(Transaction transaction) {
        CoordinatorRecord record = TransactionRecords.of("id", transaction, true);
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

    /** Else it would be stored, but no client could use it before the next fail-over. */
    @Test
    void anIdThatIsForgottenWhileItsProducerGetsANewOneStaysForgotten() {
        Transaction usedUp = Transaction.created(7, 60_000, time.millis()).rotated(8, false, 60_000, time.millis());
        for (short epoch = 0; !usedUp.isExhausted(); epoch++) {
            usedUp = Objects.requireNonNull(usedUp.initialized(epoch, 60_000, time.millis()));
        }
        load(usedUp);
        List<ErrorCode> answers = new ArrayList<>();
        new InitProducer(shard)
                .handle(
                        new InitProducerIdRequest().transactionalId("id").transactionTimeoutMs(60_000),
                        response -> answers.add(ErrorCode.of(response.errorCode())));
        time.advance(1_000_000);
        new ExpireTransactions(shard).forgetUnused();
        int stored = appends;

        waitingForIds.get(0).accept(9L);

        assertThat(answers).containsExactly(ErrorCode.CONCURRENT_TRANSACTIONS);
        assertThat(appends).isEqualTo(stored);
        assertThat(shard.slots()).isEmpty();
        assertThat(shard.memory().held()).isZero();
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

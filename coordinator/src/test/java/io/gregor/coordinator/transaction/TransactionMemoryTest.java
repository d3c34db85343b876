package io.gregor.coordinator.transaction;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.coordinator.runtime.Journal;
import io.gregor.coordinator.runtime.SimulatedJournal;
import io.gregor.coordinator.runtime.SimulatedTimers;
import io.gregor.coordinator.runtime.StateMemory;
import io.gregor.coordinator.runtime.TopicPartition;
import io.gregor.testsupport.ManualTime;
import io.gregor.wire.ByteBudget;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.InitProducerIdRequest;
import io.gregor.wire.message.InitProducerIdResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Transactional ids and the partitions of transactions are refused before they take more memory than they may. */
class TransactionMemoryTest {
    private static final long LIMIT = 1_000_000;
    private static final String NAME = "t".repeat(30_000);

    private final ManualTime time = new ManualTime();
    private final ByteBudget budget = new ByteBudget("transactions", LIMIT);
    private final SimulatedJournal journal = new SimulatedJournal(Runnable::run);
    private long nextProducerId;
    private TransactionShard shard = create(journal);

    private TransactionShard create(Journal into) {
        return new TransactionShard(
                new TransactionConfig(900_000, 0, false, () -> 2),
                new StateMemory(budget),
                into,
                new SimulatedTimers(time),
                (marker, partitions, done) -> done.run(),
                (id, failed) -> id.accept(nextProducerId++),
                time);
    }

    private InitProducerIdResponse init(String id) {
        InitProducerIdRequest request =
                new InitProducerIdRequest().transactionalId(id).transactionTimeoutMs(60_000);
        List<InitProducerIdResponse> answers = new ArrayList<>();
        new InitProducer(shard).handle(request, answers::add);
        assertThat(answers).hasSize(1);
        return answers.get(0);
    }

    private int idsUntilRefused() {
        for (int i = 0; i < 1000; i++) {
            ErrorCode error = ErrorCode.of(init(NAME + i).errorCode());
            assertThat(budget.used()).isLessThanOrEqualTo(LIMIT);
            if (error != ErrorCode.NONE) {
                assertThat(error).isEqualTo(ErrorCode.POLICY_VIOLATION);
                return i;
            }
        }
        throw new AssertionError("never refused");
    }

    @Test
    void idsThatDoNotFitAreRefusedAndThoseThatAreKnownAreNot() {
        assertThat(idsUntilRefused()).isBetween(10, 40);
        assertThat(init(NAME + 0).errorCode()).isZero();
        long before = budget.used();
        shard.memory().close();
        shard = create(journal);
        journal.log().forEach(shard::apply);
        assertThat(budget.used()).isEqualTo(before);
        assertThat(init(NAME + 1).errorCode()).isZero();
    }

    @Test
    void anIdThatCannotBeStoredIsRefusedAndForgotten() {
        assertThat(init("\uFFFD".repeat(12_000)).errorCode()).isEqualTo(ErrorCode.UNKNOWN_SERVER_ERROR.code());
        assertThat(budget.used()).isZero();
        assertThat(shard.slots()).isEmpty();
    }

    @Test
    void partitionsThatDoNotFitAreRefused() {
        InitProducerIdResponse producer = init("id");
        Set<TopicPartition> partitions = IntStream.range(0, 10_000)
                .mapToObj(index -> new TopicPartition("topic", index))
                .collect(Collectors.toSet());
        List<ErrorCode> answers = new ArrayList<>();
        new AddPartitions(shard)
                .add("id", producer.producerId(), producer.producerEpoch(), partitions, (short) 2, answers::add);
        assertThat(answers).containsExactly(ErrorCode.POLICY_VIOLATION);
        new AddPartitions(shard)
                .add(
                        "id",
                        producer.producerId(),
                        producer.producerEpoch(),
                        Set.of(new TopicPartition("topic", 0)),
                        (short) 2,
                        answers::add);
        assertThat(answers).containsExactly(ErrorCode.POLICY_VIOLATION, ErrorCode.NONE);
    }

    @Test
    void idsThatAreForgottenLeaveNothingBehindInTheCount() {
        init("id");
        time.advance(1000);
        new ExpireTransactions(shard).forgetUnused();
        assertThat(budget.used()).isZero();
    }
}

package io.gregor.coordinator.transaction;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.coordinator.runtime.SimulatedJournal;
import io.gregor.coordinator.runtime.SimulatedTimers;
import io.gregor.coordinator.runtime.StateMemory;
import io.gregor.coordinator.runtime.TopicPartition;
import io.gregor.testsupport.ManualTime;
import io.gregor.wire.ByteBudget;
import io.gregor.wire.message.InitProducerIdRequest;
import java.util.Map;
import java.util.Set;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Requests of a transaction with many partitions. */
public final class LargeTransaction {
    private LargeTransaction() {}

    /** By their names; each takes the number of partitions. */
    public static Map<String, IntConsumer> requests() {
        return Map.of(
                "AddPartitionsToTxn, partitions",
                LargeTransaction::add,
                "AddPartitionsToTxn, partitions that are looked up",
                LargeTransaction::verify);
    }

    private static TransactionShard shard() {
        ManualTime time = new ManualTime();
        TransactionShard shard = new TransactionShard(
                new TransactionConfig(900_000, 1_000_000, false, () -> 2),
                new StateMemory(new ByteBudget("transactions", Long.MAX_VALUE)),
                new SimulatedJournal(Runnable::run),
                new SimulatedTimers(time),
                (marker, partitions, done) -> done.run(),
                (id, failed) -> id.accept(7L),
                time);
        InitProducerIdRequest request =
                new InitProducerIdRequest().transactionalId("id").transactionTimeoutMs(60_000);
        new InitProducer(shard)
                .handle(request, response -> assertThat(response.errorCode()).isZero());
        return shard;
    }

    private static Set<TopicPartition> partitions(int count) {
        return IntStream.range(0, count)
                .mapToObj(index -> new TopicPartition("t", index))
                .collect(Collectors.toSet());
    }

    private static void add(int count) {
        new AddPartitions(shard())
                .add(
                        "id",
                        7,
                        (short) 0,
                        partitions(count),
                        (short) 2,
                        error -> assertThat(error).isNotNull());
    }

    private static void verify(int count) {
        assertThat(new AddPartitions(shard()).verify("id", 7, (short) 0, partitions(count)))
                .hasSize(count);
    }
}

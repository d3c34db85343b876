package io.gregor.broker.coordination;

import io.gregor.broker.replica.Partition;
import io.gregor.coordinator.runtime.TopicPartition;
import io.gregor.coordinator.transaction.AddPartitions;
import io.gregor.coordinator.transaction.TransactionShard;
import io.gregor.log.producer.ProducerStates;
import io.gregor.log.producer.TransactionVerification;
import io.gregor.wire.message.ErrorCode;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a producer write to a partition in a transaction only if its coordinator knows of that (KIP-890): what is
 * written behind a transaction's end would never be decided. Called on the partition's lane, and answers there.
 */
public final class TransactionGate {
    private static final Logger LOG = LoggerFactory.getLogger(TransactionGate.class);

    /**
     * What the client can make of the answer; from ADD on, writing to a partition makes it part of the transaction.
     */
    public enum Client {
        PLAIN,
        KNOWS_ABORTABLE,
        ADDS
    }

    /** Who wants to write. */
    public record Writer(String transactionalId, long producerId, short epoch, int firstSequence, Client client) {}

    private final CoordinatorShards<TransactionShard> transactions;
    private final BooleanSupplier verifies;

    /** @param verifies whether clients that add partitions themselves are checked */
    public TransactionGate(CoordinatorShards<TransactionShard> transactions, BooleanSupplier verifies) {
        this.transactions = transactions;
        this.verifies = verifies;
    }

    /**
     * Asks whether the writer may append now.
     *
     * @param verdict given the answer exactly once: NONE if it may, UNKNOWN_SERVER_ERROR if asking has failed
     */
    public void pass(Partition partition, Writer writer, Consumer<ErrorCode> verdict) {
        partition.lane().assertCurrent();
        if (partition.log().producers().isInTransaction(writer.producerId(), writer.epoch())) {
            verdict.accept(ErrorCode.NONE);
        } else {
            Once<ErrorCode> once = new Once<>(verdict);
            orFail(once, () -> verify(partition, writer, once));
        }
    }

    private static void orFail(Once<ErrorCode> verdict, Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            LOG.error("Asking a transaction's coordinator failed", e);
            verdict.offer(ErrorCode.UNKNOWN_SERVER_ERROR);
        }
    }

    private void verify(Partition partition, Writer writer, Once<ErrorCode> verdict) {
        ProducerStates producers = partition.log().producers();
        boolean adds = writer.client() == Client.ADDS;
        if (!adds && !verifies.getAsBoolean()) {
            verdict.accept(ErrorCode.NONE);
            return;
        }
        if (producers.isFenced(writer.producerId(), writer.epoch())) {
            verdict.accept(ErrorCode.INVALID_PRODUCER_EPOCH);
            return;
        }
        TransactionVerification verification =
                producers.verification(writer.producerId(), writer.epoch(), writer.firstSequence(), adds);
        TopicPartition target = new TopicPartition(partition.topic(), partition.index());
        ask(
                writer,
                target,
                error -> partition
                        .lane()
                        .execute(() ->
                                orFail(verdict, () -> answered(partition, writer, verification, error, verdict))));
    }

    private void answered(
            Partition partition,
            Writer writer,
            TransactionVerification verification,
            ErrorCode error,
            Once<ErrorCode> verdict) {
        // Meanwhile the partition may have moved to another log directory.
        ProducerStates now = partition.log().producers();
        boolean valid = now.isInTransaction(writer.producerId(), writer.epoch())
                || now.isValid(verification, writer.producerId());
        if (error != ErrorCode.NONE || valid) {
            verdict.accept(error);
        } else if (writer.client() == Client.ADDS) {
            // The marker of the transaction before came late; one that ends this one raises the epoch.
            verify(partition, writer, verdict);
        } else {
            verdict.accept(ErrorCode.INVALID_TXN_STATE);
        }
    }

    private void ask(Writer writer, TopicPartition target, Consumer<ErrorCode> done) {
        transactions.<ErrorCode>ask(
                writer.transactionalId(),
                (shard, answer) -> {
                    AddPartitions operation = new AddPartitions(shard);
                    if (writer.client() == Client.ADDS) {
                        operation.add(
                                writer.transactionalId(),
                                writer.producerId(),
                                writer.epoch(),
                                Set.of(target),
                                (short) 2,
                                error -> answer.accept(translated(error, writer.client())));
                    } else {
                        ErrorCode error = operation
                                .verify(writer.transactionalId(), writer.producerId(), writer.epoch(), Set.of(target))
                                .getOrDefault(target, ErrorCode.UNKNOWN_SERVER_ERROR);
                        answer.accept(translated(error, writer.client()));
                    }
                },
                // Without the coordinator's topic Kafka knows of no coordinator at all.
                error -> error == ErrorCode.NOT_COORDINATOR ? ErrorCode.COORDINATOR_NOT_AVAILABLE : error,
                done);
    }

    private static ErrorCode translated(ErrorCode error, Client client) {
        return switch (error) {
            case PRODUCER_FENCED -> ErrorCode.INVALID_PRODUCER_EPOCH;
            case TRANSACTION_ABORTABLE -> client == Client.PLAIN ? ErrorCode.INVALID_TXN_STATE : error;
            default -> error;
        };
    }
}

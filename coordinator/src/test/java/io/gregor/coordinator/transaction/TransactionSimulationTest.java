package io.gregor.coordinator.transaction;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.coordinator.runtime.TopicPartition;
import io.gregor.wire.message.EndTxnRequest;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.InitProducerIdRequest;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Producers of a few transactional ids, from a seed: they begin, write, end, ask again, come with epochs of others and
 * from before, dawdle; the log refuses for a while, everything is slow, and the coordinator fails over at any point.
 * After every step: every answer is that of a model, every id stands where the log says, every request of this life
 * that waited long enough is answered once; each record may follow the one before it, each marker is written once in a
 * life, is that of a decision in the log, and is there before the transaction is complete. In the end nothing is open.
 */
class TransactionSimulationTest {
    /** Other seeds than those of each build: {@code compat-tests/run nightly} takes some at random. */
    private static final int FIRST = Integer.getInteger("seeds.from", 0);

    private static final int STEPS = Integer.getInteger("transactions.steps", 10_000);
    private static final List<String> IDS = List.of("a", "b", "c", "old");
    private static final short PLAIN_END = 4;
    private static final short RAISING_END = 5;

    /** What may be answered, and what may not be said for sure, since it depends on what happens meanwhile. */
    private record Expected(ErrorCode error, boolean needsProducerId, boolean stores) {
        static Expected error(ErrorCode error) {
            return new Expected(error, false, false);
        }

        static Expected stored() {
            return new Expected(ErrorCode.NONE, false, true);
        }

        static Expected withNewId() {
            return new Expected(ErrorCode.NONE, true, true);
        }
    }

    private String seed = "";
    private int version;
    private int step;
    private int waiting;
    private int answered;
    private boolean refusing;
    private Random random = new Random();
    private SimulatedTransactions simulated = new SimulatedTransactions(random, 0);

    static LongStream seeds() {
        return LongStream.range(FIRST, FIRST + 6);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void everyTransactionEndsAsTheLogSays(long number) {
        random = new Random(number);
        version = number % 3 == 2 ? 0 : 2;
        seed = "seed " + number;
        simulated = new SimulatedTransactions(random, version);
        simulated.loadOldId("old", (short) (Short.MAX_VALUE - 8));
        for (step = 0; step < STEPS; step++) {
            act();
            simulated.checkState(when());
            simulated.time().advance(random.nextInt(4) == 0 ? random.nextInt(2000) : 0);
            simulated.checkState(when());
        }
        refuseCompletions();
        rest();
        assertThat(answered).as(seed).isGreaterThan(STEPS / 4);
        assertThat(simulated.markersWritten()).as(seed).isGreaterThan(STEPS / 100);
    }

    private String when() {
        return seed + ", step " + step;
    }

    private void act() {
        String id = IDS.get(random.nextInt(IDS.size()));
        switch (random.nextInt(40)) {
            case 0 -> failOver();
            case 1 -> refuse(random.nextInt(4) == 0);
            case 2 -> new ExpireTransactions(simulated.shard()).abortOverdue();
            case 3 -> simulated.time().advance(random.nextInt(30_000));
            case 4 -> {
                if (random.nextInt(10) == 0) {
                    simulated.time().advance(SimulatedTransactions.ID_EXPIRATION_MS);
                    new ExpireTransactions(simulated.shard()).forgetUnused();
                }
            }
            case 5, 6, 7, 8, 9 -> init(id);
            case 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21 -> add(id);
            case 22, 23, 24, 25, 26, 27, 28, 29, 30 -> end(id);
            default -> simulated.time().advance(random.nextInt(300));
        }
    }

    private void failOver() {
        simulated.failOver();
        waiting = 0;
    }

    private void refuse(boolean refuses) {
        refusing = refuses;
        simulated.journal().refuse(refuses ? ErrorCode.COORDINATOR_NOT_AVAILABLE : ErrorCode.NONE);
    }

    /** The log refuses once more, while transactions are being completed; nothing loads them again after that. */
    private void refuseCompletions() {
        refuse(false);
        for (int i = 0; i < 100; i++) {
            String id = IDS.get(random.nextInt(IDS.size()));
            switch (random.nextInt(3)) {
                case 0 -> init(id);
                case 1 -> add(id);
                default -> end(id);
            }
            simulated.time().advance(random.nextInt(100));
        }
        refuse(true);
        simulated.time().advance(20_000);
    }

    /** Nothing fails any more, and no client asks: what is open is aborted when its time is over. */
    private void rest() {
        refuse(false);
        for (int i = 0; i < 10; i++) {
            simulated.time().advance(20_000);
            new ExpireTransactions(simulated.shard()).abortOverdue();
            simulated.checkState(seed + " at rest");
        }
        simulated.time().advance(20_000);
        assertThat(simulated.open()).as(seed).isEmpty();
        assertThat(waiting).as("%s: requests without an answer", seed).isZero();
    }

    /** Hands over the check of an answer, which fails if it comes twice. */
    private Consumer<ErrorCode> check(String request, Expected expected) {
        waiting++;
        String what = when() + ": " + request;
        int life = simulated.life();
        boolean refused = refusing && expected.stores();
        int[] answers = {0};
        return error -> {
            assertThat(life).as(what).isEqualTo(simulated.life());
            assertThat(++answers[0]).as("%s: answers", what).isEqualTo(1);
            waiting--;
            answered++;
            if (expected.needsProducerId()) {
                assertThat(error)
                        .as(what)
                        .isIn(
                                ErrorCode.NONE,
                                ErrorCode.CONCURRENT_TRANSACTIONS,
                                ErrorCode.PRODUCER_FENCED,
                                ErrorCode.COORDINATOR_NOT_AVAILABLE);
            } else {
                assertThat(error).as(what).isEqualTo(refused ? ErrorCode.COORDINATOR_NOT_AVAILABLE : expected.error());
            }
        };
    }

    /** The producer id that a client has: mostly the right one. */
    private long producerId(@Nullable Transaction now) {
        if (now == null || random.nextInt(20) == 0) {
            return 999;
        }
        boolean before = random.nextInt(20) == 0 && now.previousProducerId() != Transaction.NO_PRODUCER_ID;
        return before ? now.previousProducerId() : now.producerId();
    }

    /** The epoch that a client has: mostly the right one, or that of a request that is repeated. */
    private short epoch(@Nullable Transaction now) {
        if (now == null || random.nextInt(20) == 0) {
            return (short) random.nextInt(3);
        }
        return (short) Math.max(0, random.nextInt(5) == 0 ? now.epoch() - 1 : now.epoch());
    }

    private void init(String id) {
        Transaction now = simulated.settled(id);
        boolean knows = random.nextBoolean();
        long producerId = knows ? producerId(now) : Transaction.NO_PRODUCER_ID;
        @Nullable Short epoch = knows ? epoch(now) : null;
        Expected expected = expectedOfInit(id, now, producerId, epoch);
        Consumer<ErrorCode> check =
                check("InitProducerId " + id + " " + producerId + " " + epoch + " " + now, expected);
        new InitProducer(simulated.shard())
                .handle(
                        new InitProducerIdRequest()
                                .transactionalId(id)
                                .transactionTimeoutMs(1 + random.nextInt(20_000))
                                .producerId(producerId)
                                .producerEpoch(epoch == null ? Transaction.NO_EPOCH : epoch),
                        response -> check.accept(ErrorCode.of(response.errorCode())));
    }

    private Expected expectedOfInit(String id, @Nullable Transaction now, long producerId, @Nullable Short epoch) {
        if (now == null) {
            return simulated.isPending(id) ? Expected.error(ErrorCode.CONCURRENT_TRANSACTIONS) : Expected.withNewId();
        }
        if (simulated.isPending(id)) {
            return Expected.error(ErrorCode.CONCURRENT_TRANSACTIONS);
        }
        boolean before = epoch != null && producerId == now.previousProducerId() && epoch >= Short.MAX_VALUE - 1;
        if (epoch != null && producerId != now.producerId() && !before) {
            return Expected.error(ErrorCode.PRODUCER_FENCED);
        }
        boolean usedUp = now.epoch() >= Short.MAX_VALUE - 1;
        switch (now.state()) {
            case PREPARE_COMMIT, PREPARE_ABORT -> {
                return Expected.error(ErrorCode.CONCURRENT_TRANSACTIONS);
            }
            case ONGOING -> {
                return new Expected(ErrorCode.CONCURRENT_TRANSACTIONS, usedUp && version == 2, true);
            }
            default -> {
                // Nothing is open.
            }
        }
        if (usedUp) {
            return epoch == null || epoch == now.epoch()
                    ? Expected.withNewId()
                    : Expected.error(ErrorCode.PRODUCER_FENCED);
        }
        short last = lastEpoch(id);
        return epoch == null || epoch == now.epoch() || epoch == last
                ? Expected.stored()
                : Expected.error(ErrorCode.PRODUCER_FENCED);
    }

    /** That is in memory only. */
    private short lastEpoch(String id) {
        TransactionShard.TransactionEntry slot = simulated.shard().slot(id);
        return slot == null ? Transaction.NO_EPOCH : slot.now().lastEpoch();
    }

    private void add(String id) {
        Transaction now = simulated.settled(id);
        long producerId = producerId(now);
        short epoch = epoch(now);
        Set<TopicPartition> partitions = new HashSet<>();
        for (int i = 0; i <= random.nextInt(3); i++) {
            partitions.add(new TopicPartition("t", random.nextInt(6)));
        }
        Expected expected = expectedOfAdd(id, now, producerId, epoch, partitions);
        short client = (short) (version == 2 && random.nextInt(4) > 0 ? 2 : 0);
        new AddPartitions(simulated.shard())
                .add(
                        id,
                        producerId,
                        epoch,
                        partitions,
                        client,
                        check("AddPartitionsToTxn " + id + " " + producerId + " " + epoch + " " + now, expected));
    }

    private Expected expectedOfAdd(
            String id, @Nullable Transaction now, long producerId, short epoch, Set<TopicPartition> partitions) {
        if (simulated.isPending(id)) {
            return Expected.error(ErrorCode.CONCURRENT_TRANSACTIONS);
        }
        if (now == null || now.producerId() != producerId) {
            return Expected.error(ErrorCode.INVALID_PRODUCER_ID_MAPPING);
        }
        if (now.epoch() != epoch) {
            return Expected.error(ErrorCode.PRODUCER_FENCED);
        }
        return switch (now.state()) {
            case PREPARE_COMMIT, PREPARE_ABORT -> Expected.error(ErrorCode.CONCURRENT_TRANSACTIONS);
            case ONGOING ->
                now.partitions().containsAll(partitions) ? Expected.error(ErrorCode.NONE) : Expected.stored();
            default -> Expected.stored();
        };
    }

    private void end(String id) {
        Transaction now = simulated.settled(id);
        long producerId = producerId(now);
        short epoch = epoch(now);
        boolean commit = random.nextInt(3) > 0;
        boolean raises = version == 2 && random.nextInt(4) > 0;
        Expected expected = raises
                ? expectedOfRaisingEnd(id, now, producerId, epoch, commit)
                : expectedOfPlainEnd(id, now, producerId, epoch, commit);
        Consumer<ErrorCode> check = check(
                "EndTxn " + id + " " + producerId + " " + epoch + " " + commit + " " + raises + " " + now, expected);
        new EndTransaction(simulated.shard())
                .handle(
                        new EndTxnRequest()
                                .transactionalId(id)
                                .producerId(producerId)
                                .producerEpoch(epoch)
                                .committed(commit),
                        raises ? RAISING_END : PLAIN_END,
                        response -> check.accept(ErrorCode.of(response.errorCode())));
    }

    private Expected expectedOfPlainEnd(
            String id, @Nullable Transaction now, long producerId, short epoch, boolean commit) {
        if (now != null && now.producerId() == producerId && now.epoch() != epoch) {
            return Expected.error(ErrorCode.PRODUCER_FENCED);
        }
        if (now == null || now.producerId() != producerId) {
            // An id whose first record is not durable yet has no producer that a client could know.
            return Expected.error(ErrorCode.INVALID_PRODUCER_ID_MAPPING);
        }
        if (simulated.isPending(id)) {
            return Expected.error(ErrorCode.CONCURRENT_TRANSACTIONS);
        }
        return switch (now.state()) {
            case ONGOING -> Expected.stored();
            case PREPARE_COMMIT, PREPARE_ABORT ->
                Expected.error(
                        commit == (now.state() == TransactionState.PREPARE_COMMIT)
                                ? ErrorCode.CONCURRENT_TRANSACTIONS
                                : ErrorCode.INVALID_TXN_STATE);
            case COMPLETE_COMMIT, COMPLETE_ABORT ->
                Expected.error(
                        commit == (now.state() == TransactionState.COMPLETE_COMMIT)
                                ? ErrorCode.NONE
                                : ErrorCode.INVALID_TXN_STATE);
            default -> Expected.error(ErrorCode.INVALID_TXN_STATE);
        };
    }

    private Expected expectedOfRaisingEnd(
            String id, @Nullable Transaction now, long producerId, short epoch, boolean commit) {
        if (simulated.isPending(id)) {
            return Expected.error(ErrorCode.CONCURRENT_TRANSACTIONS);
        }
        boolean acrossIds = now != null
                && now.previousProducerId() == producerId
                && epoch == Short.MAX_VALUE - 1
                && now.epoch() == 0;
        if (now == null || now.producerId() != producerId && !acrossIds) {
            return Expected.error(ErrorCode.INVALID_PRODUCER_ID_MAPPING);
        }
        boolean same = epoch == now.epoch();
        boolean repeated = epoch + 1 == now.epoch() || acrossIds;
        Expected ends = now.isExhausted() ? Expected.withNewId() : Expected.stored();
        return switch (now.state()) {
            case PREPARE_COMMIT, PREPARE_ABORT ->
                epoch + 1 != now.epoch()
                        ? Expected.error(ErrorCode.PRODUCER_FENCED)
                        : Expected.error(
                                commit == (now.state() == TransactionState.PREPARE_COMMIT)
                                        ? ErrorCode.CONCURRENT_TRANSACTIONS
                                        : ErrorCode.INVALID_TXN_STATE);
            case COMPLETE_COMMIT, COMPLETE_ABORT -> {
                if (!same && !repeated) {
                    yield Expected.error(ErrorCode.PRODUCER_FENCED);
                }
                if (repeated) {
                    yield Expected.error(
                            commit == (now.state() == TransactionState.COMPLETE_COMMIT)
                                    ? ErrorCode.NONE
                                    : ErrorCode.INVALID_TXN_STATE);
                }
                yield commit ? Expected.error(ErrorCode.INVALID_TXN_STATE) : ends;
            }
            case ONGOING -> same ? ends : Expected.error(ErrorCode.PRODUCER_FENCED);
            default -> {
                if (!same) {
                    yield Expected.error(ErrorCode.PRODUCER_FENCED);
                }
                yield commit ? Expected.error(ErrorCode.INVALID_TXN_STATE) : ends;
            }
        };
    }
}

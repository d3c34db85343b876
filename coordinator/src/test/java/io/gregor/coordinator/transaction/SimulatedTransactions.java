package io.gregor.coordinator.transaction;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.coordinator.runtime.Shard;
import io.gregor.coordinator.runtime.SimulatedJournal;
import io.gregor.coordinator.runtime.SimulatedTimers;
import io.gregor.coordinator.runtime.StateMemory;
import io.gregor.coordinator.runtime.TopicPartition;
import io.gregor.coordinator.transaction.MarkerWriter.Marker;
import io.gregor.testsupport.ManualTime;
import io.gregor.wire.ByteBudget;
import io.gregor.wire.message.ErrorCode;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A shard of transactional ids with simulated time, log and partitions, all of them slow, which fails over: then it
 * loads what is in its log. Checks each record as it is appended, and each marker as it is written. Confined to one
 * thread.
 */
final class SimulatedTransactions {
    static final int ID_EXPIRATION_MS = 100_000;

    private record MarkerKey(TopicPartition partition, long producerId, short epoch) {}

    /** What a partition was told of a transaction, and the life that wrote it last. */
    private record Outcome(boolean commit, int life) {}

    private final Random random;
    private final int version;
    private final ManualTime time = new ManualTime();
    private final SimulatedJournal journal = new SimulatedJournal(this::appended);
    private final ByteBudget budget = new ByteBudget("transactions", Long.MAX_VALUE);

    /** What the log says of each id, of all that is in it. */
    private final Map<String, Transaction> stored = new HashMap<>();

    /** What the log says of each id, as far as appends were answered. */
    private final Map<String, Transaction> settled = new HashMap<>();

    /** How many appends of each id are not answered yet. */
    private final Map<String, Integer> pending = new HashMap<>();

    private final Map<MarkerKey, Outcome> markers = new HashMap<>();
    private TransactionShard shard;
    private int life;
    private int seen;
    /** How many records of the log were answered: no crash loses them. */
    private int answeredRecords;

    private int markersWritten;
    private long lastProducerId = 1000;
    private long answeredMs;

    /**
     * @param random what is slow, and how slow
     * @param version the level of {@code transaction.version}
     */
    SimulatedTransactions(Random random, int version) {
        this.random = random;
        this.version = version;
        shard = create();
    }

    private TransactionShard create() {
        life++;
        return new TransactionShard(
                new TransactionConfig(60_000, ID_EXPIRATION_MS, false, () -> version),
                new StateMemory(budget),
                journal,
                new SimulatedTimers(time, this::inThisLife),
                this::write,
                this::nextProducerId,
                time);
    }

    TransactionShard shard() {
        return shard;
    }

    ManualTime time() {
        return time;
    }

    SimulatedJournal journal() {
        return journal;
    }

    /** Grows with every fail-over: what was asked before is never answered. */
    int life() {
        return life;
    }

    int markersWritten() {
        return markersWritten;
    }

    /** What counts of that id; null if it is unknown. */
    @Nullable
    Transaction settled(String id) {
        return settled.get(id);
    }

    boolean isPending(String id) {
        return pending.getOrDefault(id, 0) > 0;
    }

    /** Stores an id from before, whose epochs are almost used up. */
    void loadOldId(String id, short epoch) {
        Transaction old = new Transaction(
                ++lastProducerId,
                -1,
                -1,
                epoch,
                Transaction.NO_EPOCH,
                10_000,
                TransactionState.EMPTY,
                Set.of(),
                -1,
                time.millis(),
                (short) 0);
        journal.append(List.of(TransactionRecords.of(id, old, version >= 1)), error -> {});
        failOver();
    }

    /**
     * Everything in memory is lost, and perhaps the end of the log, as far as nobody was told that it is stored; what
     * is in the log, perhaps compacted, is loaded again.
     */
    void failOver() {
        shard.memory().close();
        if (random.nextBoolean()) {
            loseUnanswered();
        }
        if (random.nextBoolean()) {
            compact();
        }
        answeredRecords = seen;
        shard = create();
        answeredMs = time.millis();
        settled.clear();
        settled.putAll(stored);
        pending.clear();
        List.copyOf(journal.log()).forEach(shard::apply);
        checkState("loaded");
        shard.loaded();
    }

    private void loseUnanswered() {
        int kept = answeredRecords + random.nextInt(seen - answeredRecords + 1);
        journal.log().subList(kept, seen).clear();
        seen = kept;
        stored.clear();
        journal.log().forEach(record -> {
            ByteBuffer value = record.value();
            put(
                    stored,
                    Objects.requireNonNull(TransactionRecords.id(record.key())),
                    value == null ? null : TransactionRecords.transaction(value));
        });
    }

    private void compact() {
        Map<String, Shard.Stored> last = new HashMap<>();
        journal.log().forEach(record -> last.put(Objects.requireNonNull(TransactionRecords.id(record.key())), record));
        journal.log().removeIf(record -> !record.equals(last.get(TransactionRecords.id(record.key()))));
        seen = journal.log().size();
    }

    /** The shard says of every id what the log says, and its memory is that of its ids. */
    void checkState(String when) {
        long bytes = 0;
        boolean anyPending = false;
        for (Map.Entry<String, TransactionShard.TransactionEntry> slot :
                shard.slots().entrySet()) {
            anyPending |= isPending(slot.getKey());
            bytes += slot.getValue().now().bytes(slot.getKey());
            Transaction expected = settled.get(slot.getKey());
            if (expected != null) {
                assertThat(stored(slot.getValue().now()))
                        .as("%s: %s", when, slot.getKey())
                        .isEqualTo(expected);
            }
            assertThat(slot.getValue().isPending())
                    .as("%s: %s is being stored", when, slot.getKey())
                    .isEqualTo(isPending(slot.getKey()));
        }
        assertThat(shard.slots().keySet()).as(when).containsAll(settled.keySet());
        if (!anyPending) {
            assertThat(shard.slots().keySet()).as(when).isEqualTo(settled.keySet());
            assertThat(shard.memory().held()).as("%s: bytes", when).isEqualTo(bytes);
        }
    }

    /** The transaction as a record keeps it. */
    private Transaction stored(Transaction now) {
        return TransactionRecords.transaction(Objects.requireNonNull(
                TransactionRecords.of("id", now, version >= 1).encoded().value()));
    }

    private void appended(Runnable answer) {
        List<Shard.Stored> log = journal.log();
        Map<String, @Nullable Transaction> changes = new HashMap<>();
        for (; seen < log.size(); seen++) {
            String id =
                    Objects.requireNonNull(TransactionRecords.id(log.get(seen).key()));
            ByteBuffer value = log.get(seen).value();
            Transaction next = value == null ? null : TransactionRecords.transaction(value);
            checkStep(id, stored.get(id), next);
            if (next != null && next.state().isPrepared()) {
                expectMarkers(next);
            }
            changes.put(id, next);
            put(stored, id, next);
            pending.merge(id, 1, Integer::sum);
        }
        int end = seen;
        Runnable answered = inThisLife(() -> {
            answeredRecords = end;
            changes.forEach((id, next) -> {
                pending.merge(id, -1, Integer::sum);
                put(settled, id, next);
            });
            answer.run();
        });
        // In order, as the journal promises.
        answeredMs = Math.max(answeredMs, time.millis() + (random.nextBoolean() ? 0 : random.nextInt(300)));
        if (answeredMs == time.millis() && random.nextBoolean()) {
            answered.run();
        } else {
            time.schedule(answeredMs - time.millis(), answered);
        }
    }

    private static void put(Map<String, Transaction> map, String id, @Nullable Transaction transaction) {
        if (transaction == null) {
            map.remove(id);
        } else {
            map.put(id, transaction);
        }
    }

    /** Which record may follow which in the log. */
    private void checkStep(String id, @Nullable Transaction before, @Nullable Transaction next) {
        String step = id + ": " + before + " -> " + next;
        if (before == null) {
            assertThat(next).as(step).isNotNull();
            assertThat(next.state()).as(step).isEqualTo(TransactionState.EMPTY);
            return;
        }
        if (next == null) {
            assertThat(before.state().isSettled()).as(step).isTrue();
            return;
        }
        if (next.producerId() == before.producerId()) {
            assertThat(next.epoch()).as(step).isGreaterThanOrEqualTo(before.epoch());
        } else {
            assertThat(next.producerId()).as(step).isGreaterThan(before.producerId());
            assertThat(next.epoch()).as(step).isZero();
        }
        switch (next.state()) {
            case EMPTY -> assertThat(before.state().isSettled()).as(step).isTrue();
            case ONGOING -> {
                assertThat(before.state().isPrepared()).as(step).isFalse();
                assertThat(next.partitions()).as(step).containsAll(before.partitions());
                assertThat(next.epoch()).as(step).isEqualTo(before.epoch());
            }
            case PREPARE_COMMIT -> {
                assertThat(before.state()).as(step).isEqualTo(TransactionState.ONGOING);
                assertThat(next.partitions()).as(step).isEqualTo(before.partitions());
            }
            case PREPARE_ABORT -> {
                assertThat(before.state().isPrepared()).as(step).isFalse();
                assertThat(next.partitions()).as(step).isEqualTo(before.partitions());
            }
            case COMPLETE_COMMIT, COMPLETE_ABORT -> checkCompleted(step, before, next);
            case DEAD, PREPARE_EPOCH_FENCE -> throw new AssertionError(step);
        }
    }

    /** Without raised epochs a producer has had markers of this epoch before. */
    private void expectMarkers(Transaction prepared) {
        for (TopicPartition partition : prepared.partitions()) {
            markers.remove(new MarkerKey(partition, prepared.producerId(), prepared.epoch()));
        }
    }

    private void checkCompleted(String step, Transaction prepared, Transaction next) {
        boolean commit = next.state() == TransactionState.COMPLETE_COMMIT;
        assertThat(prepared.state())
                .as(step)
                .isEqualTo(commit ? TransactionState.PREPARE_COMMIT : TransactionState.PREPARE_ABORT);
        assertThat(next.partitions()).as(step).isEmpty();
        for (TopicPartition partition : prepared.partitions()) {
            Outcome outcome = markers.get(new MarkerKey(partition, prepared.producerId(), prepared.epoch()));
            assertThat(outcome).as("%s: %s", step, partition).isNotNull();
            assertThat(outcome.commit()).as("%s: %s", step, partition).isEqualTo(commit);
        }
    }

    /** Each partition takes its own time; those that got a marker before a fail-over get it again. */
    private void write(Marker marker, Set<TopicPartition> partitions, Runnable done) {
        Set<TopicPartition> owed = new HashSet<>(partitions);
        if (owed.isEmpty()) {
            done.run();
        }
        for (TopicPartition partition : partitions) {
            time.schedule(random.nextInt(200), inThisLife(() -> {
                written(marker, partition);
                owed.remove(partition);
                if (owed.isEmpty()) {
                    done.run();
                }
            }));
        }
    }

    private void written(Marker marker, TopicPartition partition) {
        markersWritten++;
        String what = marker + " in " + partition;
        Transaction decided = stored.values().stream()
                .filter(transaction -> transaction.producerId() == marker.producerId())
                .findFirst()
                .orElse(null);
        assertThat(decided).as(what).isNotNull();
        assertThat(decided.state())
                .as(what)
                .isEqualTo(marker.commit() ? TransactionState.PREPARE_COMMIT : TransactionState.PREPARE_ABORT);
        assertThat(decided.epoch()).as(what).isEqualTo(marker.epoch());
        assertThat(decided.partitions()).as(what).contains(partition);
        Outcome before = markers.put(
                new MarkerKey(partition, marker.producerId(), marker.epoch()), new Outcome(marker.commit(), life));
        if (before != null) {
            assertThat(before.commit()).as(what).isEqualTo(marker.commit());
            assertThat(before.life()).as("%s: written twice", what).isLessThan(life);
        }
    }

    private void nextProducerId(Consumer<Long> next, Consumer<ErrorCode> failed) {
        if (random.nextInt(10) == 0) {
            failed.accept(ErrorCode.COORDINATOR_NOT_AVAILABLE);
        } else if (random.nextBoolean()) {
            next.accept(++lastProducerId);
        } else {
            long id = ++lastProducerId;
            int delayMs = random.nextInt(random.nextInt(20) == 0 ? 2 * ID_EXPIRATION_MS : 100);
            time.schedule(delayMs, inThisLife(() -> next.accept(id)));
        }
    }

    private Runnable inThisLife(Runnable task) {
        int own = life;
        return () -> {
            if (own == life) {
                task.run();
            }
        };
    }

    /** What is not complete now, by id. */
    List<String> open() {
        List<String> open = new ArrayList<>();
        stored.forEach((id, transaction) -> {
            if (!transaction.state().isSettled()) {
                open.add(id + ": " + transaction);
            }
        });
        return open;
    }
}

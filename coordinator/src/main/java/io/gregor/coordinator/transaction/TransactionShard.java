package io.gregor.coordinator.transaction;

import io.gregor.coordinator.runtime.AskedJournal;
import io.gregor.coordinator.runtime.Asking;
import io.gregor.coordinator.runtime.CoordinatorRecord;
import io.gregor.coordinator.runtime.Journal;
import io.gregor.coordinator.runtime.Shard;
import io.gregor.coordinator.runtime.StateMemory;
import io.gregor.coordinator.runtime.Timers;
import io.gregor.wire.message.ErrorCode;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The transactional ids of one partition of {@code __transaction_state}. Confined to that partition's lane. Every
 * transition is appended to the journal first, then it counts, then it is answered. A transaction that is prepared is
 * decided: from then on, and after every restart, markers are written until all partitions have theirs.
 */
public final class TransactionShard implements Shard {
    private static final Logger LOG = LoggerFactory.getLogger(TransactionShard.class);
    private static final long FIRST_RETRY_MS = 100;
    private static final long LAST_RETRY_MS = 5000;

    /** A transactional id and whether a transition is being stored. */
    static final class TransactionEntry {
        private final String id;
        private Transaction now;
        private boolean pending;

        TransactionEntry(String id, Transaction now) {
            this.id = id;
            this.now = now;
        }

        String id() {
            return id;
        }

        Transaction now() {
            return now;
        }

        boolean isPending() {
            return pending;
        }

        /** Whether nothing of it was ever stored. */
        private boolean isNew() {
            return now.state() == TransactionState.EMPTY && now.epoch() == Transaction.NO_EPOCH;
        }
    }

    private final Map<String, TransactionEntry> slots = new HashMap<>();
    private final TransactionConfig config;
    private final StateMemory memory;
    private final AskedJournal journal;
    private final Timers timers;
    private final MarkerWriter markers;
    private final ProducerIdSource producerIds;
    private final InstantSource clock;

    public TransactionShard(
            TransactionConfig config,
            StateMemory memory,
            Journal journal,
            Timers timers,
            MarkerWriter markers,
            ProducerIdSource producerIds,
            InstantSource clock) {
        this.config = config;
        this.memory = memory;
        this.journal = new AskedJournal(journal, new Asking());
        this.timers = timers;
        this.markers = markers;
        this.producerIds = producerIds;
        this.clock = clock;
    }

    @Override
    public StateMemory memory() {
        return memory;
    }

    @Override
    public Asking asking() {
        return journal.asking();
    }

    TransactionConfig config() {
        return config;
    }

    ProducerIdSource producerIds() {
        return producerIds;
    }

    long nowMs() {
        return clock.millis();
    }

    Map<String, TransactionEntry> slots() {
        return slots;
    }

    @Nullable
    TransactionEntry slot(String transactionalId) {
        return slots.get(transactionalId);
    }

    /** Whether nothing has happened to that id since, nor does: who had to wait for something may go on with it. */
    boolean isStill(TransactionEntry slot, Transaction transaction) {
        return slots.get(slot.id) == slot && !slot.pending && slot.now.equals(transaction);
    }

    /** The slot of that id, a new one with that transaction if there is none; null if that does not fit into memory. */
    @Nullable
    TransactionEntry create(String transactionalId, Transaction transaction) {
        TransactionEntry known = slots.get(transactionalId);
        if (known != null) {
            return known;
        }
        long bytes = transaction.bytes(transactionalId);
        if (!memory.reserve(bytes)) {
            return null;
        }
        TransactionEntry created = new TransactionEntry(transactionalId, transaction);
        slots.put(transactionalId, created);
        return created;
    }

    private void remove(TransactionEntry slot) {
        if (slots.remove(slot.id, slot)) {
            memory.change(-slot.now.bytes(slot.id));
        }
    }

    /**
     * As {@link #store(TransactionEntry, Transaction, Consumer)}, if it fits into memory; else POLICY_VIOLATION, and
     * nothing.
     */
    void storeIfFits(TransactionEntry slot, Transaction next, Consumer<ErrorCode> done) {
        long growth = next.bytes(slot.id) - slot.now.bytes(slot.id);
        if (!memory.reserve(growth)) {
            done.accept(ErrorCode.POLICY_VIOLATION);
            return;
        }
        store(slot, next, error -> {
            memory.unreserve(growth);
            done.accept(error);
        });
    }

    /** Stores a transition; until it is told how that went, no other begins. */
    void store(TransactionEntry slot, Transaction next, Consumer<ErrorCode> done) {
        slot.pending = true;
        boolean flexible = config.version().getAsInt() >= 1;
        journal.append(List.of(TransactionRecords.of(slot.id, next, flexible)), error -> {
            slot.pending = false;
            if (error == ErrorCode.NONE) {
                memory.change(next.bytes(slot.id) - slot.now.bytes(slot.id));
                slot.now = next;
            } else if (slot.isNew()) {
                remove(slot);
            }
            done.accept(error);
        });
    }

    /** Tells all partitions how a prepared transaction ended, and completes it. */
    void finish(TransactionEntry slot) {
        Transaction prepared = slot.now;
        MarkerWriter.Marker marker = new MarkerWriter.Marker(
                prepared.producerId(),
                prepared.epoch(),
                prepared.state() == TransactionState.PREPARE_COMMIT,
                prepared.raisesEpochs());
        markers.write(marker, prepared.partitions(), () -> complete(slot, prepared, FIRST_RETRY_MS));
    }

    /** Tries again until the completion is stored: the producer cannot go on before. */
    @SuppressWarnings("ReferenceEquality") // Is it still this very transition?
    private void complete(TransactionEntry slot, Transaction prepared, long retryMs) {
        if (slot.now != prepared || slots.get(slot.id) != slot) {
            return;
        }
        store(slot, prepared.completed(nowMs()), error -> {
            if (error == ErrorCode.NONE || error == ErrorCode.NOT_COORDINATOR) {
                return;
            }
            LOG.warn("Completing the transaction of {} failed: {}; trying again in {} ms", slot.id, error, retryMs);
            timers.schedule(
                    new Timers.Key(Timers.Kind.COMPLETION, slot.id, ""),
                    retryMs,
                    () -> complete(slot, prepared, Math.min(2 * retryMs, LAST_RETRY_MS)));
        });
    }

    /** Forgets an id that nobody has used for long. */
    void forget(TransactionEntry slot) {
        slot.pending = true;
        List<CoordinatorRecord> tombstone = List.of(TransactionRecords.tombstone(slot.id));
        journal.append(tombstone, error -> {
            slot.pending = false;
            if (error == ErrorCode.NONE) {
                remove(slot);
            }
        });
    }

    @Override
    public void apply(Stored record) {
        String id = TransactionRecords.id(record.key());
        if (id == null) {
            return;
        }
        TransactionEntry known = slots.get(id);
        if (known != null) {
            remove(known);
        }
        if (record.value() != null) {
            TransactionEntry loaded = new TransactionEntry(id, TransactionRecords.transaction(record.value()));
            slots.put(id, loaded);
            memory.change(loaded.now.bytes(id));
        }
    }

    /** Nothing is written to this topic in transactions. */
    @Override
    public void endTransaction(long producerId, boolean commit) {
        // An administrator may have written one, as Kafka allows; it means nothing here, and must not stop the loading.
        LOG.warn("Passing over a marker of producer {} in the log of transactions", producerId);
    }

    @Override
    public void loaded() {
        slots.values().stream()
                .filter(slot -> slot.now.state().isPrepared())
                .toList()
                .forEach(this::finish);
        if (!slots.isEmpty()) {
            LOG.info("Loaded {} transactional ids", slots.size());
        }
    }
}

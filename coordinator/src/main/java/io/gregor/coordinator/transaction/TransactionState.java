package io.gregor.coordinator.transaction;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Where a transactional id stands; the number is that of its records, the name that of ListTransactions. */
public enum TransactionState {
    EMPTY(0, "Empty"),
    ONGOING(1, "Ongoing"),
    PREPARE_COMMIT(2, "PrepareCommit"),
    PREPARE_ABORT(3, "PrepareAbort"),
    COMPLETE_COMMIT(4, "CompleteCommit"),
    COMPLETE_ABORT(5, "CompleteAbort"),
    DEAD(6, "Dead"),
    PREPARE_EPOCH_FENCE(7, "PrepareEpochFence");

    private final byte id;
    private final String shownAs;

    TransactionState(int id, String shownAs) {
        this.id = (byte) id;
        this.shownAs = shownAs;
    }

    byte id() {
        return id;
    }

    String shownAs() {
        return shownAs;
    }

    /** Whether it is decided, but not yet told to all partitions. */
    boolean isPrepared() {
        return this == PREPARE_COMMIT || this == PREPARE_ABORT;
    }

    /** Whether nothing is open. */
    boolean isSettled() {
        return this == EMPTY || this == COMPLETE_COMMIT || this == COMPLETE_ABORT;
    }

    static @Nullable TransactionState of(byte id) {
        return Arrays.stream(values())
                .filter(state -> state.id == id)
                .findFirst()
                .orElse(null);
    }

    static @Nullable TransactionState named(String name) {
        return Arrays.stream(values())
                .filter(state -> state.shownAs.equals(name))
                .findFirst()
                .orElse(null);
    }
}

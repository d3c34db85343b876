package io.gregor.coordinator.group.classic;

/** Where a classic group stands; the names are those that tools show. */
enum GroupState {
    EMPTY("Empty"),
    PREPARING_REBALANCE("PreparingRebalance"),
    COMPLETING_REBALANCE("CompletingRebalance"),
    STABLE("Stable"),
    DEAD("Dead");

    private final String shownAs;

    GroupState(String shownAs) {
        this.shownAs = shownAs;
    }

    String shownAs() {
        return shownAs;
    }
}

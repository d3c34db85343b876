package io.gregor.broker.simulation;

import java.util.function.Consumer;

/** A client that asks one thing after the other: of an answer that it has given up it hears nothing. One thread. */
final class Call {
    private int attempt;
    private boolean open;
    private long notBeforeMs;

    /** Whether the next thing may be asked now. */
    boolean isFree(long nowMs) {
        return !open && nowMs >= notBeforeMs;
    }

    boolean isOpen() {
        return open;
    }

    /** Begins to wait for an answer, which is to be told to what is returned. */
    <R> Consumer<R> begin(Consumer<R> heard) {
        open = true;
        attempt++;
        int own = attempt;
        return answer -> {
            if (open && own == attempt) {
                open = false;
                heard.accept(answer);
            }
        };
    }

    /** The connection is lost. */
    void giveUp() {
        open = false;
    }

    void waitUntil(long timeMs) {
        notBeforeMs = timeMs;
    }
}

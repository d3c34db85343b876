package io.gregor.broker.simulation;

import io.gregor.coordinator.runtime.TopicPartition;
import java.util.HashMap;
import java.util.Map;

/** What a producer knows of one of its transactions. Confined to one thread. */
final class SentTransaction {
    /** What was asked, and what was answered. */
    enum Outcome {
        /** Nobody has asked for a commit: it can only be aborted. */
        OPEN,
        /** A commit was asked for, and nobody knows what became of that. */
        COMMIT_ASKED,
        COMMITTED,
        ABORTED
    }

    private final String id;
    private final String name;
    private final Map<String, TopicPartition> sent = new HashMap<>();
    private long offset = -1;
    private Outcome outcome = Outcome.OPEN;

    SentTransaction(String id, String name) {
        this.id = id;
        this.name = name;
    }

    /** Its transactional id. */
    String id() {
        return id;
    }

    String name() {
        return name;
    }

    /** Where each of its values was sent to. */
    Map<String, TopicPartition> sent() {
        return sent;
    }

    /** The offset that it commits for the group of its transactional id, -1 if it does not. */
    long offset() {
        return offset;
    }

    void offset(long committed) {
        offset = committed;
    }

    Outcome outcome() {
        return outcome;
    }

    void outcome(Outcome next) {
        outcome = next;
    }

    boolean mayBeCommitted() {
        return outcome == Outcome.COMMIT_ASKED || outcome == Outcome.COMMITTED;
    }
}

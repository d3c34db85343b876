package io.gregor.broker.quota;

/** What is limited, by the key that sets the limit. */
public enum QuotaKind {
    /** Bytes a second. */
    PRODUCE("producer_byte_rate"),
    /** Bytes a second. */
    FETCH("consumer_byte_rate"),
    /** Of one thread's time. */
    REQUEST_TIME("request_percentage"),
    /** Partitions that are created or deleted, a second. */
    CONTROLLER_MUTATION("controller_mutation_rate");

    private final String key;

    QuotaKind(String key) {
        this.key = key;
    }

    String key() {
        return key;
    }
}

package io.gregor.broker.replica;

/** What has to hold of appended records before their append is completed. */
public enum Durability {
    /**
     * The high watermark has passed them, as the topic's {@code flush.messages} lets it. With one replica that is what
     * acks=1 and acks=all ask for.
     */
    COMMITTED,
    /** They are committed, and were flushed, whatever the topic's configuration says. */
    FLUSHED
}

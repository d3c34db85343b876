package io.gregor.wire;

/**
 * A request, response, header or stored record, or a struct inside one. Mutable, and confined to whoever holds it.
 */
public interface Message {
    /**
     * Sets the fields that {@code version} has; the others keep their values.
     *
     * @throws MalformedMessageException if the bytes are no such message
     */
    void read(ByteReader in, short version);

    /**
     * Writes the fields that {@code version} has.
     *
     * @throws IllegalStateException if a field that the version lacks, and that may not be dropped, has a value
     */
    void write(MessageSink out, short version);
}

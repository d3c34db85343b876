package io.gregor.wire;

/** A response with an error code for the whole of its request. */
public interface Failing extends Message {
    /** @param code as in {@link io.gregor.wire.message.ErrorCode} */
    Failing errorCode(short code);
}

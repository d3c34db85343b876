package io.gregor.wire;

/** Bytes from outside that are not what they claim to be. The only error that reading a message can end in. */
public final class MalformedMessageException extends RuntimeException {
    public MalformedMessageException(String message) {
        super(message);
    }

    public MalformedMessageException(String message, Throwable cause) {
        super(message, cause);
    }
}

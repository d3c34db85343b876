package io.gregor.broker.config;

/** A setting with which the broker cannot start. The message is what the operator sees: key, value, what is allowed. */
public final class InvalidConfigException extends RuntimeException {
    public InvalidConfigException(String message) {
        super(message);
    }
}

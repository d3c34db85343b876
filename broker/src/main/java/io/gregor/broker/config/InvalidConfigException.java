package io.gregor.broker.config;

/**
 * A setting with which the broker cannot start. The message is what the operator sees: key, value, what is allowed.
 */
public final class InvalidConfigException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String message;

    public InvalidConfigException(String message) {
        super(message);
        this.message = message;
    }

    @Override
    public String getMessage() {
        return message;
    }
}

package io.gregor.coordinator.runtime;

import io.gregor.wire.message.ErrorCode;

/** Why an operation on a group does not happen, and what the client is told. Says nothing of where: has no trace. */
public final class Refused extends Exception {
    private static final long serialVersionUID = 1;

    private final ErrorCode error;

    public Refused(ErrorCode error, String message) {
        super(message, null, false, false);
        this.error = error;
    }

    public ErrorCode error() {
        return error;
    }

    public String told() {
        return String.valueOf(getMessage());
    }
}

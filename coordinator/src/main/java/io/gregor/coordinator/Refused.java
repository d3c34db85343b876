package io.gregor.coordinator;

import io.gregor.wire.message.ErrorCode;

/** Why an operation on a group does not happen, and what the client is told. Says nothing of where: has no trace. */
final class Refused extends Exception {
    private static final long serialVersionUID = 1;

    private final ErrorCode error;

    Refused(ErrorCode error, String message) {
        super(message, null, false, false);
        this.error = error;
    }

    ErrorCode error() {
        return error;
    }

    String told() {
        return String.valueOf(getMessage());
    }
}

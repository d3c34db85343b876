package io.gregor.coordinator.runtime;

import io.gregor.wire.ApiError;
import io.gregor.wire.message.ErrorCode;

/** Why an operation on a group does not happen, and what the client is told. Says nothing of where: has no trace. */
public final class ApiException extends Exception {
    private static final long serialVersionUID = 1;

    private final transient ApiError error;

    public ApiException(ErrorCode code, String message) {
        super(message, null, false, false);
        this.error = new ApiError(code, message);
    }

    public ApiError error() {
        return error;
    }
}

package io.gregor.wire;

import io.gregor.wire.message.ErrorCode;
import org.jspecify.annotations.Nullable;

/**
 * An error of the protocol with its message for the client. Immutable.
 *
 * @param message null where the client is told the code alone
 */
public record ApiError(ErrorCode code, @Nullable String message) {
    /** No error. */
    public static final ApiError NONE = new ApiError(ErrorCode.NONE, null);

    /** An error with the message that Apache Kafka has for its code. */
    public static ApiError of(ErrorCode code) {
        return new ApiError(code, code.message());
    }
}

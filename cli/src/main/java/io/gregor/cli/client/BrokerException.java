package io.gregor.cli.client;

import io.gregor.wire.message.ErrorCode;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An error that a broker answered. Immutable. */
public final class BrokerException extends ClientException {
    private static final long serialVersionUID = 1;

    private static final Set<ErrorCode> RETRIABLE = EnumSet.of(
            ErrorCode.BROKER_NOT_AVAILABLE,
            ErrorCode.CONCURRENT_TRANSACTIONS,
            ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
            ErrorCode.COORDINATOR_NOT_AVAILABLE,
            ErrorCode.FENCED_LEADER_EPOCH,
            ErrorCode.KAFKA_STORAGE_ERROR,
            ErrorCode.LEADER_NOT_AVAILABLE,
            ErrorCode.NETWORK_EXCEPTION,
            ErrorCode.NOT_CONTROLLER,
            ErrorCode.NOT_COORDINATOR,
            ErrorCode.NOT_ENOUGH_REPLICAS,
            ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND,
            ErrorCode.NOT_LEADER_OR_FOLLOWER,
            ErrorCode.OFFSET_NOT_AVAILABLE,
            ErrorCode.REPLICA_NOT_AVAILABLE,
            ErrorCode.REQUEST_TIMED_OUT,
            ErrorCode.THROTTLING_QUOTA_EXCEEDED,
            ErrorCode.UNKNOWN_LEADER_EPOCH,
            ErrorCode.UNSTABLE_OFFSET_COMMIT);

    private final ErrorCode code;

    public BrokerException(String message, ErrorCode code) {
        this(message, code, null);
    }

    private BrokerException(String message, ErrorCode code, @Nullable BrokerException cause) {
        super(message, cause);
        this.code = code;
    }

    /**
     * Does nothing where there is no error.
     *
     * @param what the thing that the request was about, such as {@code topic orders}
     * @param message of the broker, if it sent one; else the usual one of the code
     */
    public static void throwIfError(short code, @Nullable String message, String what) {
        if (code != 0) {
            throw of(ErrorCode.of(code), message, what);
        }
    }

    private static BrokerException of(ErrorCode code, @Nullable String message, String what) {
        String text = message == null || message.isEmpty() ? usual(code) : message;
        String end = text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
        return new BrokerException(what + ": " + end.replace('\n', ' ') + " (" + code + ")", code);
    }

    private static String usual(ErrorCode code) {
        if (code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION) {
            return "there is no such topic or partition";
        }
        String message = code.message();
        return message == null ? code.toString() : message;
    }

    public ErrorCode code() {
        return code;
    }

    @Override
    BrokerException after(int tries, long ms) {
        return new BrokerException(getMessage() + tried(tries, ms), code, this);
    }

    @Override
    public boolean isRetriable() {
        return RETRIABLE.contains(code);
    }
}

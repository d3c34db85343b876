package io.gregor.wire.record;

/** Records expand to more bytes than the caller allows; they may be valid. Immutable, without a stack trace. */
public final class ExpandsFurtherException extends RuntimeException {
    private static final long serialVersionUID = 1;

    ExpandsFurtherException() {
        super("records expand further", null, false, false);
    }
}

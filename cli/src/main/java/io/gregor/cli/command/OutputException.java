package io.gregor.cli.command;

import io.gregor.cli.client.ClientException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** What was printed could not be written: a full disk, or nobody who reads the pipe any more. Immutable. */
public final class OutputException extends ClientException {
    private static final long serialVersionUID = 1;

    private static final String CLOSED_PIPE = "Broken pipe";

    private final boolean closedPipe;

    OutputException(@Nullable IOException cause) {
        super("the output cannot be written: " + (cause == null ? "it failed before" : cause.getMessage()), cause);
        closedPipe = cause != null && CLOSED_PIPE.equals(cause.getMessage());
    }

    /** Whoever read it has ended, as {@code head} does: nobody has to be told. */
    public boolean isClosedPipe() {
        return closedPipe;
    }
}

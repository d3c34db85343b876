package io.gregor.cli.client;

import org.jspecify.annotations.Nullable;

/** What ends a command: its message is the one line that the user reads. Immutable. */
public class ClientException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public ClientException(String message) {
        super(message);
    }

    public ClientException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** The same after so many tries, which its message says. */
    ClientException after(int tries, long ms) {
        return new ClientException(getMessage() + tried(tries, ms), this);
    }

    static String tried(int tries, long ms) {
        return "; tried " + tries + " times in " + span(ms);
    }

    private static String span(long ms) {
        return ms < 1000 ? ms + " ms" : ms / 1000 + " s";
    }

    /** The same after so long, which its message says. */
    public ClientException after(long ms) {
        return new ClientException(getMessage() + "; asked again for " + span(ms), this);
    }

    /** Whether the same may succeed when it is tried again. */
    public boolean isRetriable() {
        return false;
    }
}

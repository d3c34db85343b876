package io.gregor.cli.client;

/** What ends a command: its message is the one line that the user reads. Immutable. */
public class ClientException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public ClientException(String message) {
        super(message);
    }

    public ClientException(String message, Throwable cause) {
        super(message, cause);
    }

    /** Whether the same may succeed when it is tried again. */
    public boolean isRetriable() {
        return false;
    }
}

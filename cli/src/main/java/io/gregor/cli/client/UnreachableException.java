package io.gregor.cli.client;

/** No connection to a broker, or one that broke before the answer was there. Immutable. */
public final class UnreachableException extends ClientException {
    private static final long serialVersionUID = 1;

    public UnreachableException(String message, Throwable cause) {
        super(message, cause);
    }

    @Override
    UnreachableException after(int tries, long ms) {
        return new UnreachableException(getMessage() + tried(tries, ms), this);
    }

    @Override
    public boolean isRetriable() {
        return true;
    }
}

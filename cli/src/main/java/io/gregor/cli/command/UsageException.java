package io.gregor.cli.command;

import io.gregor.cli.client.ClientException;

/** An option or argument that is not allowed: the message says which, and what is. Immutable. */
public final class UsageException extends ClientException {
    private static final long serialVersionUID = 1;

    public UsageException(String message) {
        super(message);
    }
}

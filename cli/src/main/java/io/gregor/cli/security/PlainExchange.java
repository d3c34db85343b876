package io.gregor.cli.security;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** PLAIN (RFC 4616): the name and the password, in one message. Immutable. */
record PlainExchange(String user, String password) implements SaslExchange {
    @Override
    public byte[] begin() {
        return ("\0" + user + "\0" + password).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public byte @Nullable [] next(byte[] answer) {
        return null;
    }

    /** Without the password. */
    @Override
    public String toString() {
        return "PLAIN as " + user;
    }
}

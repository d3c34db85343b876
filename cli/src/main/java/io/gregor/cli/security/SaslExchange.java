package io.gregor.cli.security;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** What a client says to log in on one connection. Confined to one thread. */
public interface SaslExchange {
    /** What it says first. */
    byte[] begin();

    /**
     * What it says next; null if it has said all.
     *
     * @param answer of the broker to the last
     * @throws IOException if the answer is not that of a broker that knows the user
     */
    byte @Nullable [] next(byte[] answer) throws IOException;
}

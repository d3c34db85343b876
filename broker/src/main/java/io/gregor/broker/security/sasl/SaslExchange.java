package io.gregor.broker.security.sasl;

import io.gregor.broker.access.Principal;
import org.jspecify.annotations.Nullable;

/** What a mechanism expects next of a client. Immutable: each token leads to the next exchange, or to an end. */
interface SaslExchange {
    Outcome take(byte[] token);

    /** What became of a token. */
    sealed interface Outcome {
        /** The client is to send another token. */
        record Challenge(byte[] token, SaslExchange next) implements Outcome {}

        /** The client has shown who it is. */
        record Success(byte[] token, Principal principal) implements Outcome {}

        /**
         * It has not.
         *
         * @param message what the client is told; null: as little as possible
         */
        record Failure(@Nullable String message) implements Outcome {
            /** A failure of which the client is told as little as possible. */
            static final Failure UNSAID = new Failure(null);
        }
    }
}

package io.gregor.broker.security.sasl;

import io.gregor.broker.access.Principal;
import org.jspecify.annotations.Nullable;

/** How far a client has come with its authentication. Immutable; {@link SaslSession} makes the transitions. */
sealed interface SaslState {
    /**
     * It has to name a mechanism.
     *
     * @param mayAskVersions whether it may ask for the versions before, which is so once
     */
    record Handshake(boolean mayAskVersions) implements SaslState {}

    /**
     * A mechanism expects a token.
     *
     * @param framed whether tokens come in SaslAuthenticate requests, or as they are
     * @param before who the client has been until now, if it authenticates again
     */
    record Tokens(
            String mechanism,
            SaslExchange exchange,
            boolean framed,
            @Nullable Authenticated before) implements SaslState {}

    /** It authenticates again with another mechanism; its next token fails. */
    record OtherMechanism(Authenticated before) implements SaslState {}

    /**
     * It may send requests, until its session has ended.
     *
     * @param endNanos when; {@link Long#MAX_VALUE}: never
     * @param begunNanos when it began to authenticate again; {@link Long#MIN_VALUE}: never
     */
    record Authenticated(Principal principal, String mechanism, long endNanos, long begunNanos) implements SaslState {
        boolean ends() {
            return endNanos != Long.MAX_VALUE;
        }
    }

    /** It has not shown who it is, and is going to be disconnected. */
    record Failed(String reason) implements SaslState {}
}

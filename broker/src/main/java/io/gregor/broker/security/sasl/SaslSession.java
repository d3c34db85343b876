package io.gregor.broker.security.sasl;

import io.gregor.broker.access.Principal;
import io.gregor.broker.security.sasl.SaslExchange.Outcome;
import io.gregor.broker.security.sasl.SaslSettings.Mechanism;
import io.gregor.broker.security.sasl.SaslState.Authenticated;
import io.gregor.broker.security.sasl.SaslState.Failed;
import io.gregor.broker.security.sasl.SaslState.Handshake;
import io.gregor.broker.security.sasl.SaslState.OtherMechanism;
import io.gregor.broker.security.sasl.SaslState.Tokens;
import io.gregor.wire.message.ApiKey;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.SaslAuthenticateResponse;
import io.gregor.wire.message.SaslHandshakeResponse;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The authentication of one connection, by Apache Kafka's rules of what may follow what (KIP-43, KIP-152, KIP-368).
 * Confined to the connection's loop. A client that is refused at any step gets no second try.
 */
public final class SaslSession {
    private static final long REAUTH_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final short FIRST_FRAMED_VERSION = 1;
    private static final String UNEXPECTED = "Unexpected Kafka request of type ";

    /** What becomes of a request. */
    public enum Verdict {
        HANDLE,
        /** It gets ILLEGAL_SASL_STATE, and the connection ends. */
        REFUSE,
        /** The connection ends at once. */
        CLOSE
    }

    private final SaslSettings settings;
    private final LongSupplier nanoTime;
    private final Consumer<Principal> whenAuthenticated;
    private SaslState state = new Handshake(true);
    private boolean skipped;

    /** @param whenAuthenticated told each time who the client is */
    public SaslSession(SaslSettings settings, LongSupplier nanoTime, Consumer<Principal> whenAuthenticated) {
        this.settings = settings;
        this.nanoTime = nanoTime;
        this.whenAuthenticated = whenAuthenticated;
    }

    /** Why the client is refused, or null as long as it is not. */
    public @Nullable String failure() {
        return state instanceof Failed failed ? failed.reason() : null;
    }

    /** Whether the client is refused since it asked for something as if it need not authenticate. */
    public boolean isSkipped() {
        return skipped;
    }

    /** Whether what comes next is no request but a token as it is. */
    public boolean expectsToken() {
        return state instanceof Tokens tokens && !tokens.framed() || state instanceof OtherMechanism;
    }

    /** Whether a request may be handled now; where not, the reason is {@link #failure}. */
    public Verdict check(ApiKey api) {
        if (state instanceof Handshake handshake) {
            boolean allowed = api == ApiKey.SASL_HANDSHAKE || api == ApiKey.API_VERSIONS && handshake.mayAskVersions();
            skipped = !allowed;
            return allowed ? Verdict.HANDLE : fail(UNEXPECTED + api + " during SASL handshake.", Verdict.CLOSE);
        }
        if (state instanceof Tokens) {
            return api == ApiKey.SASL_AUTHENTICATE
                    ? Verdict.HANDLE
                    : fail(UNEXPECTED + api + " during SASL authentication.", Verdict.REFUSE);
        }
        if (state instanceof Authenticated session) {
            boolean begins = api == ApiKey.SASL_HANDSHAKE && mayBeginAgain(session);
            boolean ended = session.ends() && nanoTime.getAsLong() - session.endNanos() > 0;
            return ended && !begins ? fail("the session has ended", Verdict.CLOSE) : Verdict.HANDLE;
        }
        return Verdict.CLOSE;
    }

    private Verdict fail(String reason, Verdict verdict) {
        state = new Failed(reason);
        return verdict;
    }

    private boolean mayBeginAgain(Authenticated session) {
        return session.ends()
                && (session.begunNanos() == Long.MIN_VALUE
                        || nanoTime.getAsLong() - session.begunNanos() >= REAUTH_INTERVAL_NANOS);
    }

    /** The client was told the versions. */
    public void versionsTold() {
        if (state instanceof Handshake) {
            state = new Handshake(false);
        }
    }

    /** The client names the mechanism with which it is going to authenticate. */
    public SaslHandshakeResponse handshake(String name, short version) {
        Authenticated before = state instanceof Authenticated session ? session : null;
        if (before != null && !mayBeginAgain(before)) {
            return new SaslHandshakeResponse().errorCode(ErrorCode.ILLEGAL_SASL_STATE.code());
        }
        SaslHandshakeResponse response = new SaslHandshakeResponse().mechanisms(settings.names());
        Mechanism mechanism = settings.find(name);
        if (mechanism == null) {
            state = new Failed("Unsupported SASL mechanism " + name);
            return response.errorCode(ErrorCode.UNSUPPORTED_SASL_MECHANISM.code());
        }
        state = before != null && !before.mechanism().equals(name)
                ? new OtherMechanism(before)
                : new Tokens(
                        name,
                        mechanism.first(),
                        version >= FIRST_FRAMED_VERSION,
                        before == null
                                ? null
                                : new Authenticated(before.principal(), name, before.endNanos(), nanoTime.getAsLong()));
        return response;
    }

    /** Takes a token of a SaslAuthenticate request. */
    public SaslAuthenticateResponse authenticate(byte[] token) {
        if (!(state instanceof Tokens tokens)) {
            return new SaslAuthenticateResponse()
                    .errorCode(ErrorCode.ILLEGAL_SASL_STATE.code())
                    .errorMessage("SaslAuthenticate request received after successful authentication");
        }
        byte[] answer = take(tokens, token);
        String failure = failure();
        if (answer == null) {
            return new SaslAuthenticateResponse()
                    .errorCode(ErrorCode.SASL_AUTHENTICATION_FAILED.code())
                    .errorMessage(failure);
        }
        return new SaslAuthenticateResponse().authBytes(answer).sessionLifetimeMs(lifetimeMs(tokens.mechanism()));
    }

    private long lifetimeMs(String mechanism) {
        Mechanism settled = settings.find(mechanism);
        return state instanceof Authenticated && settled != null ? Math.max(0, settled.maxReauthMs()) : 0;
    }

    /** Takes a token that came as it is, and returns what is to be sent in the same way; null if that is nothing. */
    public byte @Nullable [] token(byte[] token) {
        if (state instanceof Tokens tokens) {
            return take(tokens, token);
        }
        state = new Failed("the mechanism must not change in re-authentication");
        return null;
    }

    private byte @Nullable [] take(Tokens tokens, byte[] token) {
        Outcome outcome = tokens.exchange().take(token);
        if (outcome instanceof Outcome.Challenge challenge) {
            state = new Tokens(tokens.mechanism(), challenge.next(), tokens.framed(), tokens.before());
            return challenge.token();
        }
        if (outcome instanceof Outcome.Success success) {
            return succeed(tokens, success);
        }
        String message = ((Outcome.Failure) outcome).message();
        String what = tokens.before() == null ? "authentication" : "re-authentication";
        state = new Failed(
                message != null
                        ? message
                        : "Authentication failed during " + what + " due to invalid credentials with SASL mechanism "
                                + tokens.mechanism());
        return null;
    }

    private byte @Nullable [] succeed(Tokens tokens, Outcome.Success success) {
        Authenticated before = tokens.before();
        if (before != null && !before.principal().equals(success.principal())) {
            state = new Failed("Cannot change principals during re-authentication from " + dotted(before.principal())
                    + ": " + dotted(success.principal()));
            return null;
        }
        long maxMs = Objects.requireNonNull(settings.find(tokens.mechanism())).maxReauthMs();
        long end = maxMs > 0 ? nanoTime.getAsLong() + TimeUnit.MILLISECONDS.toNanos(maxMs) : Long.MAX_VALUE;
        long begun = before == null ? Long.MIN_VALUE : before.begunNanos();
        state = new Authenticated(success.principal(), tokens.mechanism(), end, begun);
        whenAuthenticated.accept(success.principal());
        return success.token();
    }

    private static String dotted(Principal principal) {
        return principal.type() + "." + principal.name();
    }
}

package io.gregor.broker.security.sasl;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.broker.access.Principal;
import io.gregor.broker.config.BrokerConfig;
import io.gregor.broker.security.sasl.SaslSession.Verdict;
import io.gregor.wire.message.ApiKey;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.SaslAuthenticateResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What may follow what until a client has authenticated, and when it does so again. */
class SaslSessionTest {
    private static final short RAW = 0;
    private static final short FRAMED = 1;
    private static final long SESSION_MS = 60_000;

    private final List<Principal> told = new ArrayList<>();
    private long nanos = 5;

    private SaslSession session(long maxReauthMs) {
        String jaas = "org.apache.kafka.common.security.plain.PlainLoginModule required user_a=one user_b=two;";
        BrokerConfig config = BrokerConfig.of(Map.of(
                "listeners",
                "PLAINTEXT://localhost:0,SASL_PLAINTEXT://localhost:0",
                "sasl.enabled.mechanisms",
                "PLAIN,SCRAM-SHA-256",
                "connections.max.reauth.ms",
                String.valueOf(maxReauthMs),
                "listener.name.sasl_plaintext.plain.sasl.jaas.config",
                jaas,
                "listener.name.sasl_plaintext.scram-sha-256.sasl.jaas.config",
                "org.apache.kafka.common.security.scram.ScramLoginModule required;"));
        SaslSettings settings =
                SaslSettings.of(config.ofListener("SASL_PLAINTEXT"), (user, mechanism) -> null, new Random(1));
        return new SaslSession(settings, () -> nanos, told::add);
    }

    private static byte[] token(String user, String password) {
        return ("\0" + user + "\0" + password).getBytes(StandardCharsets.UTF_8);
    }

    private SaslSession authenticated(long maxReauthMs) {
        SaslSession session = session(maxReauthMs);
        assertThat(session.check(ApiKey.SASL_HANDSHAKE)).isEqualTo(Verdict.HANDLE);
        session.handshake("PLAIN", FRAMED);
        assertThat(session.authenticate(token("a", "one")).sessionLifetimeMs()).isEqualTo(maxReauthMs);
        return session;
    }

    @Test
    void nothingIsAskedBeforeButTheVersionsOnceAndAMechanism() {
        for (ApiKey api : ApiKey.values()) {
            SaslSession session = session(0);
            boolean allowed = api == ApiKey.SASL_HANDSHAKE || api == ApiKey.API_VERSIONS;
            assertThat(session.check(api)).as(api.name()).isEqualTo(allowed ? Verdict.HANDLE : Verdict.CLOSE);
            assertThat(session.check(ApiKey.SASL_HANDSHAKE)).isEqualTo(allowed ? Verdict.HANDLE : Verdict.CLOSE);
        }
        SaslSession session = session(0);
        session.versionsTold();
        assertThat(session.check(ApiKey.API_VERSIONS)).isEqualTo(Verdict.CLOSE);
    }

    @Test
    void onlyTokensComeAfterAMechanismWasNamed() {
        for (ApiKey api : ApiKey.values()) {
            SaslSession session = session(0);
            session.handshake("PLAIN", FRAMED);
            boolean allowed = api == ApiKey.SASL_AUTHENTICATE;
            assertThat(session.check(api)).as(api.name()).isEqualTo(allowed ? Verdict.HANDLE : Verdict.REFUSE);
        }
        assertThat(told).isEmpty();
    }

    @Test
    void anOldHandshakeIsFollowedByTokensAsTheyAre() {
        SaslSession session = session(0);
        session.handshake("PLAIN", RAW);
        assertThat(session.expectsToken()).isTrue();
        assertThat(session.token(token("b", "two"))).isEmpty();
        assertThat(session.expectsToken()).isFalse();
        assertThat(session.check(ApiKey.METADATA)).isEqualTo(Verdict.HANDLE);
        assertThat(told).containsExactly(Principal.user("b"));
    }

    @Test
    void whoIsRefusedGetsNoSecondTry() {
        SaslSession session = session(0);
        session.handshake("PLAIN", FRAMED);
        assertThat(session.authenticate(token("a", "two")).errorCode())
                .isEqualTo(ErrorCode.SASL_AUTHENTICATION_FAILED.code());
        assertThat(session.check(ApiKey.SASL_AUTHENTICATE)).isEqualTo(Verdict.CLOSE);
        assertThat(session.check(ApiKey.METADATA)).isEqualTo(Verdict.CLOSE);
        assertThat(told).isEmpty();
        SaslSession other = session(0);
        assertThat(other.handshake("GSSAPI", FRAMED).errorCode())
                .isEqualTo(ErrorCode.UNSUPPORTED_SASL_MECHANISM.code());
        assertThat(other.check(ApiKey.SASL_HANDSHAKE)).isEqualTo(Verdict.CLOSE);
    }

    @Test
    void aSessionThatEndsIsRenewedInTimeOrClosed() {
        SaslSession session = authenticated(SESSION_MS);
        nanos += TimeUnit.MILLISECONDS.toNanos(SESSION_MS);
        assertThat(session.check(ApiKey.METADATA)).isEqualTo(Verdict.HANDLE);
        assertThat(session.check(ApiKey.SASL_HANDSHAKE)).isEqualTo(Verdict.HANDLE);
        session.handshake("PLAIN", FRAMED);
        assertThat(session.check(ApiKey.METADATA)).isEqualTo(Verdict.REFUSE);
        SaslSession renewed = authenticated(SESSION_MS);
        renewed.handshake("PLAIN", FRAMED);
        assertThat(renewed.authenticate(token("a", "one")).sessionLifetimeMs()).isEqualTo(SESSION_MS);
        assertThat(renewed.handshake("PLAIN", FRAMED).errorCode())
                .as("at most once a second")
                .isEqualTo(ErrorCode.ILLEGAL_SASL_STATE.code());
        nanos += TimeUnit.MILLISECONDS.toNanos(SESSION_MS) + 1;
        assertThat(renewed.check(ApiKey.METADATA)).isEqualTo(Verdict.CLOSE);
    }

    @Test
    void nobodyBecomesSomebodyElse() {
        SaslSession session = authenticated(SESSION_MS);
        session.handshake("PLAIN", FRAMED);
        SaslAuthenticateResponse response = session.authenticate(token("b", "two"));
        assertThat(response.errorMessage())
                .isEqualTo("Cannot change principals during re-authentication from User.a: User.b");
        assertThat(told).containsExactly(Principal.user("a"));
        SaslSession other = authenticated(SESSION_MS);
        assertThat(other.handshake("SCRAM-SHA-256", FRAMED).errorCode()).isZero();
        assertThat(other.token(token("a", "one"))).isNull();
        assertThat(other.failure()).isNotNull();
    }

    @Test
    void aSessionWithoutAnEndIsNotRenewed() {
        SaslSession session = authenticated(0);
        assertThat(session.check(ApiKey.SASL_HANDSHAKE)).isEqualTo(Verdict.HANDLE);
        assertThat(session.handshake("PLAIN", FRAMED).errorCode()).isEqualTo(ErrorCode.ILLEGAL_SASL_STATE.code());
        assertThat(session.authenticate(token("a", "one")).errorCode()).isEqualTo(ErrorCode.ILLEGAL_SASL_STATE.code());
        assertThat(session.check(ApiKey.METADATA)).isEqualTo(Verdict.HANDLE);
    }
}

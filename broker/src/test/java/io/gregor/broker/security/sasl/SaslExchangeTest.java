package io.gregor.broker.security.sasl;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.broker.security.sasl.SaslExchange.Outcome;
import io.gregor.wire.message.UserScramCredentialRecord;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.NameCallback;
import javax.security.auth.login.AppConfigurationEntry;
import javax.security.sasl.SaslException;
import javax.security.sasl.SaslServer;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.security.auth.AuthenticateCallbackHandler;
import org.apache.kafka.common.security.plain.PlainAuthenticateCallback;
import org.apache.kafka.common.security.plain.internals.PlainSaslServer;
import org.apache.kafka.common.security.scram.ScramCredential;
import org.apache.kafka.common.security.scram.ScramCredentialCallback;
import org.apache.kafka.common.security.scram.internals.ScramFormatter;
import org.apache.kafka.common.security.scram.internals.ScramMechanism;
import org.apache.kafka.common.security.scram.internals.ScramSaslServer;
import org.junit.jupiter.api.Test;

/** What mechanisms make of tokens, compared with Apache Kafka's own classes: right ones, wrong ones, and garbage. */
class SaslExchangeTest {
    private static final int SEEDS = 10_000;
    private static final String USER = "a=b";
    private static final String SAID_USER = "a=3Db";
    private static final String PASSWORD = "secret";
    private static final ScramMechanism MECHANISM = ScramMechanism.SCRAM_SHA_256;

    private final ScramFormatter formatter = new ScramFormatter(MECHANISM);
    private final ScramCredential credential = formatter.generateCredential(PASSWORD, 4096);
    private final ScramCredential weak =
            new ScramCredential(credential.salt(), credential.storedKey(), credential.serverKey(), 4095);

    SaslExchangeTest() throws Exception {}

    /** What became of a token, in words, but for nonces and signatures. */
    private record Seen(String what, byte[] answer) {}

    private Seen ours(SaslExchange[] exchange, byte[] token) {
        Outcome outcome = exchange[0].take(token);
        if (outcome instanceof Outcome.Challenge challenge) {
            exchange[0] = challenge.next();
            return new Seen("challenge", challenge.token());
        }
        if (outcome instanceof Outcome.Success success) {
            return new Seen("success " + success.principal().name(), success.token());
        }
        return new Seen("failure " + ((Outcome.Failure) outcome).message(), new byte[0]);
    }

    private static Seen kafkas(SaslServer server, byte[] token) {
        try {
            byte[] answer = server.evaluateResponse(token);
            return new Seen(server.isComplete() ? "success " + server.getAuthorizationID() : "challenge", answer);
        } catch (SaslAuthenticationException e) {
            return new Seen("failure " + e.getMessage(), new byte[0]);
        } catch (SaslException | IllegalArgumentException e) {
            // The latter, of a proof that is too short, leaves a client without an answer.
            return new Seen("failure null", new byte[0]);
        }
    }

    private static AuthenticateCallbackHandler handler(ScramCredential good, ScramCredential weak) {
        return new AuthenticateCallbackHandler() {
            @Override
            public void configure(Map<String, ?> configs, String mechanism, List<AppConfigurationEntry> entries) {
                // Nothing is configured.
            }

            @Override
            public void close() {
                // Nothing is open.
            }

            @Override
            public void handle(Callback[] callbacks) {
                String name = ((NameCallback) callbacks[0]).getDefaultName();
                if (callbacks[1] instanceof PlainAuthenticateCallback plain) {
                    plain.authenticated(name.equals(USER) && Arrays.equals(plain.password(), PASSWORD.toCharArray()));
                } else if (callbacks[1] instanceof ScramCredentialCallback scram) {
                    scram.scramCredential(name.equals(USER) ? good : name.equals("weak") ? weak : null);
                }
            }
        };
    }

    @Test
    void plainTokensMeanWhatTheyMeanToKafka() {
        PlainExchange exchange = new PlainExchange(Map.of(USER, PASSWORD, "other", "x"));
        for (int seed = 0; seed < SEEDS; seed++) {
            Random random = new Random(seed);
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(6); i >= 0; i--) {
                text.append(one(random, "", "\0", "\0", USER, USER, PASSWORD, PASSWORD, "x", "ü", "nobody"));
            }
            if (random.nextInt(4) == 0) {
                text = new StringBuilder(
                        one(random, "", USER, "x") + "\0" + one(random, USER, "x") + "\0" + one(random, PASSWORD, "x"));
            }
            byte[] token = text.toString().getBytes(StandardCharsets.UTF_8);
            Seen kafkas = kafkas(new PlainSaslServer(handler(credential, weak)), token);
            assertThat(ours(new SaslExchange[] {exchange}, token).what())
                    .as("seed " + seed)
                    .isEqualTo(kafkas.what());
        }
    }

    @Test
    void scramTokensMeanWhatTheyMeanToKafka() throws Exception {
        ScramCredentials credentials =
                (user, mechanism) -> user.equals(USER) ? record(credential) : user.equals("weak") ? record(weak) : null;
        int successes = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            Random random = new Random(seed);
            byte[] first = damaged(
                    random,
                    one(random, "n,,", "n,,", "n,a=" + SAID_USER + ",", "n,a=x,", "y,,", "p=x,,")
                            + "n=" + one(random, SAID_USER, SAID_USER, SAID_USER, "weak", "nobody", "a=b", "")
                            + ",r=" + one(random, "abc", "abc", "a b", "")
                            + one(random, "", "", "", ",x=y", ",tokenauth=false", ",=", ",1=2"));
            SaslExchange[] exchange = {new ScramExchange(ScramHash.SHA_256, credentials, () -> "nonce")};
            SaslServer server = new ScramSaslServer(MECHANISM, Map.of(), handler(credential, weak));
            Seen ours = ours(exchange, first);
            Seen kafkas = kafkas(server, first);
            assertThat(ours.what()).as("seed %s: %s", seed, text(first)).isEqualTo(kafkas.what());
            if (ours.what().equals("challenge")) {
                Random same = new Random(seed);
                Seen last = ours(exchange, last(same, first, text(ours.answer())));
                same = new Random(seed);
                Seen kafkasLast = kafkas(server, last(same, first, text(kafkas.answer())));
                assertThat(last.what()).as("seed %s: %s", seed, text(first)).isEqualTo(kafkasLast.what());
                successes += last.what().startsWith("success") ? 1 : 0;
            }
        }
        assertThat(successes).isGreaterThan(SEEDS / 200);
    }

    private byte[] last(Random random, byte[] first, String challenge) throws Exception {
        String bare = text(first).substring(text(first).indexOf("n=", 2));
        String nonce = challenge.substring(2, challenge.indexOf(','));
        String without = "c=" + one(random, "biws", "biws", "biws", "x") + ",r="
                + one(random, nonce, nonce, nonce, nonce + "x", nonce.substring(1));
        byte[] said = (bare + "," + challenge + "," + without).getBytes(StandardCharsets.UTF_8);
        byte[] key = formatter.clientKey(formatter.saltedPassword(PASSWORD, credential.salt(), 4096));
        byte[] signature = formatter.hmac(credential.storedKey(), said);
        for (int i = 0; i < key.length; i++) {
            key[i] ^= signature[i];
        }
        String proof = Base64.getEncoder().encodeToString(key);
        return damaged(random, without + ",p=" + one(random, proof, proof, proof, "AAAA", "", "=", proof + "="));
    }

    private static UserScramCredentialRecord record(ScramCredential credential) {
        return new UserScramCredentialRecord()
                .salt(credential.salt())
                .storedKey(credential.storedKey())
                .serverKey(credential.serverKey())
                .iterations(credential.iterations());
    }

    /** Most are as they are. */
    private static byte[] damaged(Random random, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (random.nextInt(8) == 0 && bytes.length > 0) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        return random.nextInt(16) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length + 2)) : bytes;
    }

    private static String text(byte[] token) {
        return new String(token, StandardCharsets.UTF_8);
    }

    private static String one(Random random, String... texts) {
        return texts[random.nextInt(texts.length)];
    }
}

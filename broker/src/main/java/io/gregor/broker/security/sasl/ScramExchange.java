package io.gregor.broker.security.sasl;

import io.gregor.broker.access.Principal;
import io.gregor.wire.message.UserScramCredentialRecord;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.function.Supplier;

/**
 * The mechanisms SCRAM-SHA-256 and SCRAM-SHA-512 (RFC 5802): the client shows that it knows the password without saying
 * it. Immutable. Like Apache Kafka's it does not bind to a channel.
 *
 * @param nonces texts that nobody can guess
 */
record ScramExchange(ScramHash hash, ScramCredentials credentials, Supplier<String> nonces) implements SaslExchange {
    @Override
    public Outcome take(byte[] token) {
        ScramMessage first = ScramMessage.first(token);
        if (first == null || "true".equals(first.attributes().get("tokenauth"))) {
            // There are no delegation tokens.
            return Outcome.Failure.UNSAID;
        }
        String user = first.user();
        UserScramCredentialRecord credential = credentials.find(user, hash.number());
        if (credential == null) {
            return Outcome.Failure.UNSAID;
        }
        String actsFor = first.actsFor();
        if (actsFor != null && !actsFor.isEmpty() && !actsFor.equals(user)) {
            return new Outcome.Failure(
                    "Authentication failed: Client requested an authorization id that is different from username");
        }
        if (credential.iterations() < ScramHash.ITERATIONS_MIN) {
            return Outcome.Failure.UNSAID;
        }
        String nonce = first.nonce() + nonces.get();
        String answer = "r=" + nonce + ",s=" + Base64.getEncoder().encodeToString(credential.salt()) + ",i="
                + credential.iterations();
        return new Outcome.Challenge(
                answer.getBytes(StandardCharsets.US_ASCII),
                new Last(hash, credential, nonce, first.text() + "," + answer, user));
    }

    /**
     * What is left when the client has been told its salt.
     *
     * @param saidBefore both messages, as they go into the proof
     */
    private record Last(
            ScramHash hash, UserScramCredentialRecord credential, String nonce, String saidBefore, String user)
            implements SaslExchange {
        @Override
        public Outcome take(byte[] token) {
            ScramMessage last = ScramMessage.last(token);
            String withoutProof = last == null ? null : last.withoutProof();
            byte[] proof = last == null ? null : last.bytes("p");
            if (last == null
                    || proof == null
                    || withoutProof == null
                    || !last.nonce().equals(nonce)) {
                return Outcome.Failure.UNSAID;
            }
            byte[] said = (saidBefore + "," + withoutProof).getBytes(StandardCharsets.US_ASCII);
            if (!isProof(proof, said)) {
                return Outcome.Failure.UNSAID;
            }
            byte[] signature = hash.hmac(credential.serverKey(), said);
            String answer = "v=" + Base64.getEncoder().encodeToString(signature);
            return new Outcome.Success(answer.getBytes(StandardCharsets.US_ASCII), Principal.user(user));
        }

        /** Whether the client knows the key whose hash is stored. */
        private boolean isProof(byte[] proof, byte[] said) {
            byte[] key = hash.hmac(credential.storedKey(), said);
            if (proof.length != key.length) {
                return false;
            }
            for (int i = 0; i < key.length; i++) {
                key[i] ^= proof[i];
            }
            return MessageDigest.isEqual(hash.hash(key), credential.storedKey());
        }

        /** Keys are not shown. */
        @Override
        public String toString() {
            return "ScramExchange of " + user;
        }
    }
}

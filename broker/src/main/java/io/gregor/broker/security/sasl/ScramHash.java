package io.gregor.broker.security.sasl;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** The two ways in which SCRAM hashes; the number is that of the metadata. */
enum ScramHash {
    SHA_256("SCRAM-SHA-256", 1, "SHA-256", "HmacSHA256"),
    SHA_512("SCRAM-SHA-512", 2, "SHA-512", "HmacSHA512");

    /** Credentials with fewer are not accepted. */
    static final int ITERATIONS_MIN = 4096;

    private final String mechanism;
    private final byte number;
    private final String digest;
    private final String mac;

    ScramHash(String mechanism, int number, String digest, String mac) {
        this.mechanism = mechanism;
        this.number = (byte) number;
        this.digest = digest;
        this.mac = mac;
    }

    static Optional<ScramHash> of(String mechanism) {
        return Arrays.stream(values())
                .filter(hash -> hash.mechanism.equals(mechanism))
                .findFirst();
    }

    byte number() {
        return number;
    }

    byte[] hash(byte[] bytes) {
        try {
            return MessageDigest.getInstance(digest).digest(bytes);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JVM has " + digest, e);
        }
    }

    byte[] hmac(byte[] key, byte[] bytes) {
        try {
            Mac keyed = Mac.getInstance(mac);
            keyed.init(new SecretKeySpec(key, mac));
            return keyed.doFinal(bytes);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JVM has " + mac, e);
        }
    }
}

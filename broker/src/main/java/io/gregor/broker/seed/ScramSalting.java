package io.gregor.broker.seed;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/** How a password becomes what a broker keeps of it (RFC 5802), which is done by whoever makes a user. */
enum ScramSalting {
    SHA_256("SCRAM-SHA-256", 1, "PBKDF2WithHmacSHA256", 256),
    SHA_512("SCRAM-SHA-512", 2, "PBKDF2WithHmacSHA512", 512);

    static final int LEAST_ITERATIONS = 4096;
    static final int MOST_ITERATIONS = 16384;

    private final String mechanism;
    private final byte number;
    private final String algorithm;
    private final int bits;

    ScramSalting(String mechanism, int number, String algorithm, int bits) {
        this.mechanism = mechanism;
        this.number = (byte) number;
        this.algorithm = algorithm;
        this.bits = bits;
    }

    static Optional<ScramSalting> of(String mechanism) {
        return Arrays.stream(values())
                .filter(salting -> salting.mechanism.equals(mechanism))
                .findFirst();
    }

    String mechanism() {
        return mechanism;
    }

    byte number() {
        return number;
    }

    byte[] salted(String password, byte[] salt, int iterations) {
        try {
            PBEKeySpec spec = new PBEKeySpec(password.toCharArray(), salt, iterations, bits);
            return SecretKeyFactory.getInstance(algorithm).generateSecret(spec).getEncoded();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JVM has " + algorithm, e);
        }
    }
}

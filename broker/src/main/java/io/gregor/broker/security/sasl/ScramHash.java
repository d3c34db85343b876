package io.gregor.broker.security.sasl;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/** The two ways in which SCRAM hashes (RFC 5802); the number is that of the metadata. */
public enum ScramHash {
    SHA_256("SCRAM-SHA-256", 1, "SHA-256", "HmacSHA256"),
    SHA_512("SCRAM-SHA-512", 2, "SHA-512", "HmacSHA512");

    /** Credentials with fewer are not accepted. */
    public static final int ITERATIONS_MIN = 4096;

    public static final int ITERATIONS_MAX = 16384;

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

    public static Optional<ScramHash> of(String mechanism) {
        return Arrays.stream(values())
                .filter(hash -> hash.mechanism.equals(mechanism))
                .findFirst();
    }

    public String mechanism() {
        return mechanism;
    }

    public byte number() {
        return number;
    }

    /** What is kept of a password instead of it. */
    public byte[] salted(String password, byte[] salt, int iterations) {
        int bits = hash(salt).length * Byte.SIZE;
        PBEKeySpec spec = new PBEKeySpec(password.toCharArray(), salt, iterations, bits);
        try {
            return SecretKeyFactory.getInstance("PBKDF2With" + mac)
                    .generateSecret(spec)
                    .getEncoded();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JVM has PBKDF2With" + mac, e);
        }
    }

    /** That by which a client knows the broker, of what is kept of a password. */
    public byte[] serverKey(byte[] salted) {
        return hmac(salted, "Server Key".getBytes(StandardCharsets.UTF_8));
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

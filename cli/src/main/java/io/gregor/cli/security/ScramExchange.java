package io.gregor.cli.security;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * SCRAM (RFC 5802): shows that it knows the password without telling it, and wants to be shown the same. Confined to
 * one thread.
 */
final class ScramExchange implements SaslExchange {
    /** As Apache Kafka's clients: fewer would let somebody who pretends to be the broker find out the password. */
    private static final int ITERATIONS_MIN = 4096;

    /** Work for some seconds: no broker asks for more. */
    private static final int ITERATIONS_MAX = 10_000_000;

    private static final int NONCE_BYTES = 24;
    private static final String NO_BINDING = "n,,";

    private final String digest;
    private final String mac;
    private final String password;
    private final String nonce;
    private final String first;
    private byte @Nullable [] expected;

    /**
     * @param hash SHA-256 or SHA-512
     * @param nonce text without a comma that nobody can guess
     */
    ScramExchange(String hash, String user, String password, String nonce) {
        this.digest = hash;
        this.mac = "HmacSHA" + hash.substring("SHA-".length());
        this.password = password;
        this.nonce = nonce;
        first = "n=" + user.replace("=", "=3D").replace(",", "=2C") + ",r=" + nonce;
    }

    /** With a nonce of its own. */
    static ScramExchange of(String hash, String user, String password) {
        byte[] nonce = new byte[NONCE_BYTES];
        new SecureRandom().nextBytes(nonce);
        return new ScramExchange(hash, user, password, Base64.getEncoder().encodeToString(nonce));
    }

    @Override
    public byte[] begin() {
        return (NO_BINDING + first).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public byte @Nullable [] next(byte[] answer) throws IOException {
        String text = new String(answer, StandardCharsets.UTF_8);
        Map<String, String> attributes = attributes(text);
        if (attributes.containsKey("e")) {
            throw new IOException("the login is refused: " + attributes.get("e"));
        }
        try {
            if (expected == null) {
                return proof(text, attributes).getBytes(StandardCharsets.UTF_8);
            }
            if (!MessageDigest.isEqual(expected, decoded(attributes, "v"))) {
                throw new IOException("the broker does not know the password itself");
            }
            return null;
        } catch (GeneralSecurityException e) {
            throw new IOException("this JVM has no " + mac, e);
        }
    }

    private String proof(String text, Map<String, String> attributes) throws IOException, GeneralSecurityException {
        String both = attributes.getOrDefault("r", "");
        if (!both.startsWith(nonce) || both.length() == nonce.length()) {
            throw new IOException("the broker answers another login");
        }
        byte[] salted = salted(decoded(attributes, "s"), iterations(attributes.getOrDefault("i", "")));
        byte[] clientKey = hmac(salted, "Client Key");
        String last =
                "c=" + Base64.getEncoder().encodeToString(NO_BINDING.getBytes(StandardCharsets.UTF_8)) + ",r=" + both;
        String signed = first + "," + text + "," + last;
        expected = hmac(hmac(salted, "Server Key"), signed);
        byte[] proof = hmac(MessageDigest.getInstance(digest).digest(clientKey), signed);
        for (int i = 0; i < proof.length; i++) {
            proof[i] ^= clientKey[i];
        }
        return last + ",p=" + Base64.getEncoder().encodeToString(proof);
    }

    private static int iterations(String text) throws IOException {
        int iterations;
        try {
            iterations = Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IOException("the broker's answer has no number of iterations", e);
        }
        if (iterations < ITERATIONS_MIN || iterations > ITERATIONS_MAX) {
            throw new IOException("the broker wants " + iterations + " iterations, allowed is from " + ITERATIONS_MIN
                    + " to " + ITERATIONS_MAX);
        }
        return iterations;
    }

    private byte[] salted(byte[] salt, int iterations) throws GeneralSecurityException {
        int bits = MessageDigest.getInstance(digest).getDigestLength() * Byte.SIZE;
        return SecretKeyFactory.getInstance("PBKDF2With" + mac)
                .generateSecret(new PBEKeySpec(password.toCharArray(), salt, iterations, bits))
                .getEncoded();
    }

    private byte[] hmac(byte[] key, String text) throws GeneralSecurityException {
        Mac signer = Mac.getInstance(mac);
        signer.init(new SecretKeySpec(key, mac));
        return signer.doFinal(text.getBytes(StandardCharsets.UTF_8));
    }

    private static Map<String, String> attributes(String text) {
        Map<String, String> attributes = new HashMap<>();
        for (String attribute : text.split(",", -1)) {
            int equals = attribute.indexOf('=');
            if (equals > 0) {
                attributes.put(attribute.substring(0, equals), attribute.substring(equals + 1));
            }
        }
        return attributes;
    }

    private static byte[] decoded(Map<String, String> attributes, String name) throws IOException {
        try {
            byte[] bytes = Base64.getDecoder().decode(attributes.getOrDefault(name, ""));
            if (bytes.length > 0) {
                return bytes;
            }
        } catch (IllegalArgumentException e) {
            throw new IOException("the broker's answer has a part that is no base 64", e);
        }
        throw new IOException("the broker's answer lacks a part");
    }
}

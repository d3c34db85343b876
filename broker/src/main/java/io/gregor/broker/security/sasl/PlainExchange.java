package io.gregor.broker.security.sasl;

import io.gregor.broker.access.Principal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Map;

/**
 * The mechanism PLAIN (RFC 4616): one token with name and password. Immutable. Passwords are compared in a time that
 * tells nothing of them, and of users that do not exist as of others.
 *
 * @param passwords by user
 */
record PlainExchange(Map<String, String> passwords) implements SaslExchange {
    private static final String SEPARATOR = "\0";
    private static final int PARTS = 3;

    @Override
    public Outcome take(byte[] token) {
        String[] parts = new String(token, StandardCharsets.UTF_8).split(SEPARATOR, -1);
        if (parts.length != PARTS) {
            // What is behind the fourth is not looked at.
            return new Outcome.Failure(
                    "Invalid SASL/PLAIN response: expected 3 tokens, got " + Math.min(parts.length, PARTS + 1));
        }
        if (parts[1].isEmpty() || parts[2].isEmpty()) {
            return new Outcome.Failure(
                    "Authentication failed: " + (parts[1].isEmpty() ? "username" : "password") + " not specified");
        }
        String actsFor = parts[0];
        String user = parts[1];
        String known = passwords.get(user);
        byte[] given = parts[2].getBytes(StandardCharsets.UTF_8);
        byte[] expected = known == null ? new byte[given.length] : known.getBytes(StandardCharsets.UTF_8);
        if (!MessageDigest.isEqual(given, expected) || known == null) {
            return new Outcome.Failure("Authentication failed: Invalid username or password");
        }
        if (!actsFor.isEmpty() && !actsFor.equals(user)) {
            return new Outcome.Failure(
                    "Authentication failed: Client requested an authorization id that is different from username");
        }
        return new Outcome.Success(new byte[0], Principal.user(user));
    }

    /** Passwords are not shown. */
    @Override
    public String toString() {
        return "PlainExchange";
    }
}

package io.gregor.cli.security;

import java.security.SecureRandom;
import java.util.Base64;

/** Text that nobody can guess. Pure but for its randomness. */
final class Nonce {
    private static final int BYTES = 24;

    private Nonce() {}

    static String random() {
        byte[] bytes = new byte[BYTES];
        new SecureRandom().nextBytes(bytes);
        return Base64.getEncoder().encodeToString(bytes);
    }
}

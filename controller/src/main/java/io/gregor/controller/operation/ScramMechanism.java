package io.gregor.controller.operation;

/** How SCRAM hashes (RFC 5802); numbered as in the protocol. */
enum ScramMechanism {
    UNKNOWN("", ""),
    SHA_256("SHA-256", "HmacSHA256"),
    SHA_512("SHA-512", "HmacSHA512");

    private final String digest;
    private final String mac;

    ScramMechanism(String digest, String mac) {
        this.digest = digest;
        this.mac = mac;
    }

    static ScramMechanism of(byte number) {
        return switch (number) {
            case 1 -> SHA_256;
            case 2 -> SHA_512;
            default -> UNKNOWN;
        };
    }

    String digest() {
        return digest;
    }

    String mac() {
        return mac;
    }
}

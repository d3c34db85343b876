package io.gregor.broker.config;

/** How a listener protects what it says, and finds out who its clients are. */
public enum SecurityProtocol {
    PLAINTEXT(false, false),
    SSL(true, false),
    SASL_PLAINTEXT(false, true),
    SASL_SSL(true, true);

    private final boolean encrypts;
    private final boolean sasl;

    SecurityProtocol(boolean encrypts, boolean sasl) {
        this.encrypts = encrypts;
        this.sasl = sasl;
    }

    /** Whether everything goes through TLS. */
    public boolean encrypts() {
        return encrypts;
    }

    /** Whether a client authenticates before it may ask anything. */
    public boolean usesSasl() {
        return sasl;
    }
}
